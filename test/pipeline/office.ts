import type { Context } from '../../src/pipeline/context.ts'
import { openViews } from '../../src/pipeline/views.ts'
import { configSchema } from '../../src/schema/config.ts'
import { silentProgress } from '../../src/schema/run.ts'
import {
  addEvents,
  DAY_MS,
  HOUR_MS,
  momentOf,
  openTinyWorld,
  type TinyEvent,
  type TinyWorld,
} from '../engine/tiny-world.ts'

/** A Monday. */
export const FIRST = momentOf('2026-03-02')
export const dayAt = (n: number, hour = 0) => new Date(FIRST + n * DAY_MS + hour * HOUR_MS)

const OPERATIONS = ['GET /tasks', 'GET /tasks/{id}', 'POST /tasks', 'GET /projects']

/** One day of twelve tokens with steady habits at 9, 11 and 16 o'clock. */
export function officeDay(day: number): TinyEvent[] {
  const events: TinyEvent[] = []
  for (let token = 0; token < 12; token++) {
    for (const hour of [9, 11, 16]) {
      const calls = 3 + ((day * 5 + token * 7 + hour) % 6)
      for (let i = 0; i < calls; i++) events.push(officeCall(day, token, hour, i))
    }
  }
  return events
}

export function officeCall(day: number, token: number, hour: number, i: number): TinyEvent {
  return {
    event_id: `${day}-${token}-${hour}-${i}`,
    time: FIRST + day * DAY_MS + hour * HOUR_MS + i * 61_000 + token * 1300,
    token_id: `token-${token}`,
    tenant_id: 'acme',
    principal_id: `person-${token}`,
    role: token % 3 === 0 ? 'service' : 'analyst',
    method: i % 4 === 2 ? 'POST' : 'GET',
    operation: OPERATIONS[(i + token) % 4]!,
    resource_type: 'task',
    resource_id: String(100 * token + ((day + i) % 9)),
    status: 200,
    source_ip: `10.0.${token}.${1 + (day % 3)}`,
    net: `10.0.${token}.0/24`,
    asn: 100,
    country: 'NL',
    client: 'sdk',
    user_agent: 'sdk/1',
    response_bytes: 1000 + 37 * ((day + i) % 7),
  }
}

/** A takeover of a token: from elsewhere, with another client, deleting at night what is not its own. */
export function takeover(day: number, token: number): TinyEvent[] {
  return Array.from({ length: 40 }, (_, i) => ({
    ...officeCall(day, token, 3, i),
    event_id: `takeover-${day}-${token}-${i}`,
    source_ip: '203.0.113.7',
    net: '203.0.113.0/24',
    asn: 64500,
    country: 'US',
    client: 'curl',
    user_agent: 'curl/8',
    method: 'DELETE',
    operation: 'DELETE /admin/users/{id}',
    resource_id: String(100 * ((token + 1 + i) % 12) + (i % 9)),
    status: i % 2 === 0 ? 403 : 200,
  }))
}

export interface Office {
  readonly world: TinyWorld
  readonly context: Context
  rows<T>(sql: string): Promise<T[]>
}

/** A workspace with the events given, and a context whose budget is one alert in two days: twelve tokens need no more. */
export async function openOffice(events: readonly TinyEvent[]): Promise<Office> {
  const world = await openTinyWorld(2)
  await addEvents(world, events)
  const context: Context = {
    engine: world.engine,
    workspace: world.workspace,
    progress: silentProgress,
    now: dayAt(30),
    config: configSchema.parse({ alerts: { budgetPerDay: 0.5 }, forest: { trees: 30, subsample: 128 } }),
  }
  return {
    world,
    context,
    async rows<T>(sql: string) {
      await openViews(world.engine, world.workspace)
      return world.engine.rows<T>(sql)
    },
  }
}

export const days = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => officeDay(from + i)).flat()
