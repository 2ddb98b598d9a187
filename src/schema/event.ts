/** One column of a table Keyhound writes: the contract that ingest fills and every later stage reads. */
export interface Column {
  readonly name: string
  /** DuckDB type. */
  readonly type: string
  /** Meaning, with the unit. Null always means unknown, never zero. */
  readonly doc: string
}

/**
 * The normalised event. Names follow OCSF "API Activity" (class 6003) where it has one.
 * Rows of `data/events/date=YYYY-MM-DD/*.parquet`, in time order within a file.
 */
export const EVENT_COLUMNS = [
  {
    name: 'event_id',
    type: 'VARCHAR',
    doc: "the log's own id, or a hash of the row's identity: makes ingest idempotent",
  },
  { name: 'time', type: 'TIMESTAMP_MS', doc: 'UTC, milliseconds' },
  {
    name: 'tenant_id',
    type: 'VARCHAR',
    doc: 'customer, organisation or account; "default" where the log has none',
  },
  {
    name: 'principal_id',
    type: 'VARCHAR',
    doc: 'user, service account or client behind the token; the token itself where unknown',
  },
  {
    name: 'token_id',
    type: 'VARCHAR',
    doc: "HMAC-SHA-256 of the raw token under the workspace key, base64url; or the log's own non-secret id",
  },
  { name: 'session_id', type: 'VARCHAR', doc: 'login session, where the log names one' },
  { name: 'token_kind', type: 'VARCHAR', doc: 'api_key, access_key, oauth, pat, session...' },
  { name: 'token_created_at', type: 'TIMESTAMP_MS', doc: 'UTC; from the log or the token inventory' },
  { name: 'role', type: 'VARCHAR', doc: 'role of the token or its principal, from the inventory' },
  { name: 'granted_scopes', type: 'VARCHAR', doc: 'scopes granted, separated by single spaces, sorted' },
  { name: 'method', type: 'VARCHAR', doc: 'HTTP method, upper case' },
  { name: 'path', type: 'VARCHAR', doc: 'request path without the query' },
  {
    name: 'operation',
    type: 'VARCHAR',
    doc: 'operation name, or method and path template: GET /v2/tasks/{id}',
  },
  { name: 'resource_type', type: 'VARCHAR', doc: 'kind of object acted on: tasks' },
  { name: 'resource_id', type: 'VARCHAR', doc: 'the object acted on' },
  { name: 'required_scope', type: 'VARCHAR', doc: 'scope that the operation asks for' },
  { name: 'status', type: 'SMALLINT', doc: 'HTTP status' },
  { name: 'source_ip', type: 'VARCHAR', doc: 'client address, canonical text form' },
  { name: 'net', type: 'VARCHAR', doc: 'source_ip cut to /24 (IPv4) or /48 (IPv6), in CIDR form' },
  { name: 'asn', type: 'INTEGER', doc: 'autonomous system number' },
  { name: 'as_org', type: 'VARCHAR', doc: 'name of the autonomous system' },
  { name: 'network_type', type: 'VARCHAR', doc: 'hosting, vpn, tor, mobile, residential, business, private' },
  { name: 'country', type: 'VARCHAR', doc: 'ISO 3166-1 alpha-2, upper case' },
  { name: 'city', type: 'VARCHAR', doc: 'city name' },
  { name: 'latitude', type: 'DOUBLE', doc: 'degrees north' },
  { name: 'longitude', type: 'DOUBLE', doc: 'degrees east' },
  { name: 'user_agent', type: 'VARCHAR', doc: 'as sent' },
  { name: 'client', type: 'VARCHAR', doc: 'client family without version: python-requests, aws-cli, Chrome' },
  { name: 'client_version', type: 'VARCHAR', doc: 'version of that client' },
  { name: 'device_type', type: 'VARCHAR', doc: 'desktop, mobile, tablet, bot, server, unknown' },
  { name: 'request_bytes', type: 'BIGINT', doc: 'bytes' },
  { name: 'response_bytes', type: 'BIGINT', doc: 'bytes' },
  { name: 'latency_ms', type: 'DOUBLE', doc: 'milliseconds' },
] as const satisfies readonly Column[]

/** Name of a column of the normalised event. */
export type EventColumn = (typeof EVENT_COLUMNS)[number]['name']

/** Rows that could not become events: `data/rejects/<batch>.parquet`. Never holds the row's own values. */
export const REJECT_COLUMNS = [
  { name: 'batch', type: 'VARCHAR', doc: 'the ingest run that rejected it' },
  { name: 'file', type: 'VARCHAR', doc: 'path as given' },
  {
    name: 'row',
    type: 'BIGINT',
    doc: '1-based row in the file, header not counted; null when the whole file was rejected',
  },
  { name: 'reason', type: 'VARCHAR', doc: 'short stable reason, counted: "time: not a timestamp"' },
] as const satisfies readonly Column[]

/** Optional list of tokens, one row a token (`--inventory`): columns recognised by name. */
export const INVENTORY_COLUMNS = [
  { name: 'token_id', type: 'VARCHAR', doc: 'hashed like the log’s tokens' },
  { name: 'principal_id', type: 'VARCHAR', doc: 'also user_id' },
  { name: 'tenant_id', type: 'VARCHAR', doc: '' },
  { name: 'role', type: 'VARCHAR', doc: '' },
  { name: 'granted_scopes', type: 'VARCHAR', doc: 'also scopes; separated by spaces or commas' },
  { name: 'token_kind', type: 'VARCHAR', doc: 'also kind' },
  { name: 'token_created_at', type: 'TIMESTAMP_MS', doc: 'also created_at' },
] as const satisfies readonly Column[]
