import type { DriftLevel } from './drift.ts'
import type { ExplanationFidelity } from './model.ts'
import type { Reason } from './scores.ts'

/**
 * What an evaluation found: plain data, the same in `report.json` and behind `report.html`. Moments are ISO 8601 UTC
 * texts, days are YYYY-MM-DD, unknown numbers are null.
 */
export interface EvaluationReport {
  /** Of this record's form. */
  readonly formatVersion: 1
  readonly createdAt: string
  /** name@version of every model whose scores were evaluated. */
  readonly models: readonly string[]
  readonly seed: number
  /** Resamples behind every bootstrap interval. */
  readonly replicates: number
  readonly data: EvaluatedData
  /** Alerts a day at which everything is stated, ascending. */
  readonly budgets: readonly number[]
  /** The budget that single-budget figures refer to: the middle one. */
  readonly referenceBudget: number
  /** Name of the ranking that analysts get: `risk` where a filter changed the order, else `score`. */
  readonly headline: string
  /** Keyhound's rankings first, then the baselines. */
  readonly rankings: readonly RankingReport[]
  /** Each detector's own column as a ranking of token-days, best average precision first. */
  readonly detectors: readonly DetectorReport[]
  readonly slices: readonly SliceReport[]
  readonly incidents: readonly IncidentReport[]
  /** What was injected, measured apart: nothing else of the report counts it. Absent where no label is marked as injected. */
  readonly injected?: InjectedReport
  readonly days: readonly DayReport[]
  readonly topAlerts: readonly TopAlert[]
  /** What the false alerts at the reference budget were about, most first; reports of earlier versions have none. */
  readonly falseAlarms?: readonly FalseAlarmReport[]
  readonly drift: DriftReport
  /** What the reasons of each model are worth, as measured in its training; models without the measurement are left out. */
  readonly explanations?: readonly { readonly model: string; readonly fidelity: ExplanationFidelity }[]
  /** Each budget up to the scored one as a threshold solved from training, not from the period; null where the period has not one model and one budget. */
  readonly dial: readonly DialReport[] | null
  /** At each budget that the queue as raised can fill; reports of earlier versions have none. */
  readonly queue?: readonly QueueReport[]
  /** What a reader must know before believing the figures. */
  readonly notes: readonly string[]
}

/** Counts of what was evaluated; all within [from, to) and, where given, the eligible tokens. */
export interface EvaluatedData {
  readonly from: string
  readonly to: string
  /** UTC days touched by the period. */
  readonly days: number
  readonly events: number
  readonly tokens: number
  readonly tokenHours: number
  readonly tokenDays: number
  readonly positiveTokenHours: number
  readonly positiveTokenDays: number
  readonly incidents: number
  readonly attackTypes: number
  /** Labelled token-hours that scoring left out: counted as missed. */
  readonly unscoredTokenHours: number
  /** Tokens without traffic before `from`. */
  readonly heldOutTokens: number
  readonly labels: {
    readonly kind: 'event' | 'interval'
    readonly rows: number
    /** Rows that match nothing in the workspace's whole history. */
    readonly unmatched: number
  }
}

/** A figure with its 95 % interval. */
export interface Estimate {
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
}

export interface RankingQuality {
  readonly averagePrecision: Estimate
  readonly auroc: Estimate
  readonly baseRate: number
}

export interface RankingReport {
  /** score, risk, or a baseline's name, snake_case. */
  readonly name: string
  readonly title: string
  readonly kind: 'keyhound' | 'baseline'
  readonly doc: string
  readonly tokenHours: RankingQuality
  readonly tokenDays: RankingQuality
  readonly budgets: readonly BudgetReport[]
  readonly attackTypes: readonly AttackTypeReport[]
  /** Precision and recall by token-day, at most 400 points, highest threshold first. */
  readonly curve: readonly CurvePoint[]
  /** 95 % interval of the precision at each twentieth of recall, by the same resamples; of Keyhound's own rankings. */
  readonly band?: readonly BandPoint[]
}

/** Precision at a recall, and where it may lie. */
export interface BandPoint {
  readonly recall: number
  readonly low: number
  readonly high: number
}

export interface CurvePoint {
  readonly threshold: number | null
  readonly precision: number
  readonly recall: number
  /** Alerts over the whole period. */
  readonly alerts: number
}

/** One threshold over the whole period, such that at most perDay x days token-days reach it. */
export interface BudgetReport {
  readonly perDay: number
  /** Null when nothing may be alerted: the highest scores tie in more token-days than the budget allows. */
  readonly threshold: number | null
  readonly alerts: number
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseAlertsPerDay: number
  /** Bootstrap over tokens; the threshold is chosen anew in each resample. At 0 and 1 no narrower than Wilson's interval. */
  readonly precision: Estimate
  readonly recall: Estimate
  readonly incidentsFound: number
  /** Wilson's interval over incidents. */
  readonly incidentRecall: Estimate
  /** Median over the incidents found, from the first malicious event to the end of the first alerted window. */
  readonly medianSecondsToDetect: number | null
}

/** The queue as it was raised, repeats of one incident folded, at an alert budget. */
export interface QueueReport {
  readonly perDay: number
  readonly alerts: number
  /** Of these, on token-days with misuse. */
  readonly truePositives: number
  /** Incidents with a token-day among them. */
  readonly incidentsFound: number
}

export interface AttackTypeReport {
  readonly attackType: string
  readonly incidents: number
  readonly positiveTokenDays: number
  /** Incidents found at each budget of the report, in its order. */
  readonly found: readonly number[]
  /** Rank of its highest token-day among all token-days, 1 = first; ties share the worst rank of the tie. */
  readonly bestRank: number | null
}

export interface DetectorReport {
  /** Without the `detector_` of the column. */
  readonly name: string
  readonly averagePrecision: number | null
  readonly auroc: number | null
  /** Incidents with a token-day in the detector's own alerts at the reference budget. */
  readonly incidentsFound: number
}

/** A part of the token-days, under the headline ranking and the threshold of the reference budget. */
export interface SliceReport {
  readonly group: 'maturity' | 'token_age' | 'history' | 'activity'
  readonly name: string
  readonly tokenDays: number
  readonly positives: number
  readonly alerts: number
  readonly truePositives: number
  readonly precision: number | null
  readonly recall: number | null
  /** Share of the token-days without misuse that are alerted: the same in every slice where scores mean the same. */
  readonly falseAlarmRate: number | null
  readonly averagePrecision: number | null
  readonly baseRate: number | null
}

/** One incident under the headline ranking. */
export interface IncidentReport {
  readonly incidentId: string
  readonly attackType: string
  readonly tokens: number
  readonly tokenDays: number
  /** First malicious event within the period. */
  readonly start: string
  /** Best rank of its token-days, 1 = first. */
  readonly bestRank: number
  /** At each budget of the report, in its order; null where it is missed. */
  readonly secondsToDetect: readonly (number | null)[]
}

/**
 * Injected incidents under the headline ranking and the thresholds of the budgets, which the log's other token-days set alone. Found
 * means that an hour with the incident's own events reaches the threshold.
 */
export interface InjectedReport {
  readonly incidents: number
  readonly tokenDays: number
  /** At each budget of the report, in its order; Wilson's intervals over incidents. */
  readonly recall: readonly Estimate[]
  /** By attack type, then loud, medium, quiet. */
  readonly kinds: readonly InjectedKindReport[]
}

export interface InjectedKindReport {
  readonly attackType: string
  /** Null where the labels do not say. */
  readonly intensity: string | null
  readonly incidents: number
  /** Incidents found at each budget of the report, in its order. */
  readonly found: readonly number[]
  /** Median over incidents of the rank that their highest hour would take among the other token-days, 1 = first; unscored last. */
  readonly medianRank: number
}

/** One UTC day under the headline ranking and the threshold of the reference budget. */
export interface DayReport {
  readonly day: string
  readonly tokenDays: number
  readonly max: number | null
  /** 99th percentile of the day's token-hours. */
  readonly p99: number | null
  readonly alerts: number
  readonly truePositives: number
  readonly positives: number
  /** Highest score of each positive token-day, descending, at most 20. */
  readonly positiveScores: readonly number[]
}

export interface TopAlert {
  readonly rank: number
  readonly day: string
  readonly tenantId: string
  readonly principalId: string | null
  readonly tokenId: string
  /** Start of the highest hour. */
  readonly windowStart: string
  readonly score: number | null
  readonly risk: number | null
  readonly severity: string | null
  readonly maturity: number | null
  readonly positive: boolean
  readonly incidentIds: readonly string[]
  readonly attackTypes: readonly string[]
  readonly reasons: readonly Reason[]
}

/** An alert budget set ahead of the period, as scoring does, and what came of it: rankings set theirs in hindsight. */
export interface DialReport {
  readonly perDay: number
  /** Least score before the filter that the budget solves to; null where none is that rare, or all are. */
  readonly scoreThreshold: number | null
  /** Token-days alerted, suppressions left aside. */
  readonly alerts: number
  readonly alertsPerDay: number
  readonly truePositives: number
  readonly precision: number | null
  /** Share of the positive token-days; null when there are none. */
  readonly recall: number | null
}

/** False alerts whose strongest reason is the same. */
export interface FalseAlarmReport {
  /** In words, as in an alert's title. */
  readonly cause: string
  /** Token-days, and the tokens that they are of. */
  readonly alerts: number
  readonly tokens: number
  /** The strongest reason of the highest of them, and what it names as typical. */
  readonly example: string
  readonly exampleTypical: string | number | null
}

export interface DriftReport {
  /** Token-hours that the model was trained on (without a model's sketches: of those before `from`), and those evaluated, that were compared. */
  readonly trainingRows: number
  readonly evaluatedRows: number
  /** At most 20, furthest first; empty without token-hours before `from`. */
  readonly features: readonly FeatureDrift[]
}

export interface FeatureDrift {
  readonly feature: string
  /** Population stability index, what chance alone would make of it, and its probability without drift, for so many features. */
  readonly psi: number
  readonly psiByChance: number
  readonly p: number
  /** Kolmogorov-Smirnov statistic at the knots of training, 0-1. */
  readonly ks: number
  /** Of the index beyond chance and the usual swing of days: below 0.1 stable, above 0.25 strong; stable where p is above 0.01. */
  readonly level: DriftLevel
  readonly trainingMedian: number | null
  readonly evaluatedMedian: number | null
  /** Share of missing values, 0-1. */
  readonly trainingMissing: number
  readonly evaluatedMissing: number
}
