import { createRandom } from '../../../src/lib/random.ts'
import type { EventColumn } from '../../../src/schema/event.ts'
import { EVENT_COLUMNS } from '../../../src/schema/event.ts'
import {
  type Actor,
  CLIENT_COLUMNS,
  DAY,
  type EventRow,
  HOUR,
  type Intensity,
  type LogFacts,
  ORIGIN_COLUMNS,
  type Scene,
  type TokenSummary,
} from '../../../src/simulate/inject/model.ts'

/** Midnight of the first day; attacks begin on day 14 of 28. */
export const START = Date.UTC(2026, 8, 7)
export const FROM = START + 14 * DAY
export const TO = START + 28 * DAY

const NOTHING = Object.fromEntries(EVENT_COLUMNS.map(({ name }) => [name, null])) as unknown as EventRow

/** An event with all else unknown. */
export function event(values: Partial<EventRow> & { time: number; token_id: string }): EventRow {
  return {
    ...NOTHING,
    event_id: `e-${values.token_id}-${values.time}`,
    tenant_id: 'acme',
    principal_id: `of-${values.token_id}`,
    ...values,
  }
}

/** The hand-made office: each token reads its own tasks at 09:00 to 12:00 UTC on the hour, from its own network and client. */
export function worker(
  token: string,
  options: { operation?: string; objects?: number; at?: number } = {},
): EventRow[] {
  const number = Number(token.replace(/\D/g, ''))
  const rows: EventRow[] = []
  for (let day = 0; day < 28; day++)
    for (let hour = 9; hour < 13; hour++) {
      const id = String(1000 * number + ((day + hour) % (options.objects ?? 6)))
      rows.push(
        event({
          token_id: token,
          time: START + day * DAY + (hour + (options.at ?? 0)) * HOUR + 7000,
          session_id: `s-${token}-${day}`,
          role: `role-${token}`,
          method: 'GET',
          path: `/tasks/${id}`,
          operation: options.operation ?? 'readTask',
          resource_type: 'tasks',
          resource_id: id,
          status: 200,
          source_ip: `10.0.${number}.5`,
          net: `10.0.${number}.0/24`,
          asn: 100 + number,
          country: number % 2 === 0 ? 'DE' : 'FR',
          user_agent: `client-${number}/1`,
          client: `client-${number}`,
          response_bytes: 500 + hour,
          latency_ms: 10.5,
        }),
      )
    }
  return rows
}

export function refusal(time: number): EventRow {
  return event({
    token_id: 't9',
    time,
    method: 'GET',
    path: '/admin',
    operation: 'readAdmin',
    status: 403,
    response_bytes: 41,
    latency_ms: 1.5,
  })
}

export function actor(rows: readonly EventRow[]): Actor {
  const days = (of: readonly EventRow[]) => new Set(of.map(row => Math.floor(row.time / DAY))).size
  const before = rows.filter(row => row.time < FROM)
  const token: TokenSummary = {
    tenantId: rows[0]!.tenant_id,
    principalId: rows[0]!.principal_id,
    tokenId: rows[0]!.token_id,
    events: rows.length,
    days: days(rows),
    eventsBefore: before.length,
    daysBefore: days(before),
    daysWithin: days(rows.filter(row => row.time >= FROM)),
  }
  return { token, rows }
}

const pick = (row: EventRow, columns: readonly EventColumn[]) =>
  Object.fromEntries(columns.map(name => [name, row[name]]))

/** Facts of a log that consists of these actors. */
export function facts(actors: readonly Actor[], changes: Partial<LogFacts> = {}): LogFacts {
  const rows = actors.flatMap(one => one.rows)
  return {
    has: new Set(EVENT_COLUMNS.map(c => c.name).filter(name => rows.some(row => row[name] !== null))),
    resolutionMs: 1000,
    from: FROM,
    to: TO,
    tokens: actors.map(one => one.token),
    origins: actors
      .filter(one => one.rows[0]!.net !== null)
      .map(one => ({ origin: pick(one.rows[0]!, ORIGIN_COLUMNS) as never, tokens: 1, tenants: ['acme'] })),
    clients: actors
      .filter(one => one.rows[0]!.client !== null)
      .map(one => ({ client: pick(one.rows[0]!, CLIENT_COLUMNS) as never, tokens: 1 })),
    inventoried: new Set(),
    ...changes,
  }
}

/** The victim is `t1`; the others are donors, and their rows (and a refusal) what the tenant shows. */
export function scene(
  intensity: Intensity,
  changes: {
    rows?: (row: EventRow) => EventRow
    log?: Partial<LogFacts>
    seed?: number
    operations?: string[]
  } = {},
): Scene {
  const operations = changes.operations ?? ['readTask', 'listUsers']
  const all = [
    worker('t1'),
    ...operations.map((operation, i) => worker(`t${i + 2}`, { operation, at: 8 })),
  ].map(rows => rows.map(changes.rows ?? (row => row)))
  const actors = all.map(actor)
  const [victim, ...donors] = actors as [Actor, ...Actor[]]
  return {
    random: createRandom(changes.seed ?? 1),
    intensity,
    log: facts(actors, changes.log),
    victim,
    donors,
    others: [...donors.flatMap(one => one.rows), (changes.rows ?? (row => row))(refusal(START))],
    usedOperations: new Set(victim.rows.map(row => row.operation!).filter(name => name !== null)),
    touched: new Set(victim.rows.map(row => row.resource_id!).filter(id => id !== null)),
  }
}
