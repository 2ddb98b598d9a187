import { EVENT_COLUMNS } from '../schema/event.ts'
import { type Engine, quoteText } from '../sql/duckdb.ts'

/** Staged rows that can become events, of the days from first to last. */
export function usableSql(staged: string, firstDay: string, lastDay: string): string {
  return `SELECT * FROM ${staged}
WHERE reason IS NULL AND time >= TIMESTAMP '${firstDay}' AND time < TIMESTAMP '${lastDay}' + INTERVAL 1 DAY`
}

/**
 * What tells events apart, over usable rows `s` joined by {@link IDENTITY_JOINS}. The id is the log's own; else a hash of the
 * record and of how often this very record stood in the same file before, so that truly repeated rows of a file are all
 * kept, and the same file read twice adds nothing.
 */
const EVENT_ID = `coalesce(s.event_id, sha256(s.row_hash || '#' || coalesce(o.occurrence, 1))[1:32])`
const EVENT_TIME = 'epoch_ms(epoch_ms(s.time))::TIMESTAMP_MS'
const TENANT_ID = `coalesce(s.tenant_id, i.tenant_id, 'default')`
const IDENTITY_JOINS = `
  LEFT JOIN kh_repeats o ON o.file = s.file AND o.place = s.place
  LEFT JOIN kh_inventory i ON i.token_id = s.token_id`

/** Table `kh_repeats (file, place, occurrence)`: usable rows whose very record stands several times in their file. */
async function loadRepeats(engine: Engine, usable: string): Promise<void> {
  // Repeats are rare: only they go through a window function, which would be dear over all rows.
  await engine.run(`
CREATE OR REPLACE TABLE kh_repeats AS
WITH s AS (SELECT file, place, row_hash FROM (${usable}) WHERE row_hash IS NOT NULL),
repeated AS (SELECT file, row_hash FROM s GROUP BY ALL HAVING count(*) > 1)
SELECT file, place, row_number() OVER (PARTITION BY file, row_hash ORDER BY place) AS occurrence
FROM s SEMI JOIN repeated r ON r.file = s.file AND r.row_hash = s.row_hash`)
}

/**
 * Table `kh_duplicates (file, place)`: usable rows that are no new events, since one of the same tenant, id, token and moment
 * is already stored or came earlier in this run. (The id alone would drop events of logs whose ids start over, and without the
 * tenant one customer could make another's event vanish.)
 */
async function loadDuplicates(engine: Engine, usable: string, stored: readonly string[]): Promise<void> {
  const identified = `
SELECT s.file, s.place, ${EVENT_ID} AS event_id, ${EVENT_TIME} AS time, s.token_id, ${TENANT_ID} AS tenant_id
FROM (${usable}) s ${IDENTITY_JOINS}`
  const same = (a: string, b: string) =>
    ['event_id', 'time', 'token_id', 'tenant_id'].map(name => `${a}.${name} = ${b}.${name}`).join(' AND ')
  const already =
    stored.length === 0
      ? ''
      : `UNION
SELECT e.file, e.place FROM e SEMI JOIN (
  SELECT event_id, time, token_id, tenant_id FROM read_parquet([${stored.map(quoteText).join(', ')}], hive_partitioning = false)
  WHERE time BETWEEN (SELECT min(time) FROM e) AND (SELECT max(time) FROM e)
) x ON ${same('x', 'e')}`
  // The hash of an identity is small to group by; those that share one are then compared in full.
  await engine.run(`
CREATE OR REPLACE TABLE kh_duplicates AS
WITH e AS (SELECT *, hash(event_id, time, token_id, tenant_id) AS identity FROM (${identified})),
repeated AS (SELECT identity FROM e GROUP BY identity HAVING count(*) > 1)
SELECT file, place FROM (
  SELECT file, place, row_number() OVER (PARTITION BY event_id, time, token_id, tenant_id ORDER BY file, place) AS occurrence
  FROM e SEMI JOIN repeated r ON r.identity = e.identity
) WHERE occurrence > 1
${already}`)
}

/** Finds out which usable rows of some days are events: tables `kh_repeats` and `kh_duplicates`. */
export async function loadIdentities(
  engine: Engine,
  usable: string,
  stored: readonly string[],
): Promise<void> {
  await loadRepeats(engine, usable)
  await loadDuplicates(engine, usable, stored)
}

/** The usable rows that are no duplicates. */
export function freshSql(usable: string): string {
  return `SELECT s.* FROM (${usable}) s ANTI JOIN kh_duplicates d ON d.file = s.file AND d.place = s.place`
}

/** Fresh rows as events: identities made, the dictionaries joined in, the inventory applied. */
export function eventsSql(fresh: string): string {
  return `
WITH joined AS (
  SELECT
    ${EVENT_ID} AS event_id,
    ${EVENT_TIME} AS time,
    ${TENANT_ID} AS tenant_id,
    coalesce(s.principal_id, i.principal_id, s.token_id) AS principal_id,
    s.token_id,
    s.session_id,
    coalesce(s.token_kind, i.token_kind) AS token_kind,
    coalesce(epoch_ms(epoch_ms(s.token_created_at))::TIMESTAMP_MS, i.token_created_at) AS token_created_at,
    coalesce(s.role, i.role) AS role,
    coalesce(${scopesSql('s.granted_scopes')}, i.granted_scopes) AS granted_scopes,
    upper(s.method) AS method,
    p.path,
    nullif(coalesce(s.operation, concat_ws(' ', upper(s.method), p.template)), '') AS operation,
    coalesce(s.resource_type, p.resource_type) AS resource_type,
    coalesce(s.resource_id, p.resource_id) AS resource_id,
    s.required_scope AS required_scope,
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
  FROM (${fresh}) s ${IDENTITY_JOINS}
  LEFT JOIN kh_clients c ON c.raw = s.user_agent
  LEFT JOIN kh_addresses a ON a.raw = s.source_ip
  LEFT JOIN kh_paths p ON p.raw = s.path
),
placed AS (
  SELECT j.* REPLACE (coalesce(j.network_type, n.network_type) AS network_type)
  FROM joined j LEFT JOIN kh_networks n ON n.asn = j.asn
)
SELECT ${EVENT_COLUMNS.map(column => `${column.name}::${column.type} AS ${column.name}`).join(', ')}
FROM placed`
}

/** Scopes as single words, sorted, without repeats, from words separated by white space or commas, or a JSON list. */
export function scopesSql(text: string): string {
  const words = `regexp_split_to_array(trim(regexp_replace(${text}, '[\\[\\]"'',;\\s]+', ' ', 'g')), ' ')`
  return `nullif(array_to_string(list_sort(list_distinct(${words})), ' '), '')`
}
