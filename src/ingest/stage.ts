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

/** Text columns of the stage. Those that could carry a secret along are searched for one. */
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

/** Every column of a staged log that the log may lack, with its type: what {@link stagedSql} fills with nulls. */
const OPTIONAL: Readonly<Record<string, string>> = {
  session_id: 'VARCHAR',
  token_created_at: 'TIMESTAMP',
  ...Object.fromEntries(TEXTS.map(name => [name, 'VARCHAR'])),
  ...Object.fromEntries(Object.entries(NUMBERS).map(([name, { type }]) => [name, type])),
}

/** Staged rows: which files hold them, and which of the optional columns any of these have. */
export interface Staged {
  readonly paths: readonly string[]
  readonly columns: ReadonlySet<string>
}

export interface StageOptions {
  readonly tokens: TokenKind
  readonly key: () => Buffer
  readonly fileOffset: number
  readonly path: string
  /** Every event is of this tenant. */
  readonly tenant?: string
}

/**
 * Writes one log to `path` as a staged table: a row for every record, in the order of the files, with token ids in place of
 * tokens, `reason` where it cannot become an event, and `row_hash` as identity where the log gives no id. Answers which
 * columns it has. Two passes over the log, both in constant memory: distinct tokens, then everything.
 */
export async function stageLog(
  engine: Engine,
  log: OpenLog,
  fields: Fields,
  options: StageOptions,
): Promise<string[]> {
  await loadTokens(engine, tokensSql(log, fields), options.tokens, options.key)
  // A text file's number of rows is unknown to the planner, which then builds the hash table over the log, not the tokens.
  await engine.run(
    `SET disabled_optimizers = 'join_order,build_side_probe_side'; SET preserve_insertion_order = true`,
  )
  const staging = engine.run(
    `COPY (${stageSql(log, fields, options)}) TO ${quoteText(options.path)} (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 30000)`,
  )
  await staging.finally(() =>
    engine.run(`SET disabled_optimizers = ''; SET preserve_insertion_order = false`),
  )
  return Object.keys({ ...fields, ...(options.tenant !== undefined && { tenant_id: '' }) })
}

/** The distinct texts that stand for tokens and sessions, those of broken rows among them: only these columns are read. */
function tokensSql(log: OpenLog, { token_id, session_id }: Fields): string {
  const session = session_id === undefined ? '' : `, (${session_id})::VARCHAR AS session`
  const pairs = `SELECT DISTINCT (${token_id})::VARCHAR AS token${session} FROM (${log.relation()}) WHERE NOT (${log.blank})`
  return session === '' ? pairs : `SELECT DISTINCT unnest([token, session]) FROM (${pairs})`
}

/** Staged rows as a relation; what no staged log has is null. `place` tells the rows of a file apart, in its order. */
export function stagedSql({ paths, columns }: Staged): string {
  const missing = Object.entries(OPTIONAL)
    .filter(([name]) => !columns.has(name))
    .map(([name, type]) => `, NULL::${type} AS ${name}`)
  const list = paths.map(quoteText).join(', ')
  return `(SELECT * EXCLUDE (file_row_number), file_row_number AS place${missing.join('')}
FROM read_parquet([${list}], union_by_name = true, file_row_number = true, hive_partitioning = false))`
}

/** The statement of the second pass; exported for its test. */
export function stageSql(
  log: OpenLog,
  fields: Fields,
  { tokens, fileOffset, tenant }: Pick<StageOptions, 'tokens' | 'fileOffset' | 'tenant'>,
): string {
  const has = (name: EventColumn) => fields[name] !== undefined
  const numbers = (Object.keys(NUMBERS) as EventColumn[]).filter(has)
  const given = Object.entries(fields).map(([name, sql]) => `(${sql})::VARCHAR AS kh_given_${name}`)
  const isFixed = (name: EventColumn) => name === 'tenant_id' && tenant !== undefined
  const texts = TEXTS.filter(name => has(name) && !isFixed(name))
  const parsed = [
    'kh_when(kh_given_time) AS kh_moment',
    // In a step of their own: the engine works out anew what stands several times in a CASE.
    ...texts.map(name => `kh_text(kh_given_${name}) AS kh_clean_${name}`),
    ...numbers.map(name => `kh_number(kh_given_${name}) AS kh_number_${name}`),
  ]
  const columns = [
    ...(tenant === undefined ? [] : [`${quoteText(tenant)} AS tenant_id`]),
    ...(has('session_id') ? ['s.id AS session_id'] : []),
    ...(has('token_created_at') ? ['kh_when(o.kh_given_token_created_at) AS token_created_at'] : []),
    ...texts.map(name => `${textSql(name, tokens)} AS ${name}`),
    ...numbers.map(name => `try_cast(o.kh_number_${name} AS ${NUMBERS[name]!.type}) AS ${name}`),
  ]
  return `
WITH read AS (${log.relation(true)}),
given AS (
  SELECT *, (${log.broken})::VARCHAR AS kh_broken, ${given.join(', ')}
  FROM read WHERE NOT (${log.blank})
),
parsed AS (SELECT *, ${parsed.join(', ')} FROM given),
identified AS (
  SELECT *, ${has('path') ? `${pathSql('kh_clean_path')} AS kh_bare_path,` : ''}
    ${has('event_id') ? `CASE WHEN kh_clean_event_id IS NULL THEN sha256(${log.record})[1:32] END` : `sha256(${log.record})[1:32]`} AS kh_row_hash
  FROM parsed
)
SELECT o.kh_file + ${fileOffset} AS file, o.kh_row AS "row", o.kh_moment AS time,
  ${reasonSql(numbers, has('tenant_id') ? tenant : undefined)} AS reason,
  o.kh_row_hash AS row_hash, t.id AS token_id${columns.map(column => `,\n  ${column}`).join('')}
FROM identified o
LEFT JOIN kh_tokens t ON t.given = o.kh_given_token_id
${has('session_id') ? 'LEFT JOIN kh_tokens s ON s.given = o.kh_given_session_id' : ''}`
}

/** Why a row cannot become an event, the first of all reasons; null when it can. */
function reasonSql(numbers: readonly EventColumn[], tenant?: string): string {
  const cases = [
    'WHEN o.kh_broken IS NOT NULL THEN o.kh_broken',
    `WHEN o.kh_moment IS NULL THEN CASE WHEN kh_text(o.kh_given_time) IS NULL THEN 'time: missing'
      WHEN kh_text(o.kh_given_time)[1] IN ('{', '[') THEN 'time: nested value where a plain one is expected'
      ELSE 'time: not a timestamp' END`,
    `WHEN t.raw IS NULL THEN '${MISSING_TOKEN}'`,
    'WHEN t.reason IS NOT NULL THEN t.reason',
    ...(tenant === undefined
      ? []
      : [`WHEN kh_text(o.kh_given_tenant_id) <> ${quoteText(tenant)} THEN '${OTHER_TENANT}'`]),
    // The text is looked at only where it is no number: then it has to say nothing.
    ...numbers.map(name => {
      const { low, high, what } = NUMBERS[name]!
      return `WHEN coalesce(o.kh_number_${name} NOT BETWEEN ${low} AND ${high}, kh_text(o.kh_given_${name}) IS NOT NULL) THEN '${name}: not ${what}'`
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

/** A clean text without secrets in it. */
function textSql(name: EventColumn, tokens: TokenKind): string {
  const text = name === 'path' ? 'o.kh_bare_path' : `o.kh_clean_${name}`
  if (!MAY_HOLD_SECRETS.has(name)) return text
  const cases = [
    ...(tokens === 'secret' ? [ownTokenSql(text)] : []),
    ...(REDACTED_LATER.has(name) ? [] : [byFormSql(text)]),
  ]
  const safe = cases.length === 0 ? text : `CASE ${cases.join('\n    ')} ELSE ${text} END`
  // A principal that is the token itself is no principal: events then fall back on the token's id.
  return name === 'principal_id' && tokens === 'secret'
    ? `CASE WHEN ${text} IN (t.raw, t.bare) THEN NULL ELSE ${safe} END`
    : safe
}

/** The row's own token blotted out. Tokens under 8 characters would hit words; ids are no secrets, and stay. */
function ownTokenSql(text: string): string {
  return `WHEN strlen(t.bare) >= 8 AND contains(${text}, t.bare) THEN replace(${text}, t.bare, '${REDACTED}')`
}

/** Anything of a credential's form blotted out. No form is shorter than 16 bytes. */
function byFormSql(text: string): string {
  const pattern = quoteText(CREDENTIAL_PATTERN)
  return `WHEN strlen(${text}) >= 16 AND regexp_matches(${text}, ${pattern}) THEN regexp_replace(${text}, ${pattern}, '${REDACTED}', 'g')`
}
