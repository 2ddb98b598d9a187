import type { Severity } from '../schema/scores.ts'

/**
 * Risk in closed form, from how often a score comes up by chance.
 *
 * Let a(s) be the alerts a day that a threshold at score s would have raised in training (token-days whose highest hour
 * reaches s), and B the alert budget. Then risk = 100 B / (B + a(s)), that is odds(risk) = B / a(s): 50 at the budget, 91 for
 * a score seen once in ten budgets, 99 for once in a hundred. A filter adds log-odds to those, see {@link FilterSays}. Monotone in
 * s and in what the filter adds, bounded by 0 and 100.
 */
export function riskOf(alertsPerDay: number, budgetPerDay: number, filter?: FilterSays): number {
  const odds = budgetPerDay / Math.max(alertsPerDay, Number.MIN_VALUE)
  const after = filter === undefined ? odds : Math.exp(filteredLogOdds(Math.log(odds), filter))
  // Each step is monotone in floating point, too, and infinite odds give 100.
  return 100 / (1 + 1 / after)
}

export interface FilterSays {
  /** What the filter adds to the log-odds of an alert. */
  readonly logOdds: number
  /** Log-odds, with what the filter adds, below which it holds an alert back. */
  readonly threshold: number
}

/** 999 to 1: a filter never decides alone. */
const MOST_FILTER_LOG_ODDS = Math.log(999)
/** Alerts kept only since the threshold lies below the budget's line are spread over this share of a logit above it. */
const SQUEEZE = 0.01

/**
 * A filter holds back and orders, it never raises: below the line nothing goes up, so the budget holds; above it, alerts below the threshold go
 * under the line, the others stay on or above it.
 */
function filteredLogOdds(before: number, { logOdds, threshold }: FilterSays): number {
  const own = Math.min(MOST_FILTER_LOG_ODDS, Math.max(-MOST_FILTER_LOG_ODDS, logOdds))
  const total = before + own
  if (before < 0) return Math.min(before, total)
  const above = total - threshold
  return above < 0 ? above : Math.max(total - Math.max(0, threshold), SQUEEZE * above)
}

/**
 * The same score's risk under another budget, as {@link riskOf} would say it: what the filter added is worked out of the known
 * risk. Exact for what lay above the line of the known budget; below it, where a filter only lowers, what it may have added is unknown
 * and taken for nothing.
 */
export function riskAtBudget(
  known: { readonly risk: number; readonly budgetPerDay: number },
  alertsPerDay: number,
  budgetPerDay: number,
  threshold: number | null,
): number {
  if (threshold === null) return riskOf(alertsPerDay, budgetPerDay)
  const before = Math.log(known.budgetPerDay / Math.max(alertsPerDay, Number.MIN_VALUE))
  const after = Math.log(known.risk / (100 - known.risk))
  const logOdds = unfiltered(before, after, threshold) - before
  return riskOf(alertsPerDay, budgetPerDay, { logOdds, threshold })
}

/** Inverse of {@link filteredLogOdds}: log-odds and what the filter added, before the threshold. */
function unfiltered(before: number, after: number, threshold: number): number {
  if (before < 0) return after
  if (after < 0) return after + threshold
  const total = after + Math.max(0, threshold)
  const squeezed = SQUEEZE * (total - threshold)
  return squeezed <= after ? total : after / SQUEEZE + threshold
}

/** Risk at which an alert is raised: the alert budget. */
export const ALERT_RISK = 50

/** Lowest risk of each severity, by odds over the budget: 1, 4, 19, 99. */
const SEVERITY_RISKS: readonly (readonly [number, Severity])[] = [
  [99, 'critical'],
  [95, 'high'],
  [80, 'medium'],
  [ALERT_RISK, 'low'],
]

export function severityOf(risk: number): Severity {
  return SEVERITY_RISKS.find(([least]) => risk >= least)?.[1] ?? 'info'
}
