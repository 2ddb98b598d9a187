import { join } from 'node:path'
import { type Engine, quoteText } from '../sql/duckdb.ts'
import { dayOf, publish } from '../sql/workspace.ts'
import type { DayBuffer } from './buffer.ts'
import { type Actor, DAY, type World } from './model.ts'
import { OPERATIONS, RESOURCES } from './operations.ts'

export type Format = 'parquet' | 'csv'

/** Loads the catalogues that every day's rows refer to: operations and tokens. */
export async function loadCatalogues(engine: Engine, world: World): Promise<void> {
  await engine.load('simulated_operations', {
    code: OPERATIONS.map(o => o.index),
    name: OPERATIONS.map(o => o.name),
    method: OPERATIONS.map(o => o.method),
    template: OPERATIONS.map(o => o.template),
    scope: OPERATIONS.map(o => o.scope),
    id_form: OPERATIONS.map(o => (o.object < 0 ? 'none' : RESOURCES[o.object]!.id)),
  })
  const owners = ownersOf(world)
  await engine.load('simulated_tokens', {
    code: world.tokens.map(token => token.index),
    token_id: world.tokens.map(token => token.id),
    user_id: world.tokens.map(token => owners.get(token.index)!.userId),
    tenant_id: world.tokens.map(token => owners.get(token.index)!.tenant.id),
    role: world.tokens.map(token => owners.get(token.index)!.role.name),
    scopes: world.tokens.map(token => owners.get(token.index)!.scopes.join(' ')),
  })
}

/** The actor behind each token, by token index. */
export function ownersOf(world: World): Map<number, Actor> {
  return new Map([
    ...world.actors.flatMap(actor => actor.tokens.map(token => [token.index, actor] as const)),
    ...world.minted,
  ])
}

/** Publishes one day as events-YYYY-MM-DD, in time order. Answers the path. */
export async function writeDay(
  engine: Engine,
  world: World,
  folder: string,
  day: number,
  buffer: DayBuffer,
  format: Format,
): Promise<string> {
  const cut = <T extends { subarray(from: number, to: number): ArrayLike<number> }>(column: T) =>
    column.subarray(0, buffer.rows)
  await engine.load('simulated_day', {
    time: cut(buffer.time),
    token: cut(buffer.token),
    operation: cut(buffer.operation),
    object: cut(buffer.object),
    status: cut(buffer.status),
    address: cut(buffer.address),
    agent: cut(buffer.agent),
    request_bytes: cut(buffer.requestBytes),
    response_bytes: cut(buffer.responseBytes),
    latency_ms: cut(buffer.latencyMs),
    id_high: cut(buffer.idHigh),
    id_low: cut(buffer.idLow),
  })
  const addresses = usedCodes(cut(buffer.address), world.addresses.texts.length)
  await engine.load('simulated_addresses', {
    code: addresses,
    text: addresses.map(code => world.addresses.texts[code]!),
    asn: addresses.map(code => world.addresses.asns[code]!),
    country: addresses.map(code => world.addresses.countries[code]!),
  })
  const agents = usedCodes(cut(buffer.agent), world.agents.texts.length)
  await engine.load('simulated_agents', { code: agents, text: agents.map(code => world.agents.texts[code]!) })
  const path = join(folder, `events-${dayOf(new Date(world.start + day * DAY))}.${format}`)
  await publish(path, temporary =>
    engine.run(`COPY (${daySql(format)}) TO ${quoteText(temporary)} (${copyOptions(format)})`),
  )
  return path
}

/** The distinct codes of a column, ascending. */
function usedCodes(column: ArrayLike<number>, size: number): number[] {
  const seen = new Uint8Array(size)
  for (let i = 0; i < column.length; i++) seen[column[i]!] = 1
  const out: number[] = []
  for (let code = 0; code < size; code++) if (seen[code]) out.push(code)
  return out
}

function copyOptions(format: Format): string {
  return format === 'csv' ? 'FORMAT csv, HEADER true' : 'FORMAT parquet, COMPRESSION zstd'
}

/** The log's columns, from codes to texts. */
function daySql(format: Format): string {
  const time = 'epoch_ms(d.time::BIGINT)'
  return `
    SELECT ${format === 'csv' ? `strftime(${time}, '%Y-%m-%dT%H:%M:%S.%gZ')` : `${time}::TIMESTAMP_MS`} AS "time",
      t.token_id, t.user_id, t.tenant_id, o.method,
      CASE o.id_form
        WHEN 'none' THEN o.template
        WHEN 'number' THEN replace(o.template, '{id}', d.object::BIGINT::VARCHAR)
        WHEN 'uuid' THEN replace(o.template, '{id}', md5(d.object::BIGINT::VARCHAR)::UUID::VARCHAR)
        ELSE replace(o.template, '{id}', o.id_form || printf('%x', d.object::BIGINT))
      END AS path,
      o.name AS operation, o.scope AS required_scope, d.status::SMALLINT AS status,
      a.text AS source_ip, a.asn::INTEGER AS asn, a.country, g.text AS user_agent,
      d.request_bytes::BIGINT AS request_bytes, d.response_bytes::BIGINT AS response_bytes,
      round(d.latency_ms, 1) AS latency_ms,
      printf('%08x%08x', d.id_high::BIGINT, d.id_low::BIGINT) AS event_id
    FROM simulated_day d
      JOIN simulated_tokens t ON t.code = d.token
      JOIN simulated_operations o ON o.code = d.operation
      JOIN simulated_addresses a ON a.code = d.address
      JOIN simulated_agents g ON g.code = d.agent
    ORDER BY d.time, event_id`
}

/** Publishes a small table as CSV, columns in the order of the record's keys. */
export async function writeTable(
  engine: Engine,
  path: string,
  columns: Record<string, readonly (string | null)[]>,
): Promise<void> {
  await engine.load('simulated_table', columns)
  await publish(path, temporary =>
    engine.run(
      `COPY (SELECT * FROM simulated_table ORDER BY rowid) TO ${quoteText(temporary)} (FORMAT csv, HEADER true)`,
    ),
  )
}

/** Leaves the engine as it was found. */
export async function dropTables(engine: Engine): Promise<void> {
  for (const name of ['operations', 'tokens', 'day', 'addresses', 'agents', 'table'])
    await engine.run(`DROP TABLE IF EXISTS simulated_${name}`)
}

/** Id of an event as the log shows it. */
export function eventId(high: number, low: number): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}
