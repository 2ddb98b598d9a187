import type { Evidence } from '../schema/features.ts'
import type { Definition } from './define.ts'
import { METRIC_FEATURES, type MetricFeature } from './families/metrics.ts'
import { OTHER_FEATURES } from './families/others.ts'
import { VALUE_FACETS, VALUE_FEATURES, type ValueFeature } from './families/values.ts'
import { METRICS } from './metrics.ts'

/** Name of a feature of ours. */
export type FeatureName = ValueFeature | MetricFeature | (typeof OTHER_FEATURES)[number]['name']

/** Every feature of a token-hour, in the order of the columns of `data/features`. */
export const FEATURES: readonly Definition[] = [...VALUE_FEATURES, ...METRIC_FEATURES, ...OTHER_FEATURES]

/** What reasons quote: the most surprising value of each facet, and actual and typical of each metric. */
export const EVIDENCE: readonly Evidence[] = [
  ...VALUE_FACETS.flatMap((facet): Evidence[] => [
    { name: `${facet}_worst`, type: 'VARCHAR', doc: `Most surprising value of the hour (${facet}).` },
    { name: `${facet}_worst_peers`, type: 'DOUBLE', doc: 'Peers that showed it on an earlier day.' },
  ]),
  ...METRICS.flatMap(({ name, unit, what, level }): Evidence[] => [
    { name: `${name}_actual`, type: 'DOUBLE', doc: `${what} (${unit})` },
    {
      name: `${name}_typical`,
      type: 'DOUBLE',
      doc: `Median of the token's earlier ${level}s, or of its peers' while it has few; null where nothing was seen.`,
    },
  ]),
  {
    name: 'foreign_object',
    type: 'VARCHAR',
    doc: 'Object new to the principal and used by others, most used in the hour.',
  },
]
