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
    /** Digest of the stamps of the days trained on: the same data has the same hash. */
    readonly dataHash: string
  }
  readonly clusters: { readonly count: number; readonly stability: number | null }
  readonly filter: FilterSummary
  /** SHA-256 of each file of the version, hex. */
  readonly checksums: Readonly<Record<string, string>>
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
