import type { EventColumn } from '../schema/event.ts'
import { looksLikeCredential } from './credentials.ts'
import type { LogColumn } from './log.ts'

const words = (list: string): readonly string[] => list.trim().split(/\s+/)

/**
 * Names under which logs carry an event column, best first; compared in snake_case (`sourceIPAddress` and
 * `source.ip.address` are both `source_ip_address`). Sources: OCSF 1.x, ECS 8, OpenTelemetry HTTP conventions, the
 * access logs of nginx, Envoy, Kong, AWS, Google Cloud, Azure and Cloudflare, and plain habit.
 */
export const ALIASES: Partial<Record<EventColumn, readonly string[]>> = {
  event_id: words(`
    event_id eventid event_uid log_id insert_id record_id request_id x_request_id ray_id
    correlation_id`),
  time: words(`
    time timestamp ts event_time event_timestamp datetime date_time time_iso8601 time_local
    timestamp_ms time_ms epoch epoch_ms logged_at occurred_at request_timestamp start_time
    received_at created_at time_unix_nano edge_start_timestamp date created event_date_time`),
  token_id: words(`
    token_id token access_token api_token auth_token bearer_token api_key apikey api_key_id
    x_api_key access_key_id access_key key_id credential_id credential_uid hashed_token
    token_hash authorization http_authorization request_headers_authorization
    headers_authorization http_request_headers_authorization personal_access_token pat
    request_authorization http_x_api_key http_x_auth_token http_x_access_token arg_api_key arg_access_token
    aws_access_key session_token session_cookie session_id session sid`),
  tenant_id: words(`
    tenant_id tenant org_id organization_id organisation_id org organization account_id
    account workspace_id customer_id customer project_id subscription_id cloud_account_id
    cloud_account_uid`),
  principal_id: words(`
    principal_id principal user_id userid user user_name username user_email actor_id actor
    subject sub client_id consumer_id service_account service_account_id owner owner_id
    login remote_user enduser_id`),
  session_id: words(`session_id session session_uid sid`),
  token_kind: words(`token_kind token_type credential_type auth_type key_type`),
  token_created_at: words(`token_created_at token_issued_at token_created key_created_at`),
  role: words(`role role_name user_role`),
  granted_scopes: words(`granted_scopes scopes token_scopes permissions scope`),
  method: words(`method http_method request_method http_request_method verb cs_method client_request_method`),
  path: words(`
    path request_path uri_path url_path http_path uri request_uri url request_url http_url url_full
    http_target cs_uri_stem client_request_uri client_request_path endpoint route request_line request`),
  operation: words(`
    operation operation_id operation_name api_operation event_name rpc_method action
    procedure call`),
  resource_type: words(`resource_type object_type target_type`),
  resource_id: words(`resource_id resource object_id target_id target object repository repo bucket`),
  required_scope: words(`required_scope required_scopes scope_required required_permission`),
  status: words(`
    status status_code http_status http_status_code response_status response_code
    http_response_status_code sc_status statuscode downstream_status edge_response_status
    response_status_code`),
  source_ip: words(`
    source_ip ip client_ip ip_address source_ip_address src_ip remote_addr remote_ip
    remote_address client_address actor_ip caller_ip source_address x_forwarded_for http_x_forwarded_for c_ip
    source_endpoint_ip src_endpoint_ip caller_ip_address client_host`),
  asn: words(`asn as_number source_asn client_asn source_as_number geo_asn autonomous_system_number`),
  as_org: words(`
    as_org as_name as_organization source_as_organization_name client_as_org isp
    autonomous_system_organization`),
  network_type: words(`network_type ip_type connection_type usage_type`),
  country: words(`
    country country_code geo_country client_country source_country
    source_geo_country_iso_code geoip_country_code geoip_country_code2 cf_ipcountry
    country_iso_code client_country_name`),
  city: words(`city geo_city client_city source_geo_city_name geoip_city_name`),
  latitude: words(`latitude lat geo_lat source_geo_location_lat`),
  longitude: words(`longitude lon lng long geo_lon source_geo_location_lon`),
  user_agent: words(`
    user_agent useragent ua http_user_agent user_agent_original agent client_user_agent
    request_headers_user_agent headers_user_agent cs_user_agent request_user_agent
    client_request_user_agent`),
  request_bytes: words(`
    request_bytes request_size request_length bytes_in bytes_received http_request_bytes
    http_request_body_size cs_bytes request_size_bytes`),
  response_bytes: words(`
    response_bytes response_size response_length bytes_out bytes_sent bytes body_bytes_sent
    http_response_bytes http_response_body_size sc_bytes content_length response_size_bytes`),
  latency_ms: words(`
    latency_ms duration_ms response_time_ms elapsed_ms latency duration response_time
    elapsed took_ms took time_taken latency_s latency_seconds duration_s duration_seconds
    request_time latency_us duration_us duration_ns latency_ns event_duration`),
}

/** Columns of a token inventory, as {@link ALIASES}. */
export const INVENTORY_ALIASES: Record<string, readonly string[]> = {
  token_id: ALIASES.token_id!,
  principal_id: ALIASES.principal_id!,
  tenant_id: ALIASES.tenant_id!,
  role: ['role', 'role_name', 'user_role', 'roles'],
  granted_scopes: ['granted_scopes', 'scopes', 'token_scopes', 'permissions', 'scope'],
  token_kind: ['token_kind', 'kind', 'token_type', 'credential_type', 'type'],
  token_created_at: [
    'token_created_at',
    'created_at',
    'created',
    'issued_at',
    'creation_date',
    'create_date',
  ],
}

/** `sourceIPAddress`, `source.ip-address` -> `source_ip_address`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/(?<=[A-Z])(?=[A-Z][a-z])/g, '_')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/_+$/, '')
    .toLowerCase()
    .replace(/^_/, '')
}

/**
 * For each wanted column the log's column that carries it, no log column used twice (the order of `aliases` decides who chooses
 * first): by the best alias that is a name, then by one that differs in underscores or a unit in parentheses, then by the last
 * members of one nested name only.
 */
export function matchColumns(
  columns: readonly LogColumn[],
  aliases: Readonly<Partial<Record<string, readonly string[]>>>,
): Map<string, LogColumn> {
  const used = new Set<LogColumn>()
  const found = new Map<string, LogColumn>()
  const wantedOnes = Object.entries(aliases) as [string, readonly string[]][]
  const pass = (
    columnsOf: (wanted: string) => ReadonlyMap<string, LogColumn>,
    spell: (alias: string) => string,
  ) => {
    for (const [wanted, names] of wantedOnes) {
      if (found.has(wanted)) continue
      const byName = columnsOf(wanted)
      const column = names
        .map(name => byName.get(spell(name)))
        .find(one => one !== undefined && !used.has(one))
      if (column === undefined) continue
      used.add(column)
      found.set(wanted, column)
    }
  }
  const named = byKey(columns, column => [snakeCase(column.name)])
  const squashed = byKey(columns, column => [squash(withoutUnit(column.name))])
  pass(
    () => named,
    name => name,
  )
  pass(() => squashed, squash)
  pass(
    wanted =>
      tailsFor(
        wanted,
        columns.filter(column => !used.has(column)),
      ),
    squash,
  )
  return new Map(wantedOnes.flatMap(([wanted]) => (found.has(wanted) ? [[wanted, found.get(wanted)!]] : [])))
}

const squash = (name: string) => snakeCase(name).replaceAll('_', '')

/** `created (UTC)`, `Duration (ms)`: the unit is no part of the name. */
function withoutUnit(name: string): string {
  return name.replace(/\s*\((utc|gmt|iso|local|s|sec|secs|seconds|ms|msec|us|µs|ns|bytes|b)\)\s*$/i, '')
}

/** The first column of each key. */
function byKey(
  columns: readonly LogColumn[],
  keysOf: (column: LogColumn) => readonly string[],
): Map<string, LogColumn> {
  const map = new Map<string, LogColumn>()
  for (const column of columns) for (const key of keysOf(column)) if (!map.has(key)) map.set(key, column)
  return map
}

/** Members that only hold the members of a request or its record together, so that one name inside them says what it says outside. */
const AROUND = words(`
  httprequest http request req properties jsonpayload payload event data fields detail details message msg log record
  meta attributes attrs access nginx apache extra info context ctx body`)
const ANSWERS = words('httpresponse response res resp')
const CALLERS = words('client remote source caller network actor')
const HEADERS = words('headers header requestheaders reqheaders httpheaders')
const WRITERS = words(
  'properties jsonpayload payload event data fields detail details message log record meta attributes',
)

/** Members around the name, by event column, in which a single name is taken for the column. */
const PARENTS: Readonly<Record<string, readonly string[]>> = {
  time: WRITERS,
  status: [...AROUND, ...ANSWERS],
  response_bytes: [...AROUND.filter(name => !/^(request|req)$/.test(name)), ...ANSWERS],
  source_ip: [...AROUND, ...CALLERS],
  user_agent: [...AROUND, ...CALLERS, ...HEADERS],
  token_id: [...AROUND, ...HEADERS, 'auth', 'authentication', 'credentials', 'credential'],
}

/** By which rule of {@link matchColumns} a name stands for an event column; null where none of them says so. */
export function ruleOfName(
  wanted: EventColumn,
  name: string,
): 'own name' | 'known name' | 'similar name' | 'last member' | null {
  const aliases = ALIASES[wanted] ?? []
  const snake = snakeCase(name)
  if (snake === wanted) return 'own name'
  if (aliases.includes(snake)) return 'known name'
  const squashed = aliases.map(squash)
  const bare = withoutUnit(name)
  if (squashed.includes(squash(bare))) return 'similar name'
  const parts = bare.split('.')
  const tails = parts.slice(1).map((_, k) => squash(parts.slice(k + 1).join('_')))
  return tails.some(tail => squashed.includes(tail)) ? 'last member' : null
}

/** Last members of nested names, spelled without underscores; what two columns end in is left out. */
function tailsFor(wanted: string, columns: readonly LogColumn[]): Map<string, LogColumn> {
  const parents = PARENTS[wanted] ?? [...AROUND, ...ANSWERS, ...CALLERS]
  const tails = new Map<string, LogColumn | null>()
  for (const column of columns) {
    const parts = withoutUnit(column.name).split('.')
    for (let k = 1; k < parts.length; k++) {
      const isSingle = k === parts.length - 1
      if (isSingle && !parents.includes(squash(parts[k - 1]!))) continue
      const tail = squash(parts.slice(k).join('_'))
      const other = tails.get(tail)
      tails.set(tail, other === undefined || other === column ? column : null)
    }
  }
  return new Map([...tails].filter((entry): entry is [string, LogColumn] => entry[1] !== null))
}

/** The column whose name is nearest to one that is not there; null where none is near. */
export function nearestName(name: string, columns: readonly LogColumn[]): string | null {
  let best: { name: string; distance: number } | null = null
  for (const column of columns) {
    const distance = editDistance(squash(name), squash(column.name))
    if (best === null || distance < best.distance) best = { name: column.name, distance }
  }
  return best !== null && best.distance <= Math.max(2, name.length / 5) ? best.name : null
}

/** Letters put in, left out or changed (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}

/** Is a name of a column fit for a message: no value of a headerless file, no secret? */
export function isFitName(name: string): boolean {
  return /^[A-Za-z_@$][\w .@$/()[\]-]{0,63}$/.test(name) && !looksLikeCredential(name) && !/\d{4}/.test(name)
}

/** Names of columns fit for a message, not a hundred of them. */
export function listNames(columns: readonly LogColumn[]): string {
  const names = columns.map(column => column.name).filter(isFitName)
  if (names.length === 0) return 'no names that could be columns'
  return names.length > 30
    ? `${names.slice(0, 30).join(', ')} and ${names.length - 30} more`
    : names.join(', ')
}
