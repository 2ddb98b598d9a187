import { DELETE_VERB, READ_VERB, SENSITIVE_WORD } from '../../kernel/calls.ts'
import type { FacetName } from '../../schema/activity.ts'
import { quoteText } from '../../sql/duckdb.ts'

/** A bigram joins operations of one sitting: web analytics' customary session gap. */
const SESSION_GAP_MINUTES = 30

/** What each facet takes from an event of `day_events`. */
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

/**
 * Creates the temporary table `day_events` from a UTC day's events of some tokens: one row an event, with what came before it that day.
 *
 * @param where SQL condition that restricts it to some tokens; never to some of a token's events
 */
export function dayEventsSql(files: readonly string[], where: string): string {
  const matches = (text: string, pattern: RegExp) => `regexp_matches(${text}, '(?i)(${pattern.source})')`
  return `CREATE OR REPLACE TEMP TABLE day_events AS
WITH classed AS (
  SELECT *,
    date_trunc('hour', time)::TIMESTAMP_MS AS window_start,
    CASE
      WHEN method = 'DELETE' OR ${matches('operation', DELETE_VERB)} THEN 'delete'
      WHEN method IN ('GET', 'HEAD', 'OPTIONS') THEN 'read'
      WHEN method IS NULL AND ${matches('operation', READ_VERB)} THEN 'read'
      ELSE 'write'
    END AS kind,
    ${matches('coalesce(operation, path)', SENSITIVE_WORD)} AS is_sensitive,
    CASE WHEN required_scope IS NULL OR granted_scopes IS NULL THEN NULL
      ELSE NOT list_contains(string_split(granted_scopes, ' '), required_scope) END AS is_out_of_grant
  FROM read_parquet([${files.map(quoteText).join(', ')}], union_by_name = true, hive_partitioning = false) WHERE ${where}
)
SELECT *,
  lag(time) OVER token AS previous_time,
  lag(operation) OVER token AS previous_operation,
  lag(net) OVER token AS previous_net,
  lag(net, 2) OVER token AS net_before_last,
  lag(country) OVER token AS previous_country,
  lag(client) OVER token AS previous_client,
  lag(latitude) OVER token AS previous_latitude,
  lag(longitude) OVER token AS previous_longitude,
  -- Two identifiers can lie further apart than 64 bits hold.
  lag(try_cast(resource_id AS BIGINT)::HUGEINT) OVER token AS previous_number
FROM classed
WINDOW token AS (PARTITION BY tenant_id, token_id ORDER BY time, event_id)`
}
