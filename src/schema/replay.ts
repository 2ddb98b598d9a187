import type { Change } from './change.ts'
import type { Verdict } from './labels.ts'
import type { Severity } from './scores.ts'

/** One alert that a change brings or takes: a token-day, or a principal-day where the entity changes. */
export interface AlertChange {
  readonly tenantId: string
  readonly principalId: string
  readonly tokenId: string
  /** UTC. */
  readonly day: string
  readonly title: string
  readonly severity: Severity
  /** Highest of the day, 0-100; null where that side has no traffic of it. */
  readonly riskBefore: number | null
  readonly riskAfter: number | null
  /** Why the side without the alert does not show it. */
  readonly because: string
  /** Known incidents that the day belongs to. */
  readonly incidents: readonly string[]
  readonly verdict: Verdict | null
}

/** What one side of a replay comes to. */
export interface ReplaySide {
  /** name@version of each model used, with its content id. */
  readonly models: readonly { readonly model: string; readonly contentId: string }[]
  /** Alerts a day; the last day's where it changed within the period. */
  readonly budgetPerDay: number
  /** Least score that raises an alert before the filter; null where the budget has none (see scoreThreshold). */
  readonly scoreThreshold: number | null
  /** Shown to analysts. */
  readonly alerts: number
  readonly alertsPerDay: number
  /** Token-days a day that the score alone would have alerted: what the budget was solved for. */
  readonly beforeFilterPerDay: number
  readonly heldBack: number
  readonly analystHours: number
  readonly analystHoursPerDay: number
  /** Alerts shown that labels or verdicts speak of, and how many of them are misuse. */
  readonly judged: number
  readonly truePositives: number
  /** truePositives / judged; null when nothing is judged. */
  readonly precision: number | null
  readonly incidentsFound: number
  /** Of the order by risk of the token-days that labels or verdicts speak of; null where they know no misuse, or nothing else. */
  readonly averagePrecision: number | null
}

export interface KnownIncident {
  readonly incidentId: string
  /** Null where it is known from verdicts. */
  readonly attackType: string | null
  /** Days of it within the period, UTC. */
  readonly days: readonly string[]
}

/** What a change would have done to the stored history. */
export interface ReplayReport {
  readonly change: Change
  /** UTC; `to` is exclusive. */
  readonly from: Date
  readonly to: Date
  readonly days: number
  readonly minutesPerAlert: number
  readonly before: ReplaySide
  readonly after: ReplaySide
  /** Alerts that both sides show. */
  readonly kept: number
  /** Days of known incidents first, then the highest risk. */
  readonly gained: readonly AlertChange[]
  readonly lost: readonly AlertChange[]
  readonly incidents: {
    readonly knownFrom: 'labels' | 'verdicts' | null
    readonly known: number
    readonly gained: readonly KnownIncident[]
    readonly lost: readonly KnownIncident[]
  }
  /** Stored alerts of the period, and how many of them (or instead of them) the replay without the change has otherwise. */
  readonly stored: { readonly alerts: number; readonly differing: number }
  /** What the reader must know to trust the figures. */
  readonly notes: readonly string[]
}
