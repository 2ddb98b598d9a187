import type { Random } from '../../../src/lib/random.ts'
import { RANGE_VIEWS, type RangeView } from '../../../src/schema/explore.ts'
import type { components } from '../../../src/server/api-types.ts'

export type Body = components['schemas']['ExploreBrushes']
type Answer = components['schemas']['ExploreAnswer']

/** A question that the page could ask, and what kind of brushing it stands for. */
export interface Question {
  readonly kind: string
  readonly body: Body
}

/** The page's own list lengths. */
const LISTED = { mostValues: 8, mostRows: 20 }

export const KINDS = ['no brush', 'one range', 'one list', 'a range and a list', 'three ranges and two lists']

/** Random brushes over what an answer without brushes shows: `each` of every kind. */
export function makeQuestions(all: Answer, each: number, random: Random): Question[] {
  return KINDS.flatMap(kind =>
    Array.from({ length: each }, (_, i) => {
      const draw = random.fork(kind, i)
      // Another number of rows each time: an answer that was given before would come from memory.
      const mostRows = LISTED.mostRows + (i % 150)
      return { kind, body: { ...LISTED, mostRows, ...brushes(kind, all, draw) } }
    }),
  )
}

function brushes(kind: string, all: Answer, random: Random): Body {
  const [ranges, lists] = {
    'no brush': [0, 0],
    'one range': [1, 0],
    'one list': [0, 1],
    'a range and a list': [1, 1],
  }[kind] ?? [3, 2]
  const views = random.shuffle([...RANGE_VIEWS]).slice(0, ranges)
  const named = random.shuffle(Object.keys(all.values) as (keyof Answer['values'])[]).slice(0, lists)
  return {
    ranges: Object.fromEntries(views.map(view => [view, range(view, all, random)])),
    values: Object.fromEntries(
      named.map(view => {
        const known = all.values[view].values.map(one => one.value)
        return [view, random.shuffle(known).slice(0, 1 + random.int(Math.min(3, known.length)))]
      }),
    ),
  }
}

/** A part of a view's bins, as a dragged brush has it. */
function range(view: RangeView, { ranges }: Answer, random: Random) {
  const { from, width, bins } = ranges[view]
  const [a, b] = [random.int(bins.length), random.int(bins.length)]
  const edges = [from + Math.min(a, b) * width, from + (Math.max(a, b) + 1) * width]
  const [low, high] = view === 'time' ? edges.map(ms => new Date(ms).toISOString()) : edges
  return { from: low, to: high }
}
