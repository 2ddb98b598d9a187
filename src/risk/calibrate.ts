import type { Severity } from '../schema/scores.ts'

/**
 * Risk in closed form, from how often a score comes up by chance.
 *
 * Let a(s) be the alerts a day that a threshold at score s would have raised in training (token-days whose highest hour
 * reaches s), and B the alert budget. Then risk = 100 B / (B + a(s)), that is odds(risk) = B / a(s): 50 at the budget, 91 for
 * a score seen once in ten budgets, 99 for once in a hundred. With a filter the odds are multiplied by
 * odds(p) / odds(t), p being its probability and t its threshold. Monotone in s and in p, bounded by 0 and 100.
 */
export function riskOf(
  alertsPerDay: number,
  budgetPerDay: number,
  filter?: { probability: number; threshold: number },
): number {
  let odds = budgetPerDay / Math.max(alertsPerDay, Number.MIN_VALUE)
  if (filter !== undefined) odds *= oddsOf(filter.probability) / oddsOf(filter.threshold)
  // Each step is monotone in floating point, too, and infinite odds give 100.
  return 100 / (1 + 1 / odds)
}

/** Odds of a probability kept within 0.1 % of the ends: a filter never decides alone. */
function oddsOf(probability: number): number {
  const p = Math.min(0.999, Math.max(0.001, probability))
  return p / (1 - p)
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
