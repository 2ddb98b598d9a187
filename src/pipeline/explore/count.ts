import { ALERT_RISK } from '../../risk/calibrate.ts'
import {
  type ExploreQuestion,
  type Interval,
  LIST_VIEWS,
  RANGE_VIEWS,
  type RangeView,
  SINGLE_VIEWS,
  type Tally,
  VALUE_VIEWS,
  type ValueView,
} from '../../schema/explore.ts'
import type { Bins } from './bins.ts'
import { keyOf } from './dictionary.ts'
import type { Dictionaries, Lists, Segment } from './segment.ts'

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

/** Of each bin or code of a view, under the brushes of the others: windows that are not risky, then those that are. */
export type ViewCounts = Uint32Array

export function tallyOf(counts: ViewCounts, at: number): Tally {
  const risky = counts[2 * at + 1]!
  return { windows: counts[2 * at]! + risky, risky }
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
  const empty = (length: number) => new Uint32Array(2 * length)
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
  const { risk } = segment.range
  const isRisky = new Uint8Array(end - begin)
  for (let i = begin; i < end; i++) {
    isRisky[i - begin] = risk[i]! >= ALERT_RISK ? 1 : 0
    if (failed[i - begin] !== 0) continue
    counts.matching++
    keepTop(counts.top, segment, i, mostRows)
  }
  for (const view of RANGE_VIEWS)
    countBins(
      counts.views[view],
      segment.range[view],
      begin,
      end,
      counts.bins[view],
      failed,
      ~BIT[view],
      isRisky,
    )
  for (const view of SINGLE_VIEWS)
    countCodes(counts.views[view], segment.single[view], begin, end, failed, ~BIT[view], isRisky)
  for (const view of LIST_VIEWS)
    countLists(counts.views[view], segment.lists[view], begin, end, failed, ~BIT[view], isRisky)
}

function countBins(
  counts: ViewCounts,
  values: Float64Array,
  begin: number,
  end: number,
  { from, width, count }: Bins,
  failed: Uint16Array,
  others: number,
  isRisky: Uint8Array,
): void {
  for (let i = begin; i < end; i++) {
    if ((failed[i - begin]! & others) !== 0) continue
    const value = values[i]!
    if (Number.isNaN(value)) continue
    // The last bin takes in its own end: a risk of 100.
    const bin = Math.min(count - 1, Math.max(0, Math.floor((value - from) / width)))
    counts[2 * bin + isRisky[i - begin]!]!++
  }
}

function countCodes(
  counts: ViewCounts,
  codes: Uint32Array,
  begin: number,
  end: number,
  failed: Uint16Array,
  others: number,
  isRisky: Uint8Array,
): void {
  for (let i = begin; i < end; i++) {
    if ((failed[i - begin]! & others) !== 0) continue
    counts[2 * codes[i]! + isRisky[i - begin]!]!++
  }
}

function countLists(
  counts: ViewCounts,
  { offsets, codes }: Lists,
  begin: number,
  end: number,
  failed: Uint16Array,
  others: number,
  isRisky: Uint8Array,
): void {
  let at = offsets[begin]!
  for (let i = begin; i < end; i++) {
    const next = offsets[i + 1]!
    if ((failed[i - begin]! & others) === 0) {
      const risky = isRisky[i - begin]!
      for (; at < next; at++) counts[2 * codes[at]! + risky]!++
    }
    at = next
  }
}

/** The bits of the brushes that each row lies outside of. */
function failures(segment: Segment, begin: number, end: number, { ranges, values }: Brushes): Uint16Array {
  const failed = new Uint16Array(end - begin)
  for (const { view, from, to } of ranges) {
    const column = segment.range[view]
    const bit = BIT[view]
    for (let i = begin; i < end; i++) {
      const at = column[i]!
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

/** By risk, score and time, highest first, then by whose it is. */
function compare(a: Segment, i: number, b: Segment, j: number): number {
  return (
    b.range.risk[j]! - a.range.risk[i]! ||
    b.range.score[j]! - a.range.score[i]! ||
    b.range.time[j]! - a.range.time[i]! ||
    a.holder[i]! - b.holder[j]!
  )
}
