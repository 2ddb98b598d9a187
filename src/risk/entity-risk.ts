/** One alert of an entity, as far as its risk goes. */
export interface RiskContribution {
  /** 0-100. */
  readonly risk: number
  /** Days since it was last seen; what lies ahead counts as now. */
  readonly ageDays: number
}

/**
 * Risk of an alert after `ageDays`: risk · 2^(−age / halfLife). Half after one half-life, a quarter after two, never more than
 * at first. Answers 0-100.
 */
export function decayedRisk({ risk, ageDays }: RiskContribution, halfLifeDays: number): number {
  return risk * 2 ** (-Math.max(0, ageDays) / halfLifeDays)
}

/**
 * Risk of a token (or any entity) from its alerts: 100 · (1 − Π(1 − rᵢ/100)) over their decayed risks rᵢ, the noisy-or (Pearl 1988,
 * Probabilistic Reasoning in Intelligent Systems): the chance that at least one of them is misuse if each were with
 * probability rᵢ/100 and independently. Bounded by 100, at least the highest, higher with every alert, the same in any order.
 * Alerts of one campaign are not independent: read it as an order of whom to look at first, not as a probability. None: 0.
 */
export function entityRisk(alerts: readonly RiskContribution[], halfLifeDays: number): number {
  // Sorted, so that rounding too is the same in any order.
  const risks = alerts.map(alert => decayedRisk(alert, halfLifeDays)).sort((a, b) => a - b)
  return 100 * (1 - risks.reduce((allBenign, risk) => allBenign * (1 - risk / 100), 1))
}
