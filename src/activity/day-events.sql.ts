import { quoteText, timestampLiteral } from '../sql/duckdb.ts'

/**
 * Verbs that tell what an operation does when no HTTP method says it: `s3:DeleteObject`, `tasks.list`, `Closing issue`.
 * RE2 patterns, matched anywhere in the operation, case-insensitive.
 */
const DELETE_VERB = '(delete|remove|destroy|purge|revoke|terminate|drop|deregister|detach|clos(e|ing))'
const READ_VERB =
  '(get|list|read|describe|head|search|query|view|fetch|lookup|download|export|count|browse|select|assumerole)'

/**
 * Words of operations whose misuse hurts most: identities, credentials, permissions, money, bulk export, audit trail and
 * hooks that send data out. From OWASP API Security Top 10 2023 (API5: administrative functions; API6: sensitive flows).
 */
const SENSITIVE_WORD =
  '(admin|user|member|account|identit|role|permission|polic(y|ies)|grant|scope|secret|credential|password|token|apikey|api_key|keys?([./:_-]|$)|billing|invoice|payment|payout|refund|export|audit|trail|webhook|hook|backup|snapshot|sso|mfa|impersonat|transfer|config|setting)'

/** Events to look at, and what came before them. */
export interface EventPart {
  readonly files: readonly string[]
  /** SQL condition that restricts it to some tokens; never to some of a token's events. */
  readonly where?: string
  /** Only events from this hour on. */
  readonly since?: Date
  /** Events that came before, as SQL: the first ones still know them. */
  readonly before?: string
}

/**
 * Creates the temporary table `day_events` from events of one UTC day, no token in two parts: one row an event with what the counts
 * and facets need, in the order of each token's time.
 */
export function dayEventsSql(parts: readonly EventPart[]): string {
  return `CREATE OR REPLACE TEMP TABLE day_events AS ${parts.map(followedEvents).join('\nUNION ALL BY NAME ')}`
}

function followedEvents({ files, where, since, before }: EventPart): string {
  const conditions = [where, since && `time >= ${timestampLiteral(since)}`].filter(Boolean).join(' AND ')
  const former =
    before === undefined
      ? ''
      : ` UNION ALL BY NAME (SELECT *, true AS is_before FROM (${before})${where === undefined ? '' : ` WHERE ${where}`})`
  return `(
WITH source AS (
  SELECT *, false AS is_before FROM read_parquet([${files.map(quoteText).join(', ')}], union_by_name = true, hive_partitioning = false)${conditions === '' ? '' : ` WHERE ${conditions}`}${former}
), classed AS (
  SELECT *,
    date_trunc('hour', time)::TIMESTAMP_MS AS window_start,
    CASE
      WHEN method = 'DELETE' OR regexp_matches(operation, '(?i)${DELETE_VERB}') THEN 'delete'
      WHEN method IN ('GET', 'HEAD', 'OPTIONS') THEN 'read'
      WHEN method IS NULL AND regexp_matches(operation, '(?i)${READ_VERB}') THEN 'read'
      ELSE 'write'
    END AS kind,
    regexp_matches(coalesce(operation, path), '(?i)${SENSITIVE_WORD}') AS is_sensitive,
    CASE WHEN required_scope IS NULL OR granted_scopes IS NULL THEN NULL
      ELSE NOT list_contains(string_split(granted_scopes, ' '), required_scope) END AS is_out_of_grant
  FROM source
), followed AS (
SELECT *,
  lag(time) OVER token AS previous_time,
  lag(operation) OVER token AS previous_operation,
  lag(net) OVER token AS previous_net,
  lag(net, 2) OVER token AS net_before_last,
  lag(country) OVER token AS previous_country,
  lag(client) OVER token AS previous_client,
  lag(latitude) OVER token AS previous_latitude,
  lag(longitude) OVER token AS previous_longitude,
  lag(try_cast(resource_id AS BIGINT)) OVER token AS previous_number
FROM classed
WINDOW token AS (PARTITION BY tenant_id, token_id ORDER BY time, event_id)
)
SELECT * EXCLUDE (is_before) FROM followed WHERE NOT is_before)`
}
