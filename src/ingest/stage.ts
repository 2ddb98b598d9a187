import type { EventColumn } from '../schema/event.ts'
import { type Engine, quoteText } from '../sql/duckdb.ts'
import { CREDENTIAL_PATTERN, REDACTED } from './credentials.ts'
import type { OpenLog } from './log.ts'
import type { Fields, TokenKind } from './source.ts'
import { loadTokens } from './tokens.ts'

/** Event columns that are numbers, with the type they are staged in and the range that makes sense. */
const NUMBERS: Partial<Record<EventColumn, { type: string; low: number; high: number; what: string }>> = {
  status: { type: 'SMALLINT', low: 0, high: 999, what: 'an HTTP status' },
  request_bytes: { type: 'BIGINT', low: 0, high: 1e15, what: 'a number of bytes' },
  response_bytes: { type: 'BIGINT', low: 0, high: 1e15, what: 'a number of bytes' },
  latency_ms: { type: 'DOUBLE', low: 0, high: 1e12, what: 'a duration' },
  latitude: { type: 'DOUBLE', low: -90, high: 90, what: 'a latitude' },
  longitude: { type: 'DOUBLE', low: -180, high: 180, what: 'a longitude' },
}

/** Plain text columns of the stage. Those that could carry a secret along are searched for one. */
const TEXTS: readonly EventColumn[] = [
  'event_id',
  'tenant_id',
  'principal_id',
  'token_kind',
  'role',
  'granted_scopes',
  'method',
  'path',
  'operation',
  'resource_type',
  'resource_id',
  'required_scope',
  'source_ip',
  'asn',
  'as_org',
  'network_type',
  'country',
  'city',
  'user_agent',
]
const MAY_HOLD_SECRETS: ReadonlySet<EventColumn> = new Set([
  'event_id',
  'tenant_id',
  'principal_id',
  'path',
  'operation',
  'resource_type',
  'resource_id',
  'user_agent',
])

/**
 * Writes one log to `path` as a staged table: a row for every record, with clean columns, token ids in place of tokens,
 * `reason` where it cannot become an event, and `row_hash` as identity where the log gives no id. Two passes over the
 * log: distinct tokens, then everything, in order, in constant memory.
 */
export async function stageLog(
  engine: Engine,
  log: OpenLog,
  fields: Fields,
  options: { tokens: TokenKind; key: () => Buffer; fileOffset: number; path: string; tenant?: string },
): Promise<void> {
  const session = fields.session_id ?? 'NULL::VARCHAR'
  const given = `SELECT ${fields.token_id} AS token, ${session} AS session FROM (${log.relation()}) WHERE NOT (${log.blank}) AND (${log.broken}) IS NULL`
  const secrets = `SELECT DISTINCT unnest([kh_text(token), kh_text(session)]) AS raw FROM (${given})`
  await loadTokens(engine, secrets, options.tokens, options.key)
  // A text file's number of rows is unknown to the planner, which then builds the hash table over the log, not the tokens.
  await engine.run("SET disabled_optimizers = 'join_order,build_side_probe_side'")
  const staging = engine.run(
    `COPY (${stageSql(log, fields, options.fileOffset, options.tenant)}) TO ${quoteText(options.path)} (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 30000)`,
  )
  await staging.finally(() => engine.run("SET disabled_optimizers = ''"))
}

/** The statement of the second pass; exported for its test. */
export function stageSql(log: OpenLog, fields: Fields, fileOffset: number, tenant?: string): string {
  const numbers = (Object.keys(NUMBERS) as EventColumn[]).filter(name => fields[name] !== undefined)
  const given = Object.entries(fields).map(([name, sql]) => `(${sql})::VARCHAR AS given_${name}`)
  const text = (name: EventColumn) =>
    fields[name] === undefined ? 'NULL::VARCHAR' : `kh_text(given_${name})`
  // Window functions without partition stream in the order of the file, so rows are numbered and compared for free.
  return `
WITH read AS (${log.relation(true)}),
given AS (
  SELECT kh_file + ${fileOffset} AS file, kh_row AS "row", (${log.broken})::VARCHAR AS broken, ${log.record} AS record,
    ${given.join(', ')}
  FROM read WHERE NOT (${log.blank})
),
picked AS (
  SELECT file, "row", broken,
    ${text('token_id')} AS raw_token, ${text('session_id')} AS raw_session,
    ${text('time')} AS time_text, ${text('token_created_at')} AS created_text,
    ${TEXTS.map(name => `${name === 'path' ? pathSql(text('path')) : text(name)} AS ${name}`).join(', ')},
    ${numbers.map(name => `${text(name)} AS ${name}_text`).join(', ')}${numbers.length > 0 ? ',' : ''}
    CASE WHEN ${text('event_id')} IS NULL THEN sha256(record)[1:32] END AS row_hash
  FROM given
),
timed AS (SELECT *, kh_moment(time_text) AS moment FROM picked),
ordered AS (
  SELECT *, coalesce(moment < lag(moment) OVER () AND file = lag(file) OVER (), false) AS disordered FROM timed
)
SELECT o.file, o."row", o.disordered, o.moment AS time,
  ${reasonSql(numbers, tenant)} AS reason,
  o.row_hash,
  t.id AS token_id, s.id AS session_id, kh_moment(o.created_text) AS token_created_at,
  ${TEXTS.map(name => `${name === 'tenant_id' && tenant !== undefined ? quoteText(tenant) : cleanSql(name)} AS ${name}`).join(',\n  ')},
  ${Object.entries(NUMBERS)
    .map(([name, number]) =>
      numbers.includes(name as EventColumn)
        ? `try_cast(kh_number(o.${name}_text) AS ${number!.type}) AS ${name}`
        : `NULL::${number!.type} AS ${name}`,
    )
    .join(',\n  ')}
FROM ordered o
LEFT JOIN kh_tokens t ON t.raw = o.raw_token
LEFT JOIN kh_tokens s ON s.raw = o.raw_session`
}

/** Why a row cannot become an event, the first of all reasons; null when it can. */
function reasonSql(numbers: readonly EventColumn[], tenant?: string): string {
  const cases = [
    'WHEN o.broken IS NOT NULL THEN o.broken',
    `WHEN o.time_text IS NULL THEN 'time: missing'`,
    `WHEN o.time_text[1] IN ('{', '[') THEN 'time: nested value where a plain one is expected'`,
    `WHEN o.moment IS NULL THEN 'time: not a timestamp'`,
    `WHEN o.raw_token IS NULL THEN '${MISSING_TOKEN}'`,
    `WHEN o.raw_token[1] IN ('{', '[') THEN 'token_id: nested value where a plain one is expected'`,
    'WHEN t.reason IS NOT NULL THEN t.reason',
    ...(tenant === undefined ? [] : [`WHEN o.tenant_id <> ${quoteText(tenant)} THEN '${OTHER_TENANT}'`]),
    ...numbers.map(name => {
      const { low, high, what } = NUMBERS[name]!
      return `WHEN o.${name}_text IS NOT NULL AND coalesce(kh_number(o.${name}_text) NOT BETWEEN ${low} AND ${high}, true) THEN '${name}: not ${what}'`
    }),
  ]
  return `CASE ${cases.join('\n    ')} END`
}

/** An anonymous request is no fault of the log: such rows are rejected and counted, but do not make a file bad. */
export const MISSING_TOKEN = 'token_id: missing'

/** Who may only bring events of one tenant brought one of another. */
export const OTHER_TENANT = 'tenant_id: another tenant than the only one allowed'

/** The path up to its query, which carries tokens; scheme, host and fragment go later, once a distinct path. */
function pathSql(text: string): string {
  return `CASE WHEN contains(${text}, '?') OR contains(${text}, '#') THEN regexp_extract(${text}, '^[^?#]*') || regexp_extract(${text}, ' HTTP/[0-9.]+$') ELSE ${text} END`
}

/** Columns that a dictionary redacts, once a distinct value; for them only the row's own token is blotted out here. */
const REDACTED_LATER: ReadonlySet<EventColumn> = new Set(['path', 'user_agent'])

function cleanSql(name: EventColumn): string {
  if (!MAY_HOLD_SECRETS.has(name)) return `o.${name}`
  // A principal that is the token itself is no principal: events then fall back on the token's id.
  return name === 'principal_id'
    ? `CASE WHEN o.principal_id NOT IN (o.raw_token, t.bare) OR t.bare IS NULL THEN ${safeSql(name)} END`
    : safeSql(name)
}

/** A text with the row's own token and anything of a credential's form blotted out. Tokens under 8 characters would hit words. */
function safeSql(name: EventColumn): string {
  const text = `o.${name}`
  const pattern = quoteText(CREDENTIAL_PATTERN)
  const byForm = REDACTED_LATER.has(name)
    ? ''
    : // No form is shorter than 16 bytes.
      `WHEN strlen(${text}) >= 16 AND regexp_matches(${text}, ${pattern}) THEN regexp_replace(${text}, ${pattern}, '${REDACTED}', 'g')`
  return `CASE WHEN strlen(t.bare) >= 8 AND contains(${text}, t.bare) THEN replace(${text}, t.bare, '${REDACTED}')
    ${byForm} ELSE ${text} END`
}
