import { FEATURES } from '../features/catalogue.ts'
import type { Definition } from '../features/define.ts'
import { METRICS, type Metric } from '../features/metrics.ts'

/** What the rows of a day are made of. */
export interface Definitions {
  readonly features: readonly Definition[]
  /** Those of METRICS, in their order: the history numbers them so. */
  readonly metrics: readonly Metric[]
}

export const DEFINITIONS: Definitions = { features: FEATURES, metrics: METRICS }
