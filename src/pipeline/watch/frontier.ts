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
  touched(span: Span, now: Date): Period | null
  /** What was scored while evidence stayed due, to be scored again in a quiet moment. */
  readonly owed: Period | null
  /** A period was scored, and evidence of so many of its alerts stayed due. */
  scored(period: Period, evidenceDue: number): void
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
  let owed: Period | null = null
  let caughtUpAt = performance.now()
  return {
    touched({ first, last }, now) {
      // One stray event of the year 2038 does not make all hours until then count as scored.
      const believed = now.getTime() + DAY_MS
      const until = (first.getTime() > believed ? last.getTime() : Math.min(last.getTime(), believed)) + 1
      const oldest = floorTo(reached, DAY_MS) - DAY_MS
      if (first.getTime() < oldest) isBehind = true
      if (last.getTime() < oldest) return null
      // Hours between what is scored and the batch must not be left out, nor what was scored after it keep an old past.
      const from = Math.min(reached, Math.max(first.getTime(), oldest))
      return { from: new Date(floorTo(from, HOUR_MS)), to: new Date(Math.max(until, reached)) }
    },
    scored(period, evidenceDue) {
      reached = Math.max(reached, period.to.getTime())
      // A day is scored whole.
      const isPaid =
        owed === null || floorTo(owed.from.getTime(), DAY_MS) >= floorTo(period.from.getTime(), DAY_MS)
      if (evidenceDue > 0) owed = isPaid ? period : { from: owed!.from, to: period.to }
      else if (isPaid) owed = null
    },
    get owed() {
      return owed
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
