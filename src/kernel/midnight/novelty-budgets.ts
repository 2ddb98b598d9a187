import { BUDGET_FACETS } from '../../features/metrics.ts'
import { FEATURE_PARAMETERS } from '../../features/parameters.ts'
import { medianOf } from '../../stats/median.ts'
import type { History } from '../history/history.ts'
import { SETTLED_AGE } from '../history/novelty.ts'
import { RING_DAYS, ringSlot, slotBefore } from '../memory.ts'
import type { Entities } from '../values.ts'
import type { Descent } from './descent.ts'
import { LEAST_TENANT_TOKENS, tokensByTenant } from './drift.ts'
import type { TokenPasts } from './token-past.ts'

const { historyDays } = FEATURE_PARAMETERS
const FACETS = BUDGET_FACETS.length

/** Days over which first-seen values are added up: a slow campaign spreads a few a day over a week or more. */
const BUDGET_DAYS = 7

/** Days before them that a token must have been active on. */
const LEAST_PAST_DAYS = 5

/** First-seen values of one token within and before the budget's days. */
interface Counts {
  recentDays: number
  pastDays: number
  readonly recent: Float64Array
  readonly past: Float64Array
  readonly hasAny: Uint8Array
}

/**
 * First-seen values of the last 7 days against the token's earlier rate, by token and budget facet: (k - e) / sqrt(e + 1) with k the
 * count and e what the rate before leads to expect; NaN for tokens younger than the budget, and without any first use. What half of the
 * tenant's tokens show beyond their rates is expected of each: a release comes to all.
 */
export function noveltyBudgets(
  history: History,
  entities: Entities,
  descent: Descent,
  pasts: TokenPasts,
  day: number,
): Float64Array {
  const budgets = new Float64Array(pasts.tokens * FACETS).fill(Number.NaN)
  const column = new Float64Array(pasts.tokens)
  for (const tokens of tokensByTenant(pasts, entities, descent)) {
    const counted = tokens
      .map(token => ({ token, counts: countsOf(history, descent.membersOf.get(token) ?? [token], day) }))
      .filter(({ counts }) => counts.pastDays >= LEAST_PAST_DAYS)
    for (let f = 0; f < FACETS; f++) {
      let n = 0
      for (const { token, counts } of counted) {
        // As in drift: who borrows a past adds nothing to what is common.
        if (counts.recentDays > 0 && !descent.borrowers.has(token))
          column[n++] = counts.recent[f]! - expected(counts, f)
      }
      const common = n >= LEAST_TENANT_TOKENS ? Math.max(0, medianOf(column, n)) : 0
      for (const { token, counts } of counted) {
        if (counts.hasAny[f] === 0) continue
        const likely = expected(counts, f) + common
        budgets[token * FACETS + f] = (counts.recent[f]! - likely) / Math.sqrt(likely + 1)
      }
    }
  }
  return budgets
}

function expected({ past, pastDays, recentDays }: Counts, facet: number): number {
  return (past[facet]! / pastDays) * recentDays
}

function countsOf({ rings }: History, members: readonly number[], day: number): Counts {
  const counts: Counts = {
    recentDays: 0,
    pastDays: 0,
    recent: new Float64Array(FACETS),
    past: new Float64Array(FACETS),
    hasAny: new Uint8Array(FACETS),
  }
  let slot = ringSlot(day)
  for (let back = 1; back <= historyDays; back++) {
    slot = slotBefore(slot)
    let isActive = false
    for (const member of members) {
      const age = rings.noveltyAge[member * RING_DAYS + slot]!
      if (age === 0) continue
      isActive = true
      if (age - 1 < SETTLED_AGE) continue
      const sums = back <= BUDGET_DAYS ? counts.recent : counts.past
      for (let f = 0; f < FACETS; f++) {
        const fresh = rings.fresh[(member * FACETS + f) * RING_DAYS + slot]!
        if (fresh === 0) continue
        sums[f]! += fresh
        counts.hasAny[f] = 1
      }
    }
    if (isActive && back <= BUDGET_DAYS) counts.recentDays++
    else if (isActive) counts.pastDays++
  }
  return counts
}
