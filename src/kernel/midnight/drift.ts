import { DAILY_METRICS, DRIFT_METRICS } from '../../features/metrics.ts'
import { FEATURE_PARAMETERS } from '../../features/parameters.ts'
import { medianOf } from '../../stats/median.ts'
import type { History } from '../history/history.ts'
import { DAILY_STEP } from '../history/token-rings.ts'
import { RING_DAYS, ringSlot, slotBefore } from '../memory.ts'
import type { Entities } from '../values.ts'
import type { Descent } from './descent.ts'
import type { MissingHours } from './missing.ts'
import type { TokenPasts } from './token-past.ts'

const { historyDays } = FEATURE_PARAMETERS
const METRICS = DRIFT_METRICS.length
/** They come first among the daily totals. */
const DAILY = DAILY_METRICS.length

/** Days of the recent past that slow drift is looked for in, and days before them that it is compared with. */
const RECENT_DAYS = 5
const LEAST_PAST_DAYS = 5

/** Allowance of the CUSUM in robust standard deviations: half the shift to be found (Page 1954; Montgomery's k = 1/2). */
const CUSUM_ALLOWANCE = 0.5

/** Smallest scale of a daily log1p total: below a third of a nat day-to-day changes are noise of small counts. */
const SCALE_FLOOR = 0.3

/** Robust deviations that one day counts at most. */
const MOST_DEVIATIONS = 4

/** Of a normal distribution: standard deviation over median absolute deviation. */
const MAD_SCALE = 1.4826

/** Tokens of a tenant from which their median says what the whole tenant does: of fewer, one drifting token would be half of it. */
export const LEAST_TENANT_TOKENS = 5

/** Robust z scores of the daily totals of one token and metric, the newest day first. */
interface Scores {
  readonly back: Int32Array
  readonly z: Float64Array
}

/**
 * Slow change of each token's daily totals, all from days before this one, by token and drift metric: `cusum`, one-sided CUSUM of
 * robust z scores over the memory (the largest sum up to yesterday, whenever it began, or 0), and `shift`, mean of the last 5 active
 * days less the median before, in robust deviations; NaN with too few days. Growth that half of the tenant's tokens share is taken off
 * each day: a business grows, a thief grows alone.
 */
export class Drift {
  readonly cusum: Float64Array
  readonly shift: Float64Array

  constructor(
    history: History,
    entities: Entities,
    missing: MissingHours,
    descent: Descent,
    pasts: TokenPasts,
    day: number,
  ) {
    this.cusum = new Float64Array(pasts.tokens * METRICS).fill(Number.NaN)
    this.shift = new Float64Array(pasts.tokens * METRICS).fill(Number.NaN)
    const tenants = tokensByTenant(pasts, entities, descent)
    const scored: { token: number; scores: Scores }[] = []
    const column = new Float64Array(pasts.tokens * MOST_MEMBERS)
    const common = new Float64Array(historyDays + 1)
    for (const tokens of tenants) {
      for (let metric = 0; metric < METRICS; metric++) {
        scored.length = 0
        for (const token of tokens) {
          const scores = scoresOf(history, entities, missing, descent, day, token, metric)
          if (scores !== null) scored.push({ token, scores })
        }
        // Who borrows a past adds nothing to what is common: that past counts once, and links of later hours are not known yet.
        commonGrowth(
          scored.filter(one => !descent.borrowers.has(one.token)),
          column,
          common,
        )
        for (const { token, scores } of scored) this.#judge(token * METRICS + metric, scores, common)
      }
    }
  }

  #judge(at: number, { back, z }: Scores, common: Float64Array): void {
    let since = 0
    let largest = Number.NEGATIVE_INFINITY
    let recent = 0
    for (let i = 0; i < z.length; i++) {
      const own = z[i]! - common[back[i]!]!
      since += own - CUSUM_ALLOWANCE
      if (since > largest) largest = since
      if (i < RECENT_DAYS) recent += own
    }
    this.cusum[at] = Math.max(0, largest)
    this.shift[at] = recent / Math.min(RECENT_DAYS, z.length)
  }
}

/** Tokens with a past that is read under their own number, by tenant. */
export function tokensByTenant(pasts: TokenPasts, entities: Entities, descent: Descent): number[][] {
  const tenants: number[][] = Array.from({ length: entities.tenants.count }, () => [])
  for (let token = 0; token < pasts.tokens; token++) {
    const isElsewhere = descent.readersOf.has(token) && !descent.membersOf.has(token)
    if (!Number.isNaN(pasts.lastTime[token]!) && !isElsewhere) tenants[entities.tenantOf[token]!]!.push(token)
  }
  return tenants
}

/** Tokens of one lineage that were used on one day at most, as far as drift looks. */
const MOST_MEMBERS = 8

const totals = new Float64Array(historyDays * MOST_MEMBERS)
const backs = new Int32Array(historyDays * MOST_MEMBERS)
const sorted = new Float64Array(historyDays * MOST_MEMBERS)

function scoresOf(
  { rings }: History,
  entities: Entities,
  missing: MissingHours,
  descent: Descent,
  day: number,
  token: number,
  metric: number,
): Scores | null {
  const members = descent.membersOf.get(token)
  const tenant = entities.tenantOf[token]!
  let days = 0
  let slot = ringSlot(day)
  for (let back = 1; back <= historyDays; back++) {
    slot = slotBefore(slot)
    if (!missing.isEmpty && missing.isPartial(tenant, day - back)) continue
    for (let m = 0; m < Math.min(MOST_MEMBERS, members?.length ?? 1); m++) {
      const member = members === undefined ? token : members[members.length - 1 - m]!
      const total = rings.daily[(member * DAILY + metric) * RING_DAYS + slot]!
      if (total === 0) continue
      totals[days] = total * DAILY_STEP
      backs[days++] = back
    }
  }
  const past = days - RECENT_DAYS
  if (past < LEAST_PAST_DAYS) return null
  for (let i = 0; i < past; i++) sorted[i] = totals[RECENT_DAYS + i]!
  const centre = medianOf(sorted, past)
  for (let i = 0; i < past; i++) sorted[i] = Math.abs(totals[RECENT_DAYS + i]! - centre)
  const scale = Math.max(SCALE_FLOOR, MAD_SCALE * medianOf(sorted, past))
  const z = new Float64Array(days)
  for (let i = 0; i < days; i++) z[i] = Math.min((totals[i]! - centre) / scale, MOST_DEVIATIONS)
  return { back: backs.slice(0, days), z }
}

/** By days back: median over a tenant's tokens of that day's scores, if it is growth and enough tokens say it. */
function commonGrowth(
  scored: readonly { readonly scores: Scores }[],
  column: Float64Array,
  common: Float64Array,
): void {
  // The newest day comes first in every list: each is read once, in step.
  const next = new Int32Array(scored.length)
  for (let back = 1; back <= historyDays; back++) {
    let n = 0
    for (let i = 0; i < scored.length; i++) {
      const { scores } = scored[i]!
      while (scores.back[next[i]!] === back) column[n++] = scores.z[next[i]!++]!
    }
    common[back] = n >= LEAST_TENANT_TOKENS ? Math.max(0, medianOf(column, n)) : 0
  }
}
