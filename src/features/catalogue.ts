import type { Evidence, Feature } from '../schema/features.ts'
import { METRIC_FEATURES } from './groups/metrics.ts'
import { OTHER_FEATURES } from './groups/others.ts'
import { VALUE_FEATURES } from './groups/values.ts'
import { METRICS } from './metrics.ts'
import { metricSql } from './relations/tails.ts'
import { FACET_STATISTICS, facetSql } from './relations/values.ts'

/** Every feature of a token-hour, in the order of the columns of `data/features`. */
export const FEATURES: readonly Feature[] = [...VALUE_FEATURES, ...METRIC_FEATURES, ...OTHER_FEATURES]

/** What reasons quote: the most surprising value of each facet, and actual and typical of each metric. */
export const EVIDENCE: readonly Evidence[] = [
  ...FACET_STATISTICS.flatMap((facet): Evidence[] => [
    { name: `${facet}_worst`, type: 'VARCHAR', sql: facetSql(facet, 'worst') },
    { name: `${facet}_worst_peers`, type: 'DOUBLE', sql: facetSql(facet, 'worst_peers') },
  ]),
  ...METRICS.flatMap(({ name }): Evidence[] => [
    { name: `${name}_actual`, type: 'DOUBLE', sql: metricSql(name, 'actual') },
    { name: `${name}_typical`, type: 'DOUBLE', sql: metricSql(name, 'typical') },
  ]),
  { name: 'foreign_object', type: 'VARCHAR', sql: 'fx.object_worst' },
]

/** The statement that makes the day's features from its relations, columns FEATURE_KEY, features, evidence. */
export function featuresSql(): string {
  const features = FEATURES.map(({ name, sql }) => `(${sql})::FLOAT AS ${name}`)
  const evidence = EVIDENCE.map(({ name, type, sql }) => `(${sql})::${type} AS ${name}`)
  return `
SELECT w.tenant_id, w.principal_id, w.token_id, w.window_start, w.role,
  ${[...features, ...evidence].join(',\n  ')}
FROM w
LEFT JOIN fx USING (tok, window_start)
LEFT JOIN entropies en USING (tok, window_start)
LEFT JOIN sharing sh USING (tok, window_start)
LEFT JOIN tl USING (tok, window_start)
LEFT JOIN dx USING (tok, window_start)
LEFT JOIN hx USING (tok, window_start)
LEFT JOIN sf USING (tok, window_start)
LEFT JOIN cx USING (tok, window_start)
LEFT JOIN dr USING (tok)
LEFT JOIN nb USING (tok)
ORDER BY w.window_start, w.tenant_id, w.token_id`
}
