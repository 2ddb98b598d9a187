import { EVENT_COLUMNS } from '../schema/event.ts'
import { type Engine, quoteText } from '../sql/duckdb.ts'

/**
 * The statement that turns staged rows of some days into events: the dictionaries joined in, the inventory applied,
 * identities made. Columns are those of an event plus `file` and `row`.
 *
 * Identity: the log's own id; else a hash of the record and of how often this very record stood in the same file
 * before, so that truly repeated rows of a file are all kept, and the same file read twice adds nothing. Repeats are
 * rare: only they go through a window function, which would be dear over all rows.
 */
export function eventsSql(staged: string, firstDay: string, lastDay: string): string {
  return `
WITH s AS (
  SELECT * FROM ${staged}
  WHERE reason IS NULL AND time >= TIMESTAMP '${firstDay}' AND time < TIMESTAMP '${lastDay}' + INTERVAL 1 DAY
),
repeated AS (
  SELECT file, row_hash FROM s WHERE row_hash IS NOT NULL GROUP BY ALL HAVING count(*) > 1
),
repeats AS (
  SELECT file, "row", row_number() OVER (PARTITION BY file, row_hash ORDER BY "row") AS occurrence
  FROM (SELECT file, "row", row_hash FROM s SEMI JOIN repeated r ON r.file = s.file AND r.row_hash = s.row_hash)
),
joined AS (
  SELECT s.file, s."row",
    coalesce(s.event_id, sha256(s.row_hash || '#' || coalesce(o.occurrence, 1))[1:32]) AS event_id,
    epoch_ms(epoch_ms(s.time))::TIMESTAMP_MS AS time,
    coalesce(s.tenant_id, i.tenant_id, 'default') AS tenant_id,
    coalesce(s.principal_id, i.principal_id, s.token_id) AS principal_id,
    s.token_id,
    s.session_id,
    coalesce(s.token_kind, i.token_kind) AS token_kind,
    coalesce(epoch_ms(epoch_ms(s.token_created_at))::TIMESTAMP_MS, i.token_created_at) AS token_created_at,
    coalesce(s.role, i.role) AS role,
    coalesce(${scopesSql('s.granted_scopes')}, i.granted_scopes) AS granted_scopes,
    upper(s.method) AS method,
    p.path,
    coalesce(s.operation, concat_ws(' ', upper(s.method), p.template)) AS operation,
    coalesce(s.resource_type, p.resource_type) AS resource_type,
    coalesce(s.resource_id, p.resource_id) AS resource_id,
    s.required_scope,
    s.status,
    a.ip AS source_ip,
    a.net,
    coalesce(try_cast(regexp_extract(s.asn, '[0-9]+') AS INTEGER), a.asn::INTEGER) AS asn,
    coalesce(s.as_org, nullif(trim(regexp_extract(s.asn, '^(?i:as)[0-9]+ +(.+)$', 1)), ''), a.as_org) AS as_org,
    coalesce(lower(s.network_type), a.network_type) AS network_type,
    coalesce(upper(s.country), a.country) AS country,
    coalesce(s.city, a.city) AS city,
    coalesce(s.latitude, a.latitude) AS latitude,
    coalesce(s.longitude, a.longitude) AS longitude,
    c.user_agent, c.client, c.client_version, c.device_type,
    s.request_bytes, s.response_bytes, s.latency_ms
  FROM s
  LEFT JOIN repeats o ON o.file = s.file AND o."row" = s."row"
  LEFT JOIN kh_inventory i ON i.token_id = s.token_id
  LEFT JOIN kh_clients c ON c.raw = s.user_agent
  LEFT JOIN kh_addresses a ON a.raw = s.source_ip
  LEFT JOIN kh_paths p ON p.raw = s.path
),
placed AS (
  SELECT j.* REPLACE (
    nullif(j.operation, '') AS operation,
    coalesce(j.network_type, n.network_type) AS network_type)
  FROM joined j LEFT JOIN kh_networks n ON n.asn = j.asn
)
SELECT ${EVENT_COLUMNS.map(column => `${column.name}::${column.type} AS ${column.name}`).join(', ')}, file, "row"
FROM placed`
}

/**
 * Rows of `kh_slice` that are duplicates: an event of the same id, token and moment is already stored, or came earlier
 * in this run. (The id alone would drop events of logs whose ids start over.)
 */
export function duplicatesSql(stored: readonly string[]): string {
  const already =
    stored.length === 0
      ? ''
      : `UNION
SELECT e.file, e."row" FROM kh_slice e
SEMI JOIN (
  SELECT event_id, time, token_id FROM read_parquet([${stored.map(quoteText).join(', ')}], hive_partitioning = false)
  WHERE time BETWEEN (SELECT min(time) FROM kh_slice) AND (SELECT max(time) FROM kh_slice)
) x
  ON x.event_id = e.event_id AND x.time = e.time AND x.token_id = e.token_id`
  return `
WITH repeated AS (SELECT event_id, time, token_id FROM kh_slice GROUP BY ALL HAVING count(*) > 1)
SELECT file, "row" FROM (
  SELECT e.file, e."row", row_number() OVER (PARTITION BY e.event_id, e.time, e.token_id ORDER BY e.file, e."row") AS occurrence
  FROM kh_slice e SEMI JOIN repeated r ON r.event_id = e.event_id AND r.time = e.time AND r.token_id = e.token_id
) WHERE occurrence > 1
${already}`
}

/** Scopes as single words, sorted, without repeats, from words separated by white space or commas, or a JSON list. */
export function scopesSql(text: string): string {
  const words = `regexp_split_to_array(trim(regexp_replace(${text}, '[\\[\\]"'',;\\s]+', ' ', 'g')), ' ')`
  return `nullif(array_to_string(list_sort(list_distinct(${words})), ' '), '')`
}

/** Creates the tables `kh_slice` (events of the days from first to last) and `kh_duplicates` (file, row). */
export async function loadSlice(
  engine: Engine,
  staged: string,
  firstDay: string,
  lastDay: string,
  stored: readonly string[],
): Promise<void> {
  await engine.run(`CREATE OR REPLACE TEMP TABLE kh_slice AS ${eventsSql(staged, firstDay, lastDay)}`)
  await engine.run(`CREATE OR REPLACE TEMP TABLE kh_duplicates AS ${duplicatesSql(stored)}`)
}
