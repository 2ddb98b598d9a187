import { setImmediate } from 'node:timers/promises'
import {
  type ExploreAnswer,
  type ExploredWindow,
  type ExploreQuestion,
  RANGE_VIEWS,
  type RangeAnswer,
  VALUE_VIEWS,
  type ValueAnswer,
  type ValueView,
} from '../../schema/explore.ts'
import { SEVERITIES } from '../../schema/scores.ts'
import { binsOf } from './bins.ts'
import { brushesOf, type Counts, countRows, type Found, openCounts, tallyOf } from './count.ts'
import type { Dictionaries, Segment, TenantRows } from './segment.ts'

/** Scored token-hours in memory, a segment a day. */
export interface Cube {
  readonly dictionaries: Dictionaries
  readonly segments: readonly Segment[]
  readonly daysLeftOut: number
}

/** Rows counted before others have a turn: some milliseconds. */
const ROWS_A_TURN = 100_000

/**
 * Counts the token-hours of each view under the brushes of the others (as crossfilter does), and lists the riskiest under all of them.
 * One pass over the columns in memory, in turns with whatever else the process does; throws what `signal` was aborted with.
 */
export async function explore(
  { dictionaries, segments, daysLeftOut }: Cube,
  question: ExploreQuestion,
  signal?: AbortSignal,
): Promise<ExploreAnswer> {
  const { tenantId, mostRows } = question
  const parts = segments.flatMap(segment => partsOf(segment, tenantId).map(rows => ({ segment, ...rows })))
  const bins = binsOf(reach(parts.map(part => part.times)), reach(parts.map(part => part.scores)))
  const counts = openCounts(bins, dictionaries)
  const brushes = brushesOf(question, dictionaries)
  let windows = 0
  let sinceTurn = 0
  for (const { segment, begin, end } of parts) {
    countRows(counts, segment, begin, end, brushes, mostRows)
    windows += end - begin
    sinceTurn += end - begin
    if (sinceTurn < ROWS_A_TURN) continue
    sinceTurn = 0
    await setImmediate()
    signal?.throwIfAborted()
  }
  return {
    windows,
    matching: counts.matching,
    daysLeftOut,
    ranges: record(RANGE_VIEWS, view => rangeAnswer(counts, view)),
    values: record(VALUE_VIEWS, view => valueAnswer(counts, view, question, dictionaries)),
    rows: counts.top.map(found => windowOf(found, dictionaries)),
  }
}

/** The rows to count: all as one where nothing is kept from the asker, else the tenant's own. */
function partsOf({ tenants, rows }: Segment, tenantId: string | null): Omit<TenantRows, 'tenantId'>[] {
  if (tenantId !== null) return tenants.filter(one => one.tenantId === tenantId)
  if (rows === 0) return []
  return [
    {
      begin: 0,
      end: rows,
      times: reach(tenants.map(one => one.times)),
      scores: reach(tenants.map(one => one.scores)),
    },
  ]
}

/** What all extents span; from infinity to minus infinity without any. */
function reach(extents: readonly (readonly [number, number])[]): [number, number] {
  return extents.reduce<[number, number]>(
    ([low, high], one) => [Math.min(low, one[0]), Math.max(high, one[1])],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
}

function rangeAnswer({ bins, views }: Counts, view: (typeof RANGE_VIEWS)[number]): RangeAnswer {
  const { from, width, count } = bins[view]
  return { from, width, bins: Array.from({ length: count }, (_, bin) => tallyOf(views[view], bin)) }
}

function valueAnswer(
  { views }: Counts,
  view: ValueView,
  { values: chosen, mostValues }: ExploreQuestion,
  { views: dictionaries }: Dictionaries,
): ValueAnswer {
  const dictionary = dictionaries[view]
  const tallies = dictionary.values.map((value, code) => ({ value, ...tallyOf(views[view], code) }))
  const found = tallies
    .filter(one => one.windows > 0)
    .sort((a, b) => b.windows - a.windows || order(a.value, b.value))
  const listed = view === 'severity' ? found : found.slice(0, mostValues)
  const known = new Set(listed.map(one => one.value))
  const wanted = (chosen[view] ?? []).filter(value => !known.has(value))
  const values = [
    ...listed,
    // As if unknown where the asker has none: whether another tenant has the value is not told.
    ...wanted.map(value => found.find(one => one.value === value) ?? { value, windows: 0, risky: 0 }),
  ]
  const more = found.length - values.filter(one => one.windows > 0).length
  return { values: view === 'severity' ? bySeverity(values) : values, more }
}

function bySeverity<T extends { value: string | null }>(values: T[]): T[] {
  const rank = (value: string | null) => (SEVERITIES as readonly string[]).indexOf(value ?? '')
  return values.sort((a, b) => rank(b.value) - rank(a.value))
}

function order(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  return a < b ? -1 : 1
}

function windowOf({ segment, row }: Found, { views, holders }: Dictionaries): ExploredWindow {
  return {
    ...holders.values[segment.holder[row]!]!,
    windowStart: new Date(segment.range.time[row]!),
    risk: segment.range.risk[row]!,
    score: segment.range.score[row]!,
    severity: views.severity.values[segment.single.severity[row]!]!,
    detector: views.detector.values[segment.single.detector[row]!]!,
  }
}

function record<K extends string, T>(keys: readonly K[], of: (key: K) => T): Record<K, T> {
  return Object.fromEntries(keys.map(key => [key, of(key)])) as Record<K, T>
}
