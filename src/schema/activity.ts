import type { Column } from './event.ts'

/** Key of every table per token and hour. */
export const WINDOW_KEY = [
  { name: 'tenant_id', type: 'VARCHAR', doc: '' },
  { name: 'principal_id', type: 'VARCHAR', doc: 'principal of the latest event of the window' },
  { name: 'token_id', type: 'VARCHAR', doc: '' },
  { name: 'window_start', type: 'TIMESTAMP_MS', doc: 'UTC, start of the hour' },
] as const satisfies readonly Column[]

/** Length of a window. Facets, counts and scores are per token and hour. */
export const WINDOW_SECONDS = 3600

/**
 * Numeric counts per token and hour: rows of `data/activity/counts/date=*`. Zero means none seen; null means that the log
 * never says (no status, no bytes...).
 */
export const COUNT_COLUMNS = [
  { name: 'role', type: 'VARCHAR', doc: 'role of the latest event, null where unknown' },
  { name: 'token_kind', type: 'VARCHAR', doc: 'kind of the latest event, null where unknown' },
  { name: 'token_created_at', type: 'TIMESTAMP_MS', doc: 'earliest stated, null where unknown' },
  { name: 'first_time', type: 'TIMESTAMP_MS', doc: 'first event of the window, UTC' },
  { name: 'last_time', type: 'TIMESTAMP_MS', doc: 'last event of the window, UTC' },
  { name: 'requests', type: 'INTEGER', doc: 'events' },
  { name: 'peak_10min', type: 'INTEGER', doc: 'most events in one of the six ten-minute slots' },
  { name: 'active_minutes', type: 'INTEGER', doc: 'minutes of the hour with an event, 1-60' },
  { name: 'failed', type: 'INTEGER', doc: 'status 400 and above' },
  { name: 'denied', type: 'INTEGER', doc: 'status 401 or 403' },
  { name: 'not_found', type: 'INTEGER', doc: 'status 404 or 410' },
  { name: 'throttled', type: 'INTEGER', doc: 'status 429' },
  { name: 'server_errors', type: 'INTEGER', doc: 'status 500 and above' },
  { name: 'reads', type: 'INTEGER', doc: 'by method, else by the operation’s verb' },
  { name: 'writes', type: 'INTEGER', doc: 'by method, else by the operation’s verb; deletes not counted' },
  { name: 'deletes', type: 'INTEGER', doc: 'by method, else by the operation’s verb' },
  {
    name: 'sensitive',
    type: 'INTEGER',
    doc: 'operations on identities, keys, permissions, money, exports or audit settings',
  },
  { name: 'denied_sensitive', type: 'INTEGER', doc: 'sensitive and status 401 or 403' },
  {
    name: 'out_of_grant',
    type: 'INTEGER',
    doc: 'required scope not among the granted ones; null where either is unknown',
  },
  { name: 'request_bytes', type: 'DOUBLE', doc: 'bytes' },
  { name: 'response_bytes', type: 'DOUBLE', doc: 'bytes' },
  { name: 'read_bytes', type: 'DOUBLE', doc: 'response bytes of successful reads' },
  { name: 'max_response_bytes', type: 'DOUBLE', doc: 'largest single answer, bytes' },
  { name: 'latency_ms', type: 'DOUBLE', doc: 'sum, milliseconds' },
  { name: 'net_switches', type: 'INTEGER', doc: 'consecutive events from different networks (/24, /48)' },
  {
    name: 'net_returns',
    type: 'INTEGER',
    doc: 'events back on the network before last: A, B, A. Two places at once, not a move',
  },
  { name: 'country_switches', type: 'INTEGER', doc: 'consecutive events from different countries' },
  { name: 'client_switches', type: 'INTEGER', doc: 'consecutive events from different client families' },
  {
    name: 'max_speed_kmh',
    type: 'DOUBLE',
    doc: 'fastest move between consecutive located events at least 100 km apart',
  },
  { name: 'id_steps', type: 'INTEGER', doc: 'numeric object ids that follow the one before by 1 to 3' },
  {
    name: 'gap_cv',
    type: 'DOUBLE',
    doc: 'standard deviation over mean of the seconds between events; 0 is a metronome',
  },
  { name: 'quick_gaps', type: 'INTEGER', doc: 'events within one second of the one before' },
] as const satisfies readonly Column[]

export type CountName = (typeof COUNT_COLUMNS)[number]['name']

/** Facets of `data/activity/facets/date=*`: (tenant_id, token_id, window_start, facet, value, n). */
export const FACETS = [
  { name: 'ip', doc: 'source address' },
  { name: 'net', doc: '/24 or /48 network' },
  { name: 'asn', doc: 'autonomous system' },
  { name: 'country', doc: 'country of the address' },
  { name: 'network_type', doc: 'hosting, vpn, tor, mobile...' },
  { name: 'client', doc: 'client family without version' },
  { name: 'agent', doc: 'the whole user-agent text' },
  { name: 'operation', doc: 'operation' },
  { name: 'resource', doc: 'resource type' },
  { name: 'object', doc: 'resource type and id' },
  { name: 'scope', doc: 'required scope' },
  { name: 'status', doc: 'status class and operation kind: 4xx read' },
  { name: 'bigram', doc: 'operation after operation, at most 30 minutes apart' },
] as const

export type FacetName = (typeof FACETS)[number]['name']

export const FACET_COLUMNS = [
  { name: 'tenant_id', type: 'VARCHAR', doc: '' },
  { name: 'token_id', type: 'VARCHAR', doc: '' },
  { name: 'window_start', type: 'TIMESTAMP_MS', doc: 'UTC, start of the hour' },
  { name: 'facet', type: 'VARCHAR', doc: FACETS.map(facet => facet.name).join(', ') },
  { name: 'value', type: 'VARCHAR', doc: '' },
  { name: 'n', type: 'INTEGER', doc: 'events with that value' },
] as const satisfies readonly Column[]
