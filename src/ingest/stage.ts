import type { EventColumn } from '../schema/event.ts'
import { type Engine, quoteText } from '../sql/duckdb.ts'
import { onOneThread } from '../sql/threads.ts'
import { CREDENTIAL_PATTERN, mayHoldCredentialSql, REDACTED } from './credentials.ts'
import type { OpenLog } from './log.ts'
import type { Fields, TokenKind } from './source.ts'
import { isSuspectSql, LEFT_OUT, loadTokens, MISSING_TOKEN } from './tokens.ts'

/** How a number of an event is read: the type it is staged in, the macro that reads it, and the range that makes sense. */
export interface NumberKind {
  readonly type: string
  readonly macro: string
  readonly low: number
  readonly high: number
}

const BYTES: NumberKind = { type: 'BIGINT', macro: 'kh_bytes', low: 0, high: 1e15 }

/** Event columns that are numbers. One that cannot be read is unknown, and counted. */
export const NUMBERS: Partial<Record<EventColumn, NumberKind>> = {
  status: { type: 'SMALLINT', macro: 'kh_status', low: 0, high: 999 },
  request_bytes: BYTES,
  response_bytes: BYTES,
  latency_ms: { type: 'DOUBLE', macro: 'kh_duration', low: 0, high: 1e12 },
  latitude: { type: 'DOUBLE', macro: 'kh_amount', low: -90, high: 90 },
  longitude: { type: 'DOUBLE', macro: 'kh_amount', low: -180, high: 180 },
}

/** Columns of which a value may be unreadable; the place of each is its bit in the staged column `unread`. */
export const READABLE: readonly EventColumn[] = [
  ...(Object.keys(NUMBERS) as EventColumn[]),
  'token_created_at',
]

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
export const MAY_HOLD_SECRETS: ReadonlySet<EventColumn> = new Set([
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
  unread: 'UTINYINT',
  ...Object.fromEntries(TEXTS.map(name => [name, 'VARCHAR'])),
  ...Object.fromEntries(Object.entries(NUMBERS).map(([name, { type }]) => [name, type])),
}

/** Is the column one that a log can give? The others are made of these. */
export function isStaged(name: EventColumn): boolean {
  return name === 'time' || name === 'token_id' || name in OPTIONAL
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
  /** SQL condition over the relation: records that the source or the map leaves out. */
  readonly leftOut?: string | undefined
}

/**
 * Writes one log to `path` as a staged table: a row for every record, those of a file in its order, with token ids in place of
 * tokens, `reason` where it cannot become an event, and `row_hash` as identity where the log gives no id. Answers which
 * columns it has. One pass over a log whose tokens are names; else two, distinct tokens first. All in constant memory.
 */
export async function stageLog(
  engine: Engine,
  log: OpenLog,
  fields: Fields,
  options: StageOptions,
): Promise<string[]> {
  const isDone = options.tokens === 'identifier' && (await stagePlain(engine, log, fields, options))
  if (!isDone) {
    await loadTokens(engine, tokensSql(log, fields), options.tokens, options.key)
    await log.forgetErrors?.()
    // The engine keeps the order of rows on several threads, but not through a join.
    await onOneThread(engine, () =>
      writeStage(engine, stageSql(log, fields, { ...options, isPlain: false }), options.path),
    )
  }
  const named = { ...fields, ...(options.tenant !== undefined && { tenant_id: '' }) }
  return [...Object.keys(named), ...(READABLE.some(name => name in fields) ? ['unread'] : [])]
}

/**
 * Stages a log as if every token were its own id, which is so in most logs of ids; answers whether it was. A text that may be none is not
 * written.
 */
async function stagePlain(
  engine: Engine,
  log: OpenLog,
  fields: Fields,
  options: StageOptions,
): Promise<boolean> {
  await writeStage(engine, stageSql(log, fields, { ...options, isPlain: true }), options.path)
  const [found] = await engine.rows<{ suspects: number }>(
    `SELECT count(*) AS suspects FROM read_parquet(${quoteText(options.path)}) WHERE reason = '${SUSPECT}'`,
  )
  if (found!.suspects > 0) await log.forgetErrors?.()
  return found!.suspects === 0
}

async function writeStage(engine: Engine, sql: string, path: string): Promise<void> {
  // A text file's number of rows is unknown to the planner, which would build the hash table over the log, not the tokens.
  await engine.run(
    `SET disabled_optimizers = 'join_order,build_side_probe_side'; SET preserve_insertion_order = true`,
  )
  const staging = engine.run(
    `COPY (${sql}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 30000)`,
  )
  await staging.finally(() =>
    engine.run(`SET disabled_optimizers = ''; SET preserve_insertion_order = false`),
  )
}

/** Marks rows for {@link stagePlain}; no other reader meets it. */
const SUSPECT = 'token_id: may be no id'

/**
 * The distinct texts that stand for tokens and sessions, those of broken rows among them: only these columns are read. With the
 * options of the second pass: DuckDB's CSV reader answers other rows beside a broken one when it does not note its errors.
 */
function tokensSql(log: OpenLog, { token_id, session_id }: Fields): string {
  const session = session_id === undefined ? '' : `, (${session_id})::VARCHAR AS session`
  const pairs = `SELECT DISTINCT (${token_id})::VARCHAR AS token${session} FROM (${log.relation(true)}) WHERE NOT (${log.blank})`
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
  {
    tokens,
    fileOffset,
    tenant,
    leftOut,
    isPlain,
  }: Pick<StageOptions, 'tokens' | 'fileOffset' | 'tenant' | 'leftOut'> & {
    /** Every token is its own id, but for those that are suspect. */
    isPlain: boolean
  },
): string {
  const has = (name: EventColumn) => fields[name] !== undefined
  const numbers = (Object.keys(NUMBERS) as EventColumn[]).filter(has)
  const given = Object.entries(fields).map(([name, sql]) => `(${sql})::VARCHAR AS kh_given_${name}`)
  const isFixed = (name: EventColumn) => name === 'tenant_id' && tenant !== undefined
  const texts = TEXTS.filter(name => has(name) && !isFixed(name))
  // In steps of their own: the engine works out anew what stands several times in a CASE, as in the macros. And a CASE asks the
  // macros of plain values' exceptions only, where coalesce lets it run their patterns over all rows (measured: six times as long).
  const casts = [
    `CASE WHEN suffix(kh_given_time, 'Z') THEN try_cast(kh_given_time AS TIMESTAMP) END AS kh_plain_time`,
    ...numbers.map(name => `try_cast(kh_given_${name} AS DOUBLE) AS kh_plain_${name}`),
  ]
  const parsed = [
    'CASE WHEN kh_sane(kh_plain_time) IS NULL THEN kh_moment(kh_text(kh_given_time)) ELSE kh_plain_time END AS kh_moment',
    'kh_text(kh_given_token_id) AS kh_clean_token_id',
    ...texts.map(name => `kh_text(kh_given_${name}) AS kh_clean_${name}`),
    ...numbers.map(
      name =>
        `CASE WHEN isfinite(kh_plain_${name}) THEN kh_plain_${name} ELSE ${NUMBERS[name]!.macro}(kh_given_${name}) END AS kh_number_${name}`,
    ),
  ]
  const readable = READABLE.filter(has)
  const columns = [
    ...(tenant === undefined ? [] : [`${quoteText(tenant)} AS tenant_id`]),
    ...(has('session_id')
      ? [`${isPlain ? plainSql('kh_text(o.kh_given_session_id)') : 's.id'} AS session_id`]
      : []),
    ...(has('token_created_at') ? ['kh_when(o.kh_given_token_created_at) AS token_created_at'] : []),
    ...texts.map(name => `${textSql(name, tokens)} AS ${name}`),
    ...numbers.map(
      name =>
        `CASE WHEN ${isInRange(name)} THEN try_cast(o.kh_number_${name} AS ${NUMBERS[name]!.type}) END AS ${name}`,
    ),
    ...(readable.length === 0 ? [] : [`${unreadMaskSql(readable, numbers)} AS unread`]),
  ]
  const brokenSql =
    leftOut === undefined
      ? log.broken
      : `coalesce(${log.broken}, CASE WHEN ${leftOut} THEN ${quoteText(LEFT_OUT)} END)`
  return `
WITH read AS (${log.relation(true)}),
given AS (
  SELECT *, (${brokenSql})::VARCHAR AS kh_broken, ${given.join(', ')}
  FROM read WHERE NOT (${log.blank})
),
cast_plainly AS (SELECT *, ${casts.join(', ')} FROM given),
parsed AS (SELECT *, ${parsed.join(', ')} FROM cast_plainly),
identified AS (
  SELECT *, ${isPlain ? `${suspectSql(has('session_id'))} AS kh_suspect,` : ''} ${has('path') ? `${pathSql('kh_clean_path')} AS kh_bare_path,` : ''}
    ${has('event_id') ? `CASE WHEN kh_clean_event_id IS NULL THEN sha256(${log.record})[1:32] END` : `sha256(${log.record})[1:32]`} AS kh_row_hash
  FROM parsed
)
SELECT o.kh_file + ${fileOffset} AS file, o.kh_row AS "row", o.kh_moment AS time,
  ${reasonSql(isPlain, has('tenant_id') ? tenant : undefined)} AS reason,
  o.kh_row_hash AS row_hash, ${isPlain ? plainSql('o.kh_clean_token_id') : 't.id'} AS token_id${columns.map(column => `,\n  ${column}`).join('')}
FROM identified o
${isPlain ? '' : 'LEFT JOIN kh_tokens t ON t.given = o.kh_given_token_id'}
${isPlain || !has('session_id') ? '' : 'LEFT JOIN kh_tokens s ON s.given = o.kh_given_session_id'}`
}

function suspectSql(hasSession: boolean): string {
  const token = isSuspectSql('kh_clean_token_id')
  return hasSession ? `(${token} OR ${isSuspectSql('kh_text(kh_given_session_id)')})` : token
}

function plainSql(text: string): string {
  return `CASE WHEN NOT o.kh_suspect THEN ${text} END`
}

function isInRange(name: EventColumn): string {
  const { low, high } = NUMBERS[name]!
  return `o.kh_number_${name} BETWEEN ${low} AND ${high}`
}

/** The bits of all columns. Most rows have all their numbers, which is known already: only of the others each column is asked. */
function unreadMaskSql(readable: readonly EventColumn[], numbers: readonly EventColumn[]): string {
  const sum = (columns: readonly EventColumn[]) => columns.map(unreadSql).join(' + ') || '0'
  const others = sum(readable.filter(name => !numbers.includes(name)))
  if (numbers.length === 0) return `(${others})::UTINYINT`
  return `(CASE WHEN ${numbers.map(isInRange).join(' AND ')} THEN 0 ELSE ${sum(numbers)} END + ${others})::UTINYINT`
}

/** The bit of a column whose text says something that cannot be read. The text is looked at only where it is no number. */
function unreadSql(name: EventColumn): string {
  const given = `o.kh_given_${name}`
  const unread =
    name === 'token_created_at'
      ? `kh_when(${given}) IS NULL AND kh_text(${given}) IS NOT NULL`
      : `NOT coalesce(${isInRange(name)}, kh_text(${given}) IS NULL)`
  return `CASE WHEN ${unread} THEN ${2 ** READABLE.indexOf(name)} ELSE 0 END`
}

/** Why a row cannot become an event, the first of all reasons; null when it can. */
function reasonSql(isPlain: boolean, tenant?: string): string {
  const cases = [
    'WHEN o.kh_broken IS NOT NULL THEN o.kh_broken',
    `WHEN o.kh_moment IS NULL THEN CASE WHEN kh_text(o.kh_given_time) IS NULL THEN 'time: missing'
      WHEN kh_text(o.kh_given_time)[1] IN ('{', '[') THEN 'time: nested value where a plain one is expected'
      ELSE 'time: not a timestamp' END`,
    `WHEN o.kh_clean_token_id IS NULL THEN '${MISSING_TOKEN}'`,
    ...(isPlain
      ? [`WHEN o.kh_suspect THEN '${SUSPECT}'`]
      : ['WHEN t.reason IS NOT NULL THEN t.reason', `WHEN t.id IS NULL THEN '${NO_ID}'`]),
    ...(tenant === undefined
      ? []
      : [`WHEN kh_text(o.kh_given_tenant_id) <> ${quoteText(tenant)} THEN '${OTHER_TENANT}'`]),
  ]
  return `CASE ${cases.join('\n    ')} END`
}

/** A token that the first pass did not meet and the second did: an event without id must not be stored. */
const NO_ID = 'token_id: no id was made for it; read the file again'

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

/** Anything of a credential's form blotted out. */
function byFormSql(text: string): string {
  const pattern = quoteText(CREDENTIAL_PATTERN)
  return `WHEN ${mayHoldCredentialSql(text)} AND regexp_matches(${text}, ${pattern}) THEN regexp_replace(${text}, ${pattern}, '${REDACTED}', 'g')`
}
