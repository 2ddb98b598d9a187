import { createHash } from 'node:crypto'
import type { EventColumn } from '../schema/event.ts'
import { type Address, parseAddress } from './address.ts'
import { LEAST_ROWS } from './checks.ts'
import { type Client, parseClient } from './client.ts'
import { ALIASES } from './columns.ts'
import { looksLikeCredential, redact } from './credentials.ts'
import { type FlatValue, parseFlat } from './flat-json.ts'
import { bareToken, hashToken } from './identity.ts'
import { barePath, type LearnedPrefixes, learnPrefixes, splitPath } from './paths.ts'
import { momentOf, scopesOf, textOf, trimmed, UNSURE, type Unsure } from './plain-values.ts'
import type { TokenKind } from './source.ts'
import { MAY_HOLD_SECRETS, NUMBERS, type NumberKind } from './stage.ts'
import { isNobody } from './tokens.ts'

/** An event as `data/events` has it: texts, numbers, milliseconds since the epoch; null is unknown. */
export type PlainEvent = Readonly<Record<Exclude<EventColumn, 'time'>, string | number | null>> & {
  readonly time: number
  readonly event_id: string
  readonly tenant_id: string
  readonly token_id: string
  readonly principal_id: string
}

/** What is known of a token by the inventory. */
export interface InventoryEntry {
  readonly principal_id: string | null
  readonly tenant_id: string | null
  readonly role: string | null
  readonly granted_scopes: string | null
  readonly token_kind: string | null
  /** Milliseconds since the epoch. */
  readonly token_created_at: number | null
}

/** With what events are read in a workspace. */
export interface PlainOptions {
  readonly tokens: TokenKind
  /** Every event is of this tenant. */
  readonly tenant?: string
  readonly key: Buffer
  readonly inventory: ReadonlyMap<string, InventoryEntry>
  readonly prefixes: LearnedPrefixes
}

/** Events read, those that came twice left out. */
export interface PlainReading {
  /** Records read. */
  readonly read: number
  readonly events: readonly PlainEvent[]
}

/** An ingest of more records checks the outcome and may stop: only `ingest` does that. */
const MOST_RECORDS = LEAST_ROWS - 1

/** Columns that whole texts of records are named by; others may be meant for another one by their name. */
const NAMED = new Set<string>([
  ...Object.keys(ALIASES),
  // Made of others, and so not read.
  'net',
  'client',
  'client_version',
  'device_type',
])

/** What `upper`, `lower` and white space mean beyond ASCII differs between languages. */
const ASCII_ONLY: readonly EventColumn[] = [
  'method',
  'country',
  'network_type',
  'granted_scopes',
  'asn',
  'as_org',
]
const NOT_ASCII = /[^ -~]/

/** Halves of characters, NUL, and what stands where bytes were no text. */
const isStrange = (text: string) => /[\p{Cs}\ufffd]/u.test(text) || text.includes('\u0000')

/**
 * Reads records of events that have the columns of an event under their own names, just as `ingest` reads them: the same ids, the same defaults, the
 * same dictionaries. Null where any of them is not surely read alike, or would be rejected: then `ingest` has to read them.
 *
 * @param lines one JSON object each
 */
export function readPlainEvents(lines: readonly string[], options: PlainOptions): PlainReading | null {
  if (lines.length === 0 || lines.length > MOST_RECORDS) return null
  const rows: PlainRow[] = []
  for (const line of lines) {
    const row = readRow(line, options)
    if (row === null) return null
    rows.push(row)
  }
  const prefixes = prefixesOf(rows, options.prefixes)
  const occurrences = new Map<string, number>()
  const seen = new Map<string, string>()
  const events: PlainEvent[] = []
  for (const row of rows) {
    const event = eventOf(row, options, prefixes, occurrences)
    const identity = JSON.stringify([event.event_id, event.time, event.token_id, event.tenant_id])
    const before = seen.get(identity)
    // Of two records that say otherwise of one event, which one counts is for the reader of logs to say.
    if (before !== undefined && before !== row.line) return null
    if (before !== undefined) continue
    seen.set(identity, row.line)
    events.push(event)
  }
  return { read: lines.length, events }
}

/** A record, its texts clean and its numbers read. */
interface PlainRow {
  readonly line: string
  readonly time: number
  readonly token: string
  readonly tokenId: string
  readonly createdAt: number | null
  readonly texts: ReadonlyMap<EventColumn, string>
  readonly numbers: ReadonlyMap<EventColumn, number>
  /** Without its query; null without a path. */
  readonly path: string | null
}

function readRow(line: string, { tokens, tenant, key }: PlainOptions): PlainRow | null {
  const members = parseFlat(line)
  if (members === null || isStrange(line)) return null
  const texts = new Map<EventColumn, string>()
  const numbers = new Map<EventColumn, number>()
  let time: number | null | Unsure = null
  let createdAt: number | null | Unsure = null
  for (const [name, value] of members) {
    if (!NAMED.has(name)) return null
    if (name === 'time') time = momentOf(value)
    else if (name === 'token_created_at') createdAt = momentOf(value)
    else if (name in NUMBERS) {
      const number = numberOf(NUMBERS[name as EventColumn]!, value)
      if (number === UNSURE) return null
      if (number !== null) numbers.set(name as EventColumn, number)
    } else {
      const text = textOf(value)
      if (text === UNSURE || (text !== null && isStrange(text))) return null
      // The SQL engine may write the same number otherwise.
      if (typeof value !== 'string' && !/^\d{1,15}$/.test(text!)) return null
      if (text !== null) texts.set(name as EventColumn, text)
    }
  }
  const token = texts.get('token_id')
  if (time === null || time === UNSURE || createdAt === UNSURE || token === undefined) return null
  if (isNobody(token) || isNobody(bareToken(token))) return null
  for (const secret of [token, texts.get('session_id') ?? ''])
    if (/^[{[]/.test(secret) || (tokens === 'identifier' && looksLikeCredential(secret))) return null
  if (tenant !== undefined && (texts.get('tenant_id') ?? tenant) !== tenant) return null
  if (ASCII_ONLY.some(name => NOT_ASCII.test(texts.get(name) ?? ''))) return null
  const path = barePathOf(texts.get('path'))
  if (path === UNSURE || mayHoldSecrets(texts, path, tokens === 'secret' ? token : null)) return null
  const tokenId = tokens === 'secret' ? hashToken(key, token) : token
  return { line, time, token, tokenId, createdAt, texts, numbers, path }
}

function numberOf({ type, low, high }: NumberKind, value: FlatValue): number | null | Unsure {
  const text = textOf(value)
  if (text === null || text === UNSURE) return text
  if (!/^-?\d{1,15}(\.\d{1,20})?$/.test(text) || text.startsWith('-0')) return UNSURE
  const number = Number(text)
  const isOfType = type === 'DOUBLE' || !text.includes('.')
  return number >= low && number <= high && isOfType ? number : UNSURE
}

/** A path up to its query. A request line keeps its version behind it: that is for the reader of logs. */
function barePathOf(path: string | undefined): string | null | Unsure {
  if (path === undefined) return null
  if (/\sHTTP\//.test(path) || path.includes('\n')) return UNSURE
  const bare = /^[^?#]*/.exec(path)![0]
  return bare === '' ? UNSURE : bare
}

function mayHoldSecrets(
  texts: ReadonlyMap<EventColumn, string>,
  path: string | null,
  token: string | null,
): boolean {
  const bare = token === null ? null : bareToken(token)
  const isSecret = (text: string) => bare !== null && bare.length >= 8 && text.includes(bare)
  if (bare !== null && [token, bare].includes(texts.get('principal_id') ?? null)) return true
  if (isSecret(path ?? '') || isSecret(texts.get('user_agent') ?? '')) return true
  return [...MAY_HOLD_SECRETS].some(name => {
    // Path and user agent are redacted, not refused.
    const text = name === 'path' || name === 'user_agent' ? undefined : texts.get(name)
    return text !== undefined && (isSecret(text) || looksLikeCredential(text))
  })
}

/** As a log of only these records would have taught them. */
function prefixesOf(rows: readonly PlainRow[], known: LearnedPrefixes): LearnedPrefixes {
  const counts = new Map<string, number>()
  for (const { path } of rows) if (path !== null) counts.set(path, (counts.get(path) ?? 0) + 1)
  if (counts.size === 0) return known
  return learnPrefixes([...counts.keys()].map(barePath), [...counts.values()], known)
}

const clients = remembering(parseClient)
const addresses = remembering(parseAddress)

function eventOf(
  row: PlainRow,
  { tokens, tenant, key, inventory }: PlainOptions,
  prefixes: LearnedPrefixes,
  occurrences: Map<string, number>,
): PlainEvent {
  const { texts, numbers, tokenId, createdAt } = row
  const text = (name: EventColumn) => texts.get(name) ?? null
  const number = (name: EventColumn) => numbers.get(name) ?? null
  const listed = inventory.get(tokenId)
  const path = row.path === null ? null : splitPath(barePath(row.path), prefixes)
  const method = text('method')?.toUpperCase() ?? null
  const address: Address | null = texts.has('source_ip') ? addresses(texts.get('source_ip')!) : null
  const userAgent = texts.has('user_agent') ? redact(texts.get('user_agent')!) : null
  const client: Client | null = userAgent === null ? null : clients(userAgent)
  const session = text('session_id')
  const asn = /[0-9]+/.exec(text('asn') ?? '')
  const named = trimmed(/^as[0-9]+ +(.+)$/i.exec(text('asn') ?? '')?.[1] ?? '', ' ')
  const operation = text('operation') ?? [method, path?.template].filter(part => part != null).join(' ')
  return {
    event_id: text('event_id') ?? idOf(row.line, occurrences),
    time: row.time,
    tenant_id: tenant ?? text('tenant_id') ?? listed?.tenant_id ?? 'default',
    principal_id: text('principal_id') ?? listed?.principal_id ?? tokenId,
    token_id: tokenId,
    session_id: session === null || tokens === 'identifier' ? session : hashToken(key, session),
    token_kind: text('token_kind') ?? listed?.token_kind ?? null,
    token_created_at: createdAt ?? listed?.token_created_at ?? null,
    role: text('role') ?? listed?.role ?? null,
    granted_scopes: scopesOf(text('granted_scopes')) ?? listed?.granted_scopes ?? null,
    method,
    path: path?.path ?? null,
    operation: operation === '' ? null : operation,
    resource_type: text('resource_type') ?? path?.resourceType ?? null,
    resource_id: text('resource_id') ?? path?.resourceId ?? null,
    required_scope: text('required_scope'),
    status: number('status'),
    source_ip: address?.ip ?? null,
    net: address?.net ?? null,
    asn: asn === null || Number(asn[0]) > 2_147_483_647 ? null : Number(asn[0]),
    as_org: text('as_org') ?? (named === '' ? null : named),
    network_type: text('network_type')?.toLowerCase() ?? (address?.isPrivate ? 'private' : null),
    country: text('country')?.toUpperCase() ?? null,
    city: text('city'),
    latitude: number('latitude'),
    longitude: number('longitude'),
    user_agent: userAgent,
    client: client?.client ?? null,
    client_version: client?.version ?? null,
    device_type: client?.device ?? null,
    request_bytes: number('request_bytes'),
    response_bytes: number('response_bytes'),
    latency_ms: number('latency_ms'),
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32)

/** A hash of the record and of how often it stood there before. */
function idOf(line: string, occurrences: Map<string, number>): string {
  const record = sha256(line)
  const occurrence = (occurrences.get(record) ?? 0) + 1
  occurrences.set(record, occurrence)
  return sha256(`${record}#${occurrence}`)
}

/** Texts whose answers are kept, and their length: a caller may send texts of a megabyte. */
const MOST_REMEMBERED = 2000
const LONGEST_REMEMBERED = 500

function remembering<T>(describe: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return text => {
    if (text.length > LONGEST_REMEMBERED) return describe(text)
    const found = known.get(text)
    if (found !== undefined) return found
    if (known.size >= MOST_REMEMBERED) known.clear()
    const made = describe(text)
    known.set(text, made)
    return made
  }
}
