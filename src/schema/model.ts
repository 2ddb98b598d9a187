import type { Config } from './config.ts'
import type { LabelOrigin, Verdict } from './labels.ts'

/** What a model version says of itself: `models/<name>/<version>/manifest.json`. */
export interface Manifest {
  readonly formatVersion: 1
  readonly name: string
  /** 1, 2, 3... within the name. */
  readonly version: number
  readonly createdAt: string
  /** Of the feature definitions that it was trained on; others are refused. */
  readonly featureFingerprint: string
  /** Names of the own features among them. @default none */
  readonly ownFeatures?: readonly string[]
  readonly seed: number
  readonly config: Config
  readonly training: {
    /** UTC, ISO 8601; `until` is exclusive. */
    readonly from: string
    readonly until: string
    readonly days: number
    readonly tokens: number
    /** Token-hours of the period, and how many of them were drawn to fit on. */
    readonly windows: number
    readonly fittedWindows: number
    /** Token-hours left out because labels or verdicts call them misuse. */
    readonly excludedWindows: number
    /** Token-hours under alerts that nobody cleared: calibrated on, but not fitted on. Absent in models of earlier versions. */
    readonly heldWindows?: number
    /** Digest of the stamps of the days trained on: the same data has the same hash. */
    readonly dataHash: string
    /** Digest of the token-hours that labels and verdicts called misuse; null in models made before it was kept. */
    readonly misuseHash: string | null
  }
  readonly clusters: { readonly count: number; readonly stability: number | null }
  readonly filter: FilterSummary
  /** How far the reasons given are those that made the scores; absent in models of earlier versions. */
  readonly explanations?: ExplanationFidelity
  /** SHA-256 of each file of the version, hex, by its path within the folder. */
  readonly checksums: Readonly<Record<string, string>>
  /** What the model is, whatever it is called and whenever it was made: see contentIdOf. 64 hex digits. */
  readonly contentId: string
}

/** What a filter was, or could have been, trained on. */
export interface LabelCounts {
  /** Labelled alerts by where their label comes from. */
  readonly origins?: Partial<Record<LabelOrigin, number>>
  /** Verdicts in the workspace, by kind; duplicates train nothing. */
  readonly verdicts?: Partial<Record<Verdict, number>>
}

/** Held-out comparison of the order of labelled alerts with and without the filter. */
export interface ChampionReport {
  /** What the filter adds to the score: a net beside the verdicts on alike alerts, those alone, or nothing but a threshold. */
  readonly learner: 'score' | 'alike' | 'net'
  /** Neither average precision is lowered. */
  readonly wins: boolean
  /** Average precision by score alone, and with the filter, each judged by nets that saw other tokens. */
  readonly unfiltered: number
  readonly filtered: number
  /** The same on the later part of the period, by a net that saw the earlier one only; null where a part lacks a class. */
  readonly laterUnfiltered: number | null
  readonly laterFiltered: number | null
  readonly aurocUnfiltered: number
  readonly aurocFiltered: number
}

/** Whether the version carries a false-positive filter, and what it measured out of fold. */
export type FilterSummary =
  | { readonly trained: false; readonly because: string; readonly labels?: LabelCounts }
  | {
      readonly trained: true
      readonly alerts: number
      readonly positives: number
      readonly threshold: number
      readonly recall: number
      readonly precision: number
      readonly suppressed: number
      readonly champion: ChampionReport
      readonly labels: LabelCounts
      /** Columns of the training table that alone decide the label. */
      readonly leaks: readonly string[]
    }

/**
 * What the reasons are worth, measured on the highest token-hours of the training period by scoring them again. A score's
 * lift is what it has over that of the same token-hour with every feature that is above its typical value set to that.
 */
export interface ExplanationFidelity {
  /** Token-hours measured, each the highest of its token-day. */
  readonly hours: number
  /** With the first reason alone, the first two, and so on. */
  readonly deletions: readonly DeletionReport[]
  /** Further seeds that the models were fitted with. */
  readonly seeds: number
  /** Mean Jaccard index of the top reasons' codes under those seeds with those under the model's own. */
  readonly stability: number
}

/** What is lost without what the first reasons name, and left with nothing else (DeYoung et al. 2020, ERASER). */
export interface DeletionReport {
  /** Reasons taken of each token-hour. */
  readonly reasons: number
  /** Features that these name, mean. */
  readonly features: number
  /** Share of the lift that is lost when the named features are set to their typical values. */
  readonly comprehensiveness: number
  /** The same for as many features drawn at random. */
  readonly randomComprehensiveness: number
  /** Share of the lift that is left when all others are set to theirs. */
  readonly sufficiency: number
  /** The same for as many features drawn at random. */
  readonly randomSufficiency: number
  /** Share of what would be alerted that no longer is without the named features; null where nothing would be. */
  readonly silenced: number | null
}
