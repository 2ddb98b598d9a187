import {
  type ExploreQuestion,
  type Interval,
  LIST_VIEWS,
  RANGE_VIEWS,
  type RangeView,
  SINGLE_VIEWS,
  VALUE_VIEWS,
  type ValueView,
} from '../../schema/explore.ts'
import type { Bins } from './bins.ts'
import { keyOf } from './dictionary.ts'
import type { Dictionaries, Segment } from './segment.ts'

/** A risk that raises an alert. */
const ALERT_RISK = 50
const HOUR_MS = 3_600_000
const DAY_HOURS = 24

const VIEWS = [...RANGE_VIEWS, ...VALUE_VIEWS]
/** Each view's own bit of what a window fails. */
const BIT = Object.fromEntries(VIEWS.map((view, i) => [view, 1 << i])) as Record<
  (typeof VIEWS)[number],
  number
>

/** A question with its values as codes. */
export interface Brushes {
  readonly ranges: readonly { readonly view: RangeView; readonly from: number; readonly to: number }[]
  /** `chosen[code]` is 1 for the values asked for; codes beyond its end are not among them. */
  readonly values: readonly { readonly view: ValueView; readonly chosen: Uint8Array }[]
}

export function brushesOf(question: ExploreQuestion, { views }: Dictionaries): Brushes {
  const ranges = Object.entries(question.ranges) as [RangeView, Interval][]
  const values = Object.entries(question.values) as [ValueView, readonly (string | null)[]][]
  return {
    ranges: ranges.map(([view, { from, to }]) => ({
      view,
      from: from ?? Number.NEGATIVE_INFINITY,
      to: to ?? Number.POSITIVE_INFINITY,
    })),
    values: values.map(([view, wanted]) => {
      const chosen = new Uint8Array(views[view].values.length)
      for (const value of wanted) {
        const code = views[view].find(keyOf(value))
        if (code !== undefined) chosen[code] = 1
      }
      return { view, chosen }
    }),
  }
}

/** Windows and risky windows of each bin or code of a view, under the brushes of the other views. */
export interface ViewCounts {
  readonly windows: Uint32Array
  readonly risky: Uint32Array
}

/** A window under all brushes. */
export interface Found {
  readonly segment: Segment
  readonly row: number
}

/** What is counted so far. */
export interface Counts {
  matching: number
  readonly bins: Readonly<Record<RangeView, Bins>>
  readonly views: Readonly<Record<RangeView | ValueView, ViewCounts>>
  /** The riskiest under all brushes, highest first. */
  readonly top: Found[]
}

export function openCounts(bins: Record<RangeView, Bins>, { views }: Dictionaries): Counts {
  const empty = (length: number) => ({ windows: new Uint32Array(length), risky: new Uint32Array(length) })
  const ranges = RANGE_VIEWS.map(view => [view, empty(bins[view].count)])
  const values = VALUE_VIEWS.map(view => [view, empty(views[view].values.length)])
  return { matching: 0, bins, views: Object.fromEntries([...ranges, ...values]), top: [] }
}

/**
 * Adds rows `begin` to `end` (exclusive) of a segment. What a row fails is written down first, one bit a view; a view then counts the
 * rows that fail nothing, or itself alone. Column by column: each loop reads one array and stays short.
 */
export function countRows(
  counts: Counts,
  segment: Segment,
  begin: number,
  end: number,
  brushes: Brushes,
  mostRows: number,
): void {
  const failed = failures(segment, begin, end, brushes)
  const { risk } = segment
  const isRisky = new Uint8Array(end - begin)
  for (let i = begin; i < end; i++) {
    isRisky[i - begin] = risk[i]! >= ALERT_RISK ? 1 : 0
    if (failed[i - begin] !== 0) continue
    counts.matching++
    keepTop(counts.top, segment, i, mostRows)
  }
  for (const view of RANGE_VIEWS) {
    const { windows, risky } = counts.views[view]
    const { from, width, count } = counts.bins[view]
    const value = rangeColumn(segment, view)
    const others = ~BIT[view]
    for (let i = begin; i < end; i++) {
      if ((failed[i - begin]! & others) !== 0) continue
      const at = value(i)
      if (Number.isNaN(at)) continue
      // The last bin takes in its own end: a risk of 100.
      const bin = Math.min(count - 1, Math.max(0, Math.floor((at - from) / width)))
      windows[bin]!++
      risky[bin]! += isRisky[i - begin]!
    }
  }
  for (const view of SINGLE_VIEWS) {
    const { windows, risky } = counts.views[view]
    const codes = segment.single[view]
    const others = ~BIT[view]
    for (let i = begin; i < end; i++) {
      if ((failed[i - begin]! & others) !== 0) continue
      windows[codes[i]!]!++
      risky[codes[i]!]! += isRisky[i - begin]!
    }
  }
  for (const view of LIST_VIEWS) {
    const { windows, risky } = counts.views[view]
    const { offsets, codes } = segment.lists[view]
    const others = ~BIT[view]
    for (let i = begin; i < end; i++) {
      if ((failed[i - begin]! & others) !== 0) continue
      for (let at = offsets[i]!; at < offsets[i + 1]!; at++) {
        windows[codes[at]!]!++
        risky[codes[at]!]! += isRisky[i - begin]!
      }
    }
  }
}

/** The bits of the brushes that each row lies outside of. */
function failures(segment: Segment, begin: number, end: number, { ranges, values }: Brushes): Uint16Array {
  const failed = new Uint16Array(end - begin)
  for (const { view, from, to } of ranges) {
    const value = rangeColumn(segment, view)
    const bit = BIT[view]
    for (let i = begin; i < end; i++) {
      const at = value(i)
      if (!(at >= from && at < to)) failed[i - begin]! |= bit
    }
  }
  for (const { view, chosen } of values) {
    const bit = BIT[view]
    if (isSingle(view)) {
      const codes = segment.single[view]
      for (let i = begin; i < end; i++) if (chosen[codes[i]!] !== 1) failed[i - begin]! |= bit
    } else {
      const { offsets, codes } = segment.lists[view]
      for (let i = begin; i < end; i++) {
        let at = offsets[i]!
        const last = offsets[i + 1]!
        while (at < last && chosen[codes[at]!] !== 1) at++
        if (at === last) failed[i - begin]! |= bit
      }
    }
  }
  return failed
}

const isSingle = (view: ValueView): view is (typeof SINGLE_VIEWS)[number] =>
  (SINGLE_VIEWS as readonly string[]).includes(view)

/** The quantity of a view by row, in the unit of its intervals. */
function rangeColumn({ hour, risk, score }: Segment, view: RangeView): (row: number) => number {
  if (view === 'time') return row => hour[row]! * HOUR_MS
  if (view === 'hour') return row => hour[row]! % DAY_HOURS
  const column = view === 'risk' ? risk : score
  return row => column[row]!
}

/** Puts a row among the riskiest, if it is one of them. */
function keepTop(top: Found[], segment: Segment, row: number, most: number): void {
  if (most === 0) return
  const last = top.length === most ? top[most - 1]! : undefined
  if (last !== undefined && compare(segment, row, last.segment, last.row) >= 0) return
  let at = top.length
  while (at > 0 && compare(segment, row, top[at - 1]!.segment, top[at - 1]!.row) < 0) at--
  top.splice(at, 0, { segment, row })
  if (top.length > most) top.pop()
}

/** By risk, score and hour, highest first, then by whose it is. */
function compare(a: Segment, i: number, b: Segment, j: number): number {
  return (
    b.risk[j]! - a.risk[i]! ||
    b.score[j]! - a.score[i]! ||
    b.hour[j]! - a.hour[i]! ||
    a.holder[i]! - b.holder[j]!
  )
}
