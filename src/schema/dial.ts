/** What an alert budget solves to, and what it costs on the days at hand. */
export interface BudgetCost {
  /** The budget asked for, and what training promises at its threshold. */
  readonly perDay: number
  /** Least score that raises an alert before the filter; null where the budget exceeds every token-day, or no score is that rare. */
  readonly scoreThreshold: number | null
  readonly days: number
  /** Alerts shown to analysts a day. */
  readonly observedPerDay: number
  /** Token-days a day whose score alone reaches the threshold; null where only alerts are at hand. */
  readonly beforeFilterPerDay: number | null
  /** Alerts shown that a label or a verdict speaks of, and how many of those are misuse. */
  readonly judged: number
  readonly truePositives: number
  /** truePositives / judged; null when nothing is judged. */
  readonly precision: number | null
}
