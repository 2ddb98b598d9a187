import type { Evidence, Feature } from '../schema/features.ts'
import type { Definition } from './define.ts'
import { METRIC_FEATURES, type MetricFeature } from './families/metrics.ts'
import { OTHER_FEATURES } from './families/others.ts'
import { VALUE_FACETS, VALUE_FEATURES, type ValueFeature } from './families/values.ts'
import { FEATURE_FINGERPRINT } from './fingerprint.ts'
import { METRICS, type Metric } from './metrics.ts'

/** Name of a built-in feature. */
export type FeatureName = ValueFeature | MetricFeature | (typeof OTHER_FEATURES)[number]['name']

/** Every built-in feature of a token-hour, in the order of the columns of `data/features`. */
export const FEATURES: readonly Definition[] = [...VALUE_FEATURES, ...METRIC_FEATURES, ...OTHER_FEATURES]

/** What reasons quote: the most surprising value of each facet, and actual and typical of each metric. */
export const EVIDENCE: readonly Evidence[] = [
  ...VALUE_FACETS.flatMap((facet): Evidence[] => [
    { name: `${facet}_worst`, type: 'VARCHAR', doc: `Most surprising value of the hour (${facet}).` },
    { name: `${facet}_worst_peers`, type: 'DOUBLE', doc: 'Peers that showed it on an earlier day.' },
  ]),
  ...METRICS.flatMap(metricEvidence),
  {
    name: 'foreign_object',
    type: 'VARCHAR',
    doc: 'Object new to the principal and used by others, most used in the hour.',
  },
]

/** Names of the columns that reasons quote, those of own metrics after the built-in ones. */
export function evidenceNames(own: readonly Feature[]): string[] {
  const metrics = new Set(own.flatMap(({ metric }) => metric ?? []))
  return [
    ...EVIDENCE.map(({ name }) => name),
    ...[...metrics].flatMap(metric => [`${metric}_actual`, `${metric}_typical`]),
  ]
}

/** Evidence columns of a metric. */
function metricEvidence({ name, unit, what, level }: Metric): Evidence[] {
  return [
    { name: `${name}_actual`, type: 'DOUBLE', doc: `${what} (${unit})` },
    {
      name: `${name}_typical`,
      type: 'DOUBLE',
      doc: `Median of the token's earlier ${level}s, or of its peers' while it has few; null where nothing was seen.`,
    },
  ]
}

/** What the rows of `data/features` are made of: the built-in definitions, and an operator's own after them. */
export interface Catalogue {
  readonly features: readonly Definition[]
  readonly metrics: readonly Metric[]
  /** Those of `features` that are not built in; the features of own metrics are among them. */
  readonly own: readonly Definition[]
  /** Names the values: a model that reads own features is refused under another one. */
  readonly fingerprint: string
}

/** The catalogue without own definitions. */
export const BUILT_IN: Catalogue = {
  features: FEATURES,
  metrics: METRICS,
  own: [],
  fingerprint: FEATURE_FINGERPRINT,
}
