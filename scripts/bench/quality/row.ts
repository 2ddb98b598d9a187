import type { EvaluationReport } from '../../../src/schema/evaluation.ts'

/** What a figure must reach. */
export interface Goal {
  readonly is: 'at least' | 'at most'
  readonly value: number
}

/** One measured figure of the report. */
export interface QualityRow {
  /** What of it was measured: a world and seed, a data set. */
  readonly subject: string
  /** The measure: "AP, token-days". */
  readonly measure: string
  /** Share in 0-1 (AP, AUROC, F1, precision, recall) or a number of things. */
  readonly kind: 'share' | 'number'
  readonly value: number
  /** Interval, and what it is of. */
  readonly range?: { readonly low: number; readonly high: number; readonly of: string }
  /** What others reach. */
  readonly reference?: { readonly value: number; readonly of: string }
  /** What chance would reach: share of positives for AP, 0.5 for AUROC. */
  readonly chance?: number
  readonly goal?: Goal
}

export type Verdict = 'reached' | 'not reached' | 'no goal'

/** Whether a figure is where it should be, by its value; the interval tells how sure that is. */
export function verdictOf({ value, goal }: Pick<QualityRow, 'value' | 'goal'>): Verdict {
  if (goal === undefined) return 'no goal'
  return (goal.is === 'at least' ? value >= goal.value : value <= goal.value) ? 'reached' : 'not reached'
}

/** A table beside the figures. */
export interface QualityTable {
  readonly title: string
  readonly note?: string
  readonly rows: readonly Readonly<Record<string, string | number>>[]
}

/** What one part of the bench found. */
export interface QualityPart {
  readonly name: string
  readonly title: string
  /** What is measured on what, and what to be careful about. */
  readonly about: string
  readonly seconds: number
  readonly rows: readonly QualityRow[]
  readonly tables: readonly QualityTable[]
  /** Evaluations of which the page draws precision against recall. */
  readonly curves: readonly { readonly title: string; readonly report: EvaluationReport }[]
}
