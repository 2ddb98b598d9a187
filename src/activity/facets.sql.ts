import { FACETS, type FacetName } from '../schema/activity.ts'

/** A bigram joins operations of one sitting: web analytics' customary session gap. */
const SESSION_GAP_MINUTES = 30

/** What each facet takes from an event; null rows are left out. */
export const FACET_VALUES: Record<FacetName, string> = {
  ip: 'source_ip',
  net: 'net',
  asn: 'asn::VARCHAR',
  country: 'country',
  network_type: 'network_type',
  client: 'client',
  agent: 'user_agent',
  operation: 'operation',
  resource: 'resource_type',
  object: `coalesce(resource_type, '') || ':' || resource_id`,
  scope: 'required_scope',
  status: `CASE WHEN status IS NOT NULL THEN (status // 100)::VARCHAR || 'xx ' || kind END`,
  bigram: `CASE WHEN time - previous_time <= INTERVAL ${SESSION_GAP_MINUTES} MINUTE THEN previous_operation || ' > ' || operation END`,
}

/** The facets of the day in `day_events`: (tenant_id, token_id, window_start, facet, value, n). */
export function facetsSql(): string {
  return FACETS.map(
    ({ name }) => `
SELECT tenant_id, token_id, window_start, '${name}' AS facet, ${FACET_VALUES[name]} AS value, count(*)::INTEGER AS n
FROM day_events WHERE ${FACET_VALUES[name]} IS NOT NULL GROUP BY ALL`,
  ).join('\nUNION ALL')
}

/** Facets that may hold several rows of one key, added up; the source is given as SQL. */
export function mergedFacetsSql(source: string): string {
  return `SELECT tenant_id, token_id, window_start, facet, value, sum(n)::INTEGER AS n FROM (${source}) GROUP BY ALL`
}
