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
  /** What others reach; `within`: the largest difference that counts as the same, where the same is the aim. */
  readonly reference?: { readonly value: number; readonly of: string; readonly within?: number }
  /** What chance would reach: share of positives for AP, 0.5 for AUROC. */
  readonly chance?: number
  readonly goal?: Goal
  /** Shown on the first screen, reached or not; a goal that is missed is shown there anyway. */
  readonly isHeadline?: boolean
}

export type Verdict =
  | 'reached'
  | 'not reached'
  | 'like reference'
  | 'above reference'
  | 'below reference'
  | 'no goal'

/** Whether a figure is where it should be, by its value alone; the interval tells how sure that is. */
export function verdictOf({
  value,
  goal,
  reference,
}: Omit<QualityRow, 'subject' | 'measure' | 'kind'>): Verdict {
  if (goal !== undefined)
    return (goal.is === 'at least' ? value >= goal.value : value <= goal.value) ? 'reached' : 'not reached'
  if (reference === undefined) return 'no goal'
  if (Math.abs(value - reference.value) <= (reference.within ?? 0)) return 'like reference'
  return value >= reference.value ? 'above reference' : 'below reference'
}

/** A table beside the figures. */
export interface QualityTable {
  readonly title: string
  readonly note?: string
  readonly rows: readonly Readonly<Record<string, string | number>>[]
}

/** Mean of what several worlds say, and the lowest and highest of them. */
export interface Spread {
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** What changes when something is left out: one spread a measure. */
export interface Effect {
  readonly name: string
  /** Columns left out. */
  readonly facts: number
  readonly changes: readonly Spread[]
}

/** Effects on the same measures, drawn as bars. */
export interface EffectTable {
  readonly title: string
  readonly note?: string
  /** Names of the changes. */
  readonly measures: readonly string[]
  readonly rows: readonly Effect[]
}

/** What one part of the bench found. */
export interface QualityPart {
  readonly name: string
  readonly title: string
  /** What is measured on what, and what to be careful about. */
  readonly about: string
  readonly seconds: number
  /** YYYY-MM-DD: parts are kept from run to run. */
  readonly measuredOn: string
  readonly rows: readonly QualityRow[]
  readonly tables: readonly QualityTable[]
  readonly effects: readonly EffectTable[]
  /** Evaluations of which the page draws precision against recall. */
  readonly curves: readonly { readonly title: string; readonly report: EvaluationReport }[]
}

/** A change with its sign, three digits. */
export function signed(change: number): string {
  const text = Math.abs(change).toFixed(3)
  if (text === '0.000') return text
  return `${change < 0 ? '−' : '+'}${text}`
}
