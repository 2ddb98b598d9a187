import type { Random } from '../../../src/lib/random.ts'
import { DAY_MS, HOUR_MS, type TinyEvent } from '../../../test/activity/tiny-world.ts'
import { daysFrom, type Habit, habit, timeOf, traffic } from '../habit.ts'
import { type Cells, client, place } from '../product.ts'
import { type OracleWorld, writeEvents } from '../world.ts'

const DAYS = daysFrom('2026-08-03', 11)

const WITHOUT_PLACE = {
  source_ip: null,
  net: null,
  asn: null,
  as_org: null,
  network_type: null,
  country: null,
  latitude: null,
  longitude: null,
}
const WITHOUT_CLIENT = { user_agent: null, client: null, client_version: null }
const WITHOUT_CALL = { method: null, path: null, operation: null, resource_type: null }

/** What the events of a token lack. */
const LACKING: Readonly<Record<string, Cells>> = {
  status: { status: null },
  place: WITHOUT_PLACE,
  'place but the country': { ...WITHOUT_PLACE, country: 'DE' },
  client: WITHOUT_CLIENT,
  operation: { operation: null },
  'method and path': { method: null, path: null },
  'all of the call': WITHOUT_CALL,
  scopes: { required_scope: null, granted_scopes: null },
  grant: { granted_scopes: null },
  bytes: { request_bytes: null, response_bytes: null },
  latency: { latency_ms: null },
  'resource ids': { resource_id: null },
  'resource types': { resource_type: null },
  'role and kind': { role: null, token_kind: null },
  role: { role: null },
  everything: {
    ...WITHOUT_PLACE,
    ...WITHOUT_CLIENT,
    ...WITHOUT_CALL,
    status: null,
    required_scope: null,
    granted_scopes: null,
    request_bytes: null,
    response_bytes: null,
    latency_ms: null,
    resource_id: null,
    role: null,
    token_kind: null,
  },
}

const TEXTS = [
  '',
  ' ',
  'naïve',
  'İstanbul',
  '東京',
  '🙂',
  'DE',
  'GET /tasks',
  '200',
  "it's",
  'a:b',
  'a > b',
] as const
const STATUSES = [0, 42, 99, 100, 199, 302, 401, 410, 599, 600, 777, 999, -1, 32_767] as const
const SIZES = [0, 1, 2 ** 31, 1e12, 1e15, 999_999_999_999_999] as const

/** Columns that are null for some tokens, half of the time or always; texts, numbers and ids at the ends of what they may be. */
export const nulls: OracleWorld = {
  name: 'nulls',
  async write(world, random) {
    const ways = { hours: [8, 12, 13, 17], presence: 0.7, weekend: 0.8, pace: 4 }
    const lacking = Object.entries(LACKING).flatMap(([what, cells], n) => {
      const events = traffic(habit('lacking', what, n, ways), DAYS, random)
      // Always for one half of the kinds, now and then for the other.
      return n % 2 === 0 ? with_(events, () => cells) : with_(events, own => (own.chance(0.5) ? cells : {}))
    })
    const twins = ['left', 'right'].flatMap(tenant =>
      ['shared', `own of ${tenant}`].flatMap((token, n) =>
        traffic(habit(tenant, token, n, { ...ways, who: { principal_id: 'same' } }), DAYS, random),
      ),
    )
    await writeEvents(world, [...lacking, ...twins, ...changing(), ...walks(), ...wild()], random)

    function with_(
      events: readonly TinyEvent[],
      cells: (own: Random, event: TinyEvent) => Cells,
    ): TinyEvent[] {
      return events.map((event, i) => ({
        ...event,
        ...cells(random.fork('cells', event.token_id, i), event),
      }))
    }

    /** Role and principal that change in the middle of a day, from day to day, and to nothing. */
    function changing(): TinyEvent[] {
      const roles = ['analyst', 'admin', null, 'job'] as const
      const turn = (event: TinyEvent, ms: number) => Math.floor(timeOf(event) / ms)
      return [
        ...with_(traffic(habit('moving', 'by day', 40, ways), DAYS, random), (_own, event) => ({
          role: roles[turn(event, 2 * DAY_MS) % 4]!,
          principal_id: `p${turn(event, 3 * DAY_MS) % 3}`,
        })),
        ...with_(traffic(habit('moving', 'by hour', 41, ways), DAYS, random), (_own, event) => ({
          role: roles[turn(event, 5 * HOUR_MS) % 4]!,
          token_kind: turn(event, 5 * HOUR_MS) % 2 ? 'session' : null,
          principal_id: `p${turn(event, 7 * HOUR_MS) % 3}`,
        })),
        ...with_(traffic(habit('moving', 'by request', 42, ways), DAYS, random), own => ({
          role: own.pick(roles),
          principal_id: own.pick(['p0', 'p1', 'p2']),
          token_created_at: own.pick(['2026-01-01 00:00:00', '2025-07-01 12:00:00', null]),
        })),
        // A token of the same principals and roles that keeps still.
        ...traffic(
          habit('moving', 'still', 43, { ...ways, who: { principal_id: 'p1', role: 'admin' } }),
          DAYS,
          random,
        ),
      ]
    }

    /** Object ids that go up by one to three, jump, fall, and are no numbers, or too large for any. */
    function walks(): TinyEvent[] {
      const walk = (token: string, n: number, next: (i: number, own: Random) => string | number | null) =>
        with_(
          traffic(habit('walking', token, n, ways), DAYS, random).sort((a, b) => timeOf(a) - timeOf(b)),
          () => ({}),
        ).map((event, i) => ({ ...event, resource_id: textOf(next(i, random.fork('walk', token, i))) }))
      return [
        ...walk('steps', 50, (i, own) => 3 * i + own.int(2)),
        ...walk('jumps', 51, (i, own) => (own.chance(0.3) ? own.int(1e6) : 1000 + i)),
        ...walk('falls', 52, i => 100_000 - i),
        ...walk('texts', 53, (i, own) =>
          own.pick([`doc-${i % 7}`, i, `${i} `, `0${i}`, `${i}.5`, '1e3', '-1', null]),
        ),
        // Nothing below zero among these: the SQL's difference of two ids overflows, and the day fails.
        ...walk('edges', 54, (i, own) =>
          own.pick(['9223372036854775807', '9223372036854775806', '9223372036854775808', '0', '1', i]),
        ),
      ]
    }

    /** Statuses, sizes, latencies and texts that no log should have. */
    function wild(): TinyEvent[] {
      const one = (token: string, n: number, changes: Partial<Habit> = {}) =>
        traffic(habit('wild', token, n, { ...ways, ...changes }), DAYS, random)
      return [
        ...with_(one('statuses', 60), own => ({ status: own.pick(STATUSES) })),
        ...with_(one('sizes', 61), own => ({
          request_bytes: own.pick(SIZES),
          response_bytes: own.pick(SIZES),
          latency_ms: own.pick([0, 0.0001, 0.0005, 1e9, 123_456.789]),
        })),
        ...with_(one('tëxts 🙂', 62), own => ({
          operation: own.pick(TEXTS),
          resource_type: own.pick(TEXTS),
          resource_id: own.pick(TEXTS),
          user_agent: own.pick(TEXTS),
          client: own.pick(TEXTS),
          country: own.pick(TEXTS),
          network_type: own.pick(TEXTS),
          required_scope: own.pick(TEXTS),
          granted_scopes: own.pick(['', 'DE a:b', '200']),
          source_ip: own.pick(TEXTS),
          net: own.pick(TEXTS),
        })),
        // Values of one facet that another has as well.
        ...with_(one('likeness', 63, { places: [place('GB', 63)], clients: [client('DE')] }), () => ({
          source_ip: '64510',
          net: '64510',
          asn: 64_510,
          network_type: '64510',
          operation: 'DE',
          country: 'DE',
        })),
      ]
    }
  },
}

function textOf(value: string | number | null): string | null {
  return value === null ? null : String(value)
}
