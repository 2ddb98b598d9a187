import type { RangeView } from '../../schema/explore.ts'

/** Equal bins of a quantity: bin b reaches from `from + b * width` to the next edge, exclusive; the last takes its own end in. */
export interface Bins {
  readonly from: number
  readonly width: number
  readonly count: number
}

const HOUR_MS = 3_600_000
const DAY_HOURS = 24
const WEEK_HOURS = 168
/** 1970-01-05, a Monday: weeks begin there. */
const FIRST_MONDAY_MS = 4 * DAY_HOURS * HOUR_MS

/** More bars than these are no wider than a line. */
const MOST_TIME_BINS = 90
const MOST_SCORE_BINS = 50
const TIME_WIDTHS = [1, 3, 6, 12, DAY_HOURS, WEEK_HOURS, 4 * WEEK_HOURS]
const WIDEST = 52 * WEEK_HOURS

/** Bins of time (ms), hours of the day, risk and score, for windows that reach so far. */
export function binsOf(
  times: readonly [number, number],
  scores: readonly [number, number],
): Record<RangeView, Bins> {
  return {
    time: timeBins(times),
    hour: { from: 0, width: 1, count: DAY_HOURS },
    risk: { from: 0, width: 2, count: 50 },
    score: roundBins(scores, MOST_SCORE_BINS),
  }
}

function timeBins([first, last]: readonly [number, number]): Bins {
  if (first > last) return { from: 0, width: HOUR_MS, count: 0 }
  const width = (TIME_WIDTHS.find(one => last - first < MOST_TIME_BINS * one * HOUR_MS) ?? WIDEST) * HOUR_MS
  const origin = width >= WEEK_HOURS * HOUR_MS ? FIRST_MONDAY_MS : 0
  const from = origin + Math.floor((first - origin) / width) * width
  return { from, width, count: Math.floor((last - from) / width) + 1 }
}

/** Bins whose width is 1, 2 or 5 times a power of ten, as few above `most` as never. */
function roundBins([low, high]: readonly [number, number], most: number): Bins {
  if (low > high) return { from: 0, width: 1, count: 0 }
  const least = Math.max((high - low) / (most - 1), Number.EPSILON)
  const power = 10 ** Math.floor(Math.log10(least))
  const width = [1, 2, 5, 10].map(factor => factor * power).find(one => one >= least)!
  const from = Math.floor(low / width) * width
  return { from, width, count: Math.max(1, Math.floor((high - from) / width) + 1) }
}
