/** Moments of the events of a batch. */
export interface Span {
  readonly first: Date
  readonly last: Date
}

export interface Period {
  readonly from: Date
  readonly to: Date
}

/**
 * Up to where live scoring has come, and what a batch makes it score again. What comes late by up to a day is scored at once; older
 * days wait for the next run that catches up, as each costs as much as a day.
 */
export interface Frontier {
  /** The period to score for a batch; null when all of it is too old to be scored at once. Its end is no whole hour: the next run goes on with that hour. */
  touched(span: Span, isHurried: boolean): Period | null
  /** What was scored in a hurry since the last batch that was not; it is scored again with the next one that is not. */
  readonly hurried: Period | null
  /** All up to here is scored. */
  reached(to: Date): void
  /** Whether days wait for a run that catches up. */
  readonly isBehind: boolean
  sinceCaughtUpMs(): number
  caughtUp(): void
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const floorTo = (ms: number, step: number) => Math.floor(ms / step) * step

/** @param scored up to where earlier runs scored */
export function createFrontier(scored: Date): Frontier {
  let reached = scored.getTime()
  let isBehind = false
  let hurried: Period | null = null
  let caughtUpAt = performance.now()
  return {
    touched({ first, last }, isHurried) {
      const until = last.getTime() + 1
      const oldest = floorTo(reached, DAY_MS) - DAY_MS
      if (first.getTime() < oldest) isBehind = true
      if (last.getTime() < oldest) return null
      // Hours between what is scored and the batch must not be left out, nor what was scored after it keep an old past.
      const begin = Math.min(reached, Math.max(first.getTime(), oldest))
      const owed = hurried === null ? begin : Math.min(begin, hurried.from.getTime())
      const to = new Date(Math.max(until, reached))
      hurried = isHurried ? { from: new Date(floorTo(owed, HOUR_MS)), to } : null
      return { from: new Date(floorTo(isHurried ? begin : owed, HOUR_MS)), to }
    },
    reached(to) {
      reached = Math.max(reached, to.getTime())
    },
    get hurried() {
      return hurried
    },
    get isBehind() {
      return isBehind
    },
    sinceCaughtUpMs: () => performance.now() - caughtUpAt,
    caughtUp() {
      isBehind = false
      caughtUpAt = performance.now()
    },
  }
}
