import { EVENT_COLUMNS, type EventColumn } from '../schema/event.ts'

/** Staged rows that can become events, of the days from first to last. */
export function usableSql(staged: string, firstDay: string, lastDay: string): string {
  return `SELECT * FROM ${staged}
WHERE reason IS NULL AND time >= TIMESTAMP '${firstDay}' AND time < TIMESTAMP '${lastDay}' + INTERVAL 1 DAY`
}

/**
 * The log's own id; else a hash of the record and of how often this very record stood in the same file before, so that truly repeated
 * rows of a file are all kept, and the same file read twice adds nothing.
 */
const EVENT_ID = `coalesce(s.event_id, sha256(s.row_hash || '#' || coalesce(o.occurrence, 1))[1:32])`

/** Tables that the values of an event come from, by their alias: staged rows and what is known of their distinct values. */
const ORIGINS = {
  s: 'the staged rows',
  i: 'kh_inventory',
  c: 'kh_clients',
  a: 'kh_addresses',
  p: 'kh_paths',
  n: 'kh_networks',
} as const

/** One of the values that an event's column takes, if none before it is there. */
interface Part {
  readonly from: keyof typeof ORIGINS
  readonly sql: string
  /** Staged columns that it is made of. */
  readonly reads?: readonly string[]
  /** Its distinct values, where it is made of two tables: a query over `staged`. */
  readonly values?: string
}

const staged = (sql: string, ...reads: string[]): Part => ({ from: 's', sql, reads })
const own = (name: string): Part => staged(`s.${name}`, name)
const of = (from: keyof typeof ORIGINS, name: string): Part => ({ from, sql: `${from}.${name}` })

/** Method and template of a path, for logs that name no operation. */
const CALL: Part = {
  from: 's',
  sql: `nullif(concat_ws(' ', upper(s.method), p.template), '')`,
  reads: ['operation', 'method'],
  values: `SELECT concat_ws(' ', s.method, p.template)
FROM (SELECT DISTINCT upper(method) AS method FROM staged WHERE operation IS NULL) s, (SELECT DISTINCT template FROM kh_paths UNION ALL SELECT NULL) p`,
}

/** The values of each column of an event, best first. */
const PARTS: Readonly<Record<EventColumn, readonly Part[]>> = {
  event_id: [staged(EVENT_ID)],
  time: [staged('epoch_ms(epoch_ms(s.time))::TIMESTAMP_MS')],
  tenant_id: [own('tenant_id'), of('i', 'tenant_id'), staged(`'default'`)],
  principal_id: [own('principal_id'), of('i', 'principal_id'), own('token_id')],
  token_id: [own('token_id')],
  session_id: [own('session_id')],
  token_kind: [own('token_kind'), of('i', 'token_kind')],
  token_created_at: [
    staged('epoch_ms(epoch_ms(s.token_created_at))::TIMESTAMP_MS'),
    of('i', 'token_created_at'),
  ],
  role: [own('role'), of('i', 'role')],
  granted_scopes: [staged(scopesSql('s.granted_scopes'), 'granted_scopes'), of('i', 'granted_scopes')],
  method: [staged('upper(s.method)', 'method')],
  path: [of('p', 'path')],
  operation: [own('operation'), CALL],
  resource_type: [own('resource_type'), of('p', 'resource_type')],
  resource_id: [own('resource_id'), of('p', 'resource_id')],
  required_scope: [own('required_scope')],
  status: [own('status')],
  source_ip: [of('a', 'ip')],
  net: [of('a', 'net')],
  asn: [staged(`try_cast(regexp_extract(s.asn, '[0-9]+') AS INTEGER)`), { from: 'a', sql: 'a.asn::INTEGER' }],
  as_org: [
    own('as_org'),
    staged(`nullif(trim(regexp_extract(s.asn, '^(?i:as)[0-9]+ +(.+)$', 1)), '')`, 'asn'),
    of('a', 'as_org'),
  ],
  network_type: [
    staged('lower(s.network_type)', 'network_type'),
    of('a', 'network_type'),
    of('n', 'network_type'),
  ],
  country: [staged('upper(s.country)', 'country'), of('a', 'country')],
  city: [own('city'), of('a', 'city')],
  latitude: [own('latitude'), of('a', 'latitude')],
  longitude: [own('longitude'), of('a', 'longitude')],
  user_agent: [of('c', 'user_agent')],
  client: [of('c', 'client')],
  client_version: [of('c', 'client_version')],
  device_type: [of('c', 'device_type')],
  request_bytes: [own('request_bytes')],
  response_bytes: [own('response_bytes')],
  latency_ms: [own('latency_ms')],
}

/** Staged columns that the values of an event's column are made of. */
export function readColumns(column: EventColumn): string[] {
  return PARTS[column].flatMap(part => part.reads ?? [])
}

/** A query of all values that a text column of these events may have. */
export function valuesSql(column: EventColumn, relation: string): string {
  const queries = PARTS[column].map(({ from, sql, reads = [], values }) => {
    if (values !== undefined) return values
    if (from !== 's') return `SELECT ${sql} FROM ${ORIGINS[from]} ${from}`
    return reads.length === 0
      ? `SELECT ${sql}`
      : `SELECT ${sql} FROM (SELECT DISTINCT ${reads.join(', ')} FROM staged) s`
  })
  return `WITH staged AS (SELECT * FROM ${relation} WHERE reason IS NULL)
SELECT DISTINCT value FROM (${queries.join(' UNION ALL ')}) v (value) WHERE value IS NOT NULL`
}

/**
 * Usable rows as events, with the place they come from: identities made, the dictionaries joined in, the inventory applied.
 * `types` names the type of text columns that are no VARCHAR.
 */
export function eventsSql(usable: string, types: ReadonlyMap<string, string>): string {
  const cast = (name: string, sql: string) => (types.has(name) ? `(${sql})::${types.get(name)}` : sql)
  // Few texts are numbered where they are few: once a row of their table, not once an event.
  const table = (alias: keyof typeof ORIGINS) => {
    const names = EVENT_COLUMNS.filter(
      ({ name }) => types.has(name) && PARTS[name].some(({ from }) => from === alias),
    ).map(({ name }) => `${cast(name, name)} AS ${name}`)
    return names.length === 0
      ? `${ORIGINS[alias]} ${alias}`
      : `(SELECT * REPLACE (${names.join(', ')}) FROM ${ORIGINS[alias]}) ${alias}`
  }
  const value = (name: EventColumn) => {
    const parts = PARTS[name].filter(({ from }) => from !== 'n')
    return `coalesce(${parts.map(({ from, sql }) => (from === 's' ? cast(name, sql) : sql)).join(', ')}) AS ${name}`
  }
  return `
WITH joined AS (
  SELECT s.file, s.place, ${EVENT_COLUMNS.map(({ name }) => value(name)).join(',\n    ')}
  FROM (${usable}) s
  LEFT JOIN kh_repeats o ON o.file = s.file AND o.place = s.place
  LEFT JOIN ${table('i')} ON i.token_id = s.token_id
  LEFT JOIN ${table('c')} ON c.raw = s.user_agent
  LEFT JOIN ${table('a')} ON a.raw = s.source_ip
  LEFT JOIN ${table('p')} ON p.raw = s.path
),
placed AS (
  SELECT j.* REPLACE (coalesce(j.network_type, n.network_type) AS network_type)
  FROM joined j LEFT JOIN ${table('n')} ON n.asn = j.asn
)
SELECT file, place, ${EVENT_COLUMNS.map(({ name, type }) => `${name}::${types.get(name) ?? type} AS ${name}`).join(', ')}
FROM placed`
}

/** Scopes as single words, sorted, without repeats, from words separated by white space or commas, or a JSON list. */
export function scopesSql(text: string): string {
  const words = `regexp_split_to_array(trim(regexp_replace(${text}, '[\\[\\]"'',;\\s]+', ' ', 'g')), ' ')`
  return `nullif(array_to_string(list_sort(list_distinct(${words})), ' '), '')`
}
