import type { Sketch } from '../lib/sketch.ts'

/** What is sketched of token-hours: features, what the models say of them, and the score. */
export type DriftKind = 'feature' | 'model' | 'score'

/** One column of the training period, as later periods are compared with it. */
export interface ReferenceColumn {
  readonly name: string
  readonly kind: DriftKind
  /** Share of the highest hundredth of the training scores that this column makes, 0-1; the columns add up to 1, the score has 0. */
  readonly weight: number
  /** Stability index beyond chance of single training days against the whole: the 90th percentile over the days, weekends among them. */
  readonly usual: number
  /** The same of the upper tenth alone. */
  readonly usualUpper: number
  readonly sketch: Sketch
}

/** `models/<name>/<version>/drift.json`: the distributions that a model was trained on. */
export interface DriftReference {
  readonly formatVersion: 1
  readonly columns: readonly ReferenceColumn[]
}

/** A sketch on the knots of a reference, which are left out. */
export type CountsOnly = Omit<Sketch, 'knots'>

/** `data/scores/date=<day>/.sketches.json`: a scored day on the knots of the model that scored it. */
export interface DaySketches {
  readonly formatVersion: 1
  /** name@version. */
  readonly model: string
  /** Checksum of the model's drift.json: the knots that the counts refer to. */
  readonly reference: string
  /** In the order of the reference's columns. */
  readonly columns: readonly CountsOnly[]
}

/** Customary bounds of the stability index (Siddiqi 2006). */
export const MODERATE_PSI = 0.1
export const STRONG_PSI = 0.25

/** stable: nothing beyond chance and usual swings; moderate and strong by the customary bounds of the index. */
export type DriftLevel = 'stable' | 'moderate' | 'strong'

/** How far one column of a period lies from training. */
export interface ColumnDrift {
  readonly name: string
  readonly kind: DriftKind
  readonly weight: number
  /** Population stability index, and what chance alone would make of it at this sample size. */
  readonly psi: number
  readonly psiByChance: number
  /** Swing that training itself showed, for a period of as many days. */
  readonly usual: number
  /** psi beyond chance and the usual swing, >= 0. */
  readonly excess: number
  /** Probability without drift, adjusted for the number of columns, 0-1. */
  readonly p: number
  /** The same of the upper tenth of training alone, all below being one bin: only there do values add to the score. */
  readonly upperExcess: number
  readonly upperP: number
  /** Kolmogorov-Smirnov statistic at the knots, 0-1, and its probability without drift, not adjusted. */
  readonly ks: number
  readonly ksP: number
  /** By excess and p; `upperLevel` by those of the upper tenth. */
  readonly level: DriftLevel
  readonly upperLevel: DriftLevel
  /** Null where no value is known. */
  readonly trainingMedian: number | null
  readonly periodMedian: number | null
  /** Share of rows above the 99th percentile of training. */
  readonly trainingTail: number | null
  readonly periodTail: number | null
  /** Share of missing values, 0-1. */
  readonly trainingMissing: number
  readonly periodMissing: number
  /** Independent rows that the period is worth. */
  readonly effectiveRows: number
}

/** How far a period lies from what a model was trained on. */
export interface PeriodDrift {
  /** Token-hours. */
  readonly trainingRows: number
  readonly periodRows: number
  readonly days: number
  /** Those that matter most to the score first, then the furthest. */
  readonly columns: readonly ColumnDrift[]
  /** Sum over the columns whose upper tenth drifted of weight x upperExcess: drift of what makes high scores. */
  readonly weighted: number
  /** Of the score itself; null without rows. */
  readonly score: ColumnDrift | null
}
