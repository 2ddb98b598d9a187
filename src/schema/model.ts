import type { Config } from './config.ts'

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
    /** Digest of the token-hours that labels and verdicts called misuse; null in models made before it was kept. */
    readonly misuseHash: string | null
  }
  readonly clusters: { readonly count: number; readonly stability: number | null }
  readonly filter: FilterSummary
  /** SHA-256 of each file of the version, hex, by its path within the folder. */
  readonly checksums: Readonly<Record<string, string>>
  /** What the model is, whatever it is called and whenever it was made: see contentIdOf. 64 hex digits. */
  readonly contentId: string
}

/** Whether the version carries a false-positive filter, and what it measured out of fold. */
export type FilterSummary =
  | { readonly trained: false; readonly because: string }
  | {
      readonly trained: true
      readonly alerts: number
      readonly positives: number
      readonly threshold: number
      readonly recall: number
      readonly precision: number
      readonly suppressed: number
    }
