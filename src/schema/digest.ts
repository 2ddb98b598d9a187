import type { Verdict } from './labels.ts'
import type { PerformancePeriod, VerdictCounts } from './performance.ts'
import type { RunCommand, RunStatus } from './run.ts'
import type { Severity } from './scores.ts'

/**
 * What happened in a week (or another period) of whole UTC days: plain data, the same in `report.json` and behind `report.html`. Moments are
 * ISO 8601 UTC texts, days are YYYY-MM-DD, `to` is exclusive, unknown numbers are null.
 */
export interface Digest {
  /** Of this record's form. */
  readonly formatVersion: 1
  /** Verdicts, statuses and tokens are as they were known then. */
  readonly createdAt: string
  readonly from: string
  readonly to: string
  /** ISO week, 2026-W41; null for another period. */
  readonly week: string | null
  readonly days: number
  /** Alerts a day that the team can handle, and minutes that one takes. */
  readonly budgetPerDay: number
  readonly minutesPerAlert: number
  readonly alerts: PerformancePeriod
  /** As many days before; null where nothing was scored then. */
  readonly before: PerformancePeriod | null
  /** Of the queue, how many repeat another alert of their incident. */
  readonly folded: number
  /** Every day of the period, then up to eight weeks with scores up to its end, both ascending. */
  readonly daily: readonly DigestDay[]
  readonly weeks: readonly PerformancePeriod[]
  /** Begun in the period; open ones first, then by risk. */
  readonly incidents: readonly DigestIncident[]
  readonly filter: DigestFilter | null
  readonly suppressions: DigestSuppressions
  /** The riskiest at the end of the period, at most ten. */
  readonly tokens: readonly DigestToken[]
  /** Actions of playbooks that were proposed or moved on in the period, latest first. */
  readonly responses: readonly DigestResponse[]
  readonly data: DigestData
  /** Null where the workspace has none. */
  readonly model: DigestModel | null
  /** What a reader must know before believing the figures. */
  readonly notes: readonly string[]
}

export interface DigestDay {
  readonly day: string
  readonly isScored: boolean
  /** In the queue, by what was said of them; the four and `unjudged` add up to `alerts`. */
  readonly alerts: number
  readonly verdicts: VerdictCounts
  readonly unjudged: number
  /** Held back by filter or suppression. */
  readonly held: number
  /** In the log, whether or not scored. */
  readonly events: number
}

/** Where an incident stands: with an open alert; all closed, one as misuse; all closed otherwise. */
export const INCIDENT_STANDS = ['open', 'confirmed', 'cleared'] as const
export type IncidentStand = (typeof INCIDENT_STANDS)[number]

export interface DigestIncident {
  readonly incidentId: string
  /** Of its riskiest alert. */
  readonly title: string
  readonly severity: Severity
  readonly risk: number
  readonly firstSeen: string
  readonly lastSeen: string
  readonly stand: IncidentStand
  /** What its alerts were judged as, each once. */
  readonly verdicts: readonly Verdict[]
  readonly assignee: string | null
  readonly notes: readonly string[]
  readonly alerts: number
  readonly tenants: readonly string[]
  readonly principals: readonly string[]
  readonly tokens: readonly string[]
  readonly techniques: readonly string[]
  /** What happened, in time order: a line an alert with its strongest reasons, at most six. */
  readonly story: readonly { readonly at: string; readonly text: string }[]
}

/** What the filter of the model in use holds back, over all of its time, and what may be missed by it. */
export interface DigestFilter {
  readonly state: 'on' | 'off' | 'none'
  readonly heldBack: number
  readonly sampled: number
  readonly truePositives: number
  /** Upper 95 % bounds: share of those held back that may be misuse, and how many that is. */
  readonly missedShareBound: number
  readonly missedBound: number
  readonly because: string
}

export interface DigestSuppressions {
  readonly active: number
  /** Alerts of the period that they held back. */
  readonly heldBack: number
  /** Those that end within two weeks of the end of the period, and those that ended in it; soonest first. */
  readonly ending: readonly DigestSuppression[]
}

export interface DigestSuppression {
  readonly suppressionId: number
  /** What it covers: `token acme/t-1, reason bulk_export`. */
  readonly scope: string
  readonly because: string
  readonly owner: string
  readonly expiresAt: string
  readonly isExpired: boolean
  /** Alerts held back so far. */
  readonly hits: number
}

export interface DigestToken {
  readonly tenantId: string
  readonly principalId: string
  readonly tokenId: string
  readonly entityRisk: number
  readonly openAlerts: number
  readonly lastAlert: string
}

export interface DigestResponse {
  readonly action: string
  readonly target: string
  readonly playbook: string
  readonly status: string
  readonly dryRun: boolean
  readonly changedAt: string
  readonly changedBy: string
}

export interface DigestData {
  /** Events in the log of the period, and of as many days before. */
  readonly events: number
  readonly eventsBefore: number
  /** Days of the period that are not scored. */
  readonly unscoredDays: readonly string[]
  /** Runs that began in the period. */
  readonly runs: readonly DigestRuns[]
  /** The latest failures, at most five. */
  readonly failures: readonly { readonly command: RunCommand; readonly at: string; readonly error: string }[]
  /** Log rows that ingest read and rejected in those runs. */
  readonly rowsRead: number
  readonly rowsRejected: number
  /** From the end of the last hour scored to the end of the run: median and longest of the scorings; null without any. */
  readonly medianLagSeconds: number | null
  readonly longestLagSeconds: number | null
  /** Logging outages that overlap the period, as sentences. */
  readonly gaps: readonly string[]
}

export interface DigestRuns {
  readonly command: RunCommand
  readonly count: number
  readonly byStatus: Readonly<Partial<Record<RunStatus, number>>>
}

export interface DigestModel {
  /** name@version. */
  readonly model: string
  readonly trainedFrom: string
  readonly trainedUntil: string
  readonly createdAt: string
  readonly hasFilter: boolean
  /** Over the week that ends with the last day scored; null for models that kept no distributions. */
  readonly drift: DigestDrift | null
}

export interface DigestDrift {
  readonly from: string
  readonly to: string
  /** Stability index beyond chance, weighted by what makes high scores, and the bound of the configuration. */
  readonly weighted: number
  readonly warnAbove: number
  readonly score: number | null
  readonly isBeyond: boolean
  /** What moved most of what matters, at most five. */
  readonly columns: readonly {
    readonly name: string
    readonly excess: number
    readonly level: string
    readonly trainingMedian: number | null
    readonly periodMedian: number | null
  }[]
}
