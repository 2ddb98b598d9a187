import type { Random } from '../../../src/lib/random.ts'
import { DAY_MS, type TinyEvent } from '../../../test/activity/tiny-world.ts'
import { daysFrom } from '../habit.ts'
import { type OracleWorld, writeEvents } from '../world.ts'

const DAYS = daysFrom('2026-11-16', 12)
const LETTERS = ['a', 'b', 'c', 'd', null] as const
const TENANTS = ['a', 'b'] as const
/** Moments are multiples of it, so that many events share one. */
const TICK_MS = 300_000
const EVENTS = 4500

/** Everything drawn from small alphabets: ties of time, of surprise and of counts, and values that all facets share. */
export const chance: OracleWorld = {
  name: 'chance',
  async write(world, random) {
    const events = Array.from({ length: EVENTS }, (_, i) => event(random.fork('event', i)))
    await writeEvents(world, events, random)
  },
}

function event(random: Random): TinyEvent {
  const letter = () => random.pick(LETTERS)
  const now = random.pick(DAYS) + 6 * TICK_MS * random.int(DAY_MS / TICK_MS / 12)
  const country = random.pick(['DE', 'US', 'JP', 'a', null])
  return {
    // Most in few ticks, so that an hour holds enough to compare.
    time: now + TICK_MS * random.int(6),
    tenant_id: random.pick(TENANTS),
    principal_id: random.pick(['p', 'q', 'r', 's']),
    token_id: `t${random.int(3) * random.int(4)}`,
    role: random.pick(['a', 'a', 'b', null]),
    token_kind: random.pick(['a', null]),
    granted_scopes: random.pick(['a', 'a b', null]),
    method: random.pick(['GET', 'POST', 'DELETE', null]),
    path: random.pick(['/a', '/keys', null]),
    operation: letter(),
    resource_type: letter(),
    resource_id: random.pick(['1', '2', '3', '4', '5', 'a', null]),
    required_scope: letter(),
    status: random.pick([200, 200, 200, 403, 404, 429, 500, null]),
    source_ip: letter(),
    net: letter(),
    asn: random.pick([1, 2, 3, null]),
    network_type: letter(),
    country,
    latitude: country === null ? null : random.pick([0, 50, -33]),
    longitude: country === null ? null : random.pick([0, 10, 151]),
    user_agent: letter(),
    client: letter(),
    request_bytes: random.pick([0, 1, 3, 7, null]),
    response_bytes: random.pick([0, 1, 3, 7, 1000, null]),
    latency_ms: random.pick([0, 1, 2.5, null]),
  }
}
