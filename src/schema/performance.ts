import type { Estimate } from './evaluation.ts'
import type { Verdict } from './labels.ts'

export type VerdictCounts = Readonly<Record<Verdict, number>>

/** How the alerts of a week (or of all weeks) fared, by the newest verdict of each. */
export interface PerformancePeriod {
  /** UTC day, YYYY-MM-DD: a Monday. */
  readonly start: string
  /** Days with scores. */
  readonly days: number
  /** In the queue: neither held back nor explored. */
  readonly alerts: number
  readonly alertsPerDay: number | null
  /** Detection rate: alerts judged true_positive, a scored day. */
  readonly confirmedPerDay: number | null
  /** Of the alerts shown. */
  readonly verdicts: VerdictCounts
  readonly unjudged: number
  readonly unjudgedShare: number | null
  /** true_positive among true_positive, false_positive and benign_trigger, with Wilson's 95 % interval. Unjudged and duplicates count nowhere. */
  readonly precision: Estimate
  /** Alerts held back by the filter or a suppression, sampled ones included, and what was said of those that somebody judged all the same. */
  readonly suppressed: number
  readonly suppressedVerdicts: VerdictCounts
  /** Share of the misuse among alerts shown and suppressed that was shown; nulls until suppressed alerts were judged. */
  readonly recallAmongRaised: Estimate
  /** Labelled token-days with scores, and the share of them with an alert shown; null without labels. */
  readonly labelledTokenDays: number | null
  readonly recallOfLabels: Estimate | null
}

export interface Performance {
  /** Ascending; weeks without scores and alerts are left out. */
  readonly weeks: readonly PerformancePeriod[]
  readonly whole: PerformancePeriod
}
