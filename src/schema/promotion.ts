import type { ReplayReport } from './replay.ts'

/** One rule that a challenger is held to. */
export interface GateFinding {
  readonly rule: 'precision' | 'ranking' | 'incidents' | 'alerts' | 'drift'
  /** unknown: too little is judged to say; it does not stand in the way. */
  readonly verdict: 'passes' | 'fails' | 'unknown'
  /** One sentence with the figures. */
  readonly text: string
}

/** A challenger beside the champion over the same stored token-hours. */
export interface ModelComparison {
  /** name@version. */
  readonly champion: string
  readonly challenger: string
  /** `before` is the champion, `after` the challenger. */
  readonly replay: ReplayReport
  /** Stability index of each one's scores against its own training, beyond chance; null for models that kept no reference. */
  readonly scoreDrift: { readonly champion: number | null; readonly challenger: number | null }
  readonly findings: readonly GateFinding[]
  /** No rule fails. */
  readonly passes: boolean
}
