import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  addEvents,
  bringUpToDate,
  type Cells,
  DAY_MS,
  featuresOf,
  HOUR_MS,
  momentOf,
  openTinyWorld,
  type TinyEvent,
  type TinyWorld,
} from '../engine/tiny-world.ts'

// Seventeen days of habits from a Tuesday on, then a Friday on which the values are derived by hand.
const FIRST = momentOf('2026-03-03')
const HISTORY = 17
const TODAY = '2026-03-20'

/** A token's call on a day of the history (0-16) or today (17). */
function call(
  token: string,
  day: number,
  hour: number,
  columns: Partial<TinyEvent> = {},
  second = 0,
): TinyEvent {
  return {
    token_id: token,
    time: FIRST + day * DAY_MS + hour * HOUR_MS + second * 1000,
    operation: 'base',
    ...columns,
  }
}

const everyDay = (make: (day: number) => TinyEvent[]) =>
  Array.from({ length: HISTORY }, (_, day) => make(day)).flat()
const times = (n: number, make: (i: number) => TinyEvent) => Array.from({ length: n }, (_, i) => make(i))

/** Tokens that call `base` once a day at 10:00, each in the tenant before the slash. */
const PLAIN = [
  ...times(6, i => call(`calm/${i}`, 0, 0)).map(event => event.token_id),
  ...['outage/0', 'outage/1', 'outage/2', 'objects/owner', 'objects/other'],
]
const OTHERS = ['daily', 'bursty', 'drift', 'novel', 'steady', 'bare']
const TOKENS = PLAIN.length + OTHERS.length
const tenant = (token: string) => ({ tenant_id: token.split('/')[0]! })

function history(): TinyEvent[] {
  return everyDay(day => [
    ...PLAIN.map(token =>
      call(token, day, 10, {
        ...tenant(token),
        ...(token === 'objects/owner' && { resource_type: 'task', resource_id: 'A' }),
        ...(token === 'objects/other' && { resource_type: 'task', resource_id: 'C' }),
        ...(token.startsWith('outage') && { asn: 1, source_ip: `10.0.0.${token.at(-1)}`, status: 200 }),
      }),
    ),
    call('daily', day, 9, { ...tenant('daily'), operation: 'a' }),
    ...(day === 2 || day === 16 ? [call('daily', day, 9, { ...tenant('daily'), operation: 'b' }, 5)] : []),
    ...times(3, i => call('bursty', day, 10, tenant('bursty'), i)),
    ...times(day < 12 ? 10 : 20, i => call('drift', day, 10, tenant('drift'), i)),
    call('novel', day, 10, { ...tenant('novel'), operation: day >= 10 ? `novel-${day}` : 'base' }),
    call('steady', day, 10, { ...tenant('steady'), operation: `steady-${day}` }),
    call('bare', day, 10, tenant('bare')),
  ])
}

function today(): TinyEvent[] {
  const day = HISTORY
  const shared = { source_ip: '198.51.100.1' }
  return [
    call('daily', day, 3, { ...tenant('daily'), operation: 'a' }),
    call('daily', day, 9, { ...tenant('daily'), operation: 'a' }),
    call('daily', day, 9, { ...tenant('daily'), operation: 'b' }, 5),
    call('daily', day, 10, { ...tenant('daily'), operation: 'a' }),
    call('calm/0', day, 9, { ...tenant('calm/0'), operation: 'solo' }),
    ...[1, 2, 3, 4].map(i => call(`calm/${i}`, day, 10, { ...tenant('calm/0'), operation: 'release' })),
    call('calm/5', day, 11, { ...tenant('calm/0'), operation: 'release' }),
    ...times(3, i => call('bursty', day, 10, tenant('bursty'), i)),
    ...times(100, i => call('bursty', day, 11, tenant('bursty'), i)),
    call('drift', day, 10, tenant('drift')),
    call('novel', day, 10, tenant('novel')),
    call('steady', day, 10, tenant('steady')),
    call('bare', day, 10, tenant('bare')),
    ...times(2, i => call('outage/0', day, 12, { ...tenant('outage/'), ...shared, asn: 1, status: 200 }, i)),
    ...times(3, i => call('outage/1', day, 12, { ...tenant('outage/'), ...shared, asn: 2, status: 503 }, i)),
    call('outage/2', day, 12, { ...tenant('outage/'), ...shared, asn: 1, status: 200 }),
    ...['A', 'B', 'C'].map((id, i) =>
      call('objects/other', day, 10, { ...tenant('objects/'), resource_type: 'task', resource_id: id }, i),
    ),
  ]
}

let world: TinyWorld

beforeAll(async () => {
  world = await openTinyWorld()
  await addEvents(world, [...history(), ...today()])
  await bringUpToDate(world)
})
afterAll(() => world.close())

const at = (token: string, hour: number): Promise<Cells> =>
  featuresOf(world, token, `${TODAY}T${String(hour).padStart(2, '0')}:00`)

/** Weight of a day `age` days before today: half after 30. */
const weight = (age: number) => 0.5 ** (age / 30)
const allDays = Array.from({ length: HISTORY }, (_, i) => weight(i + 1)).reduce((sum, w) => sum + w, 0)

describe('surprise of a value', () => {
  test('seen on d of D days, weighted by age: -ln d / (D + 1)', async () => {
    const seen = weight(HISTORY - 2) + weight(1)
    const cells = await at('daily', 9)
    expect(cells.operation_surprise).toBeCloseTo(-Math.log(seen / (allDays + 1)), 5)
    expect(cells.operation_worst).toBe('b')
    expect((await at('daily', 10)).operation_surprise).toBeCloseTo(-Math.log(allDays / (allDays + 1)), 5)
    const [a, b] = [allDays, seen].map(days => -Math.log(days / (allDays + 1)))
    expect(cells.operation_mean_surprise).toBeCloseTo((a! + b!) / 2, 5)
    expect(cells.operation_surplus).toBeCloseTo(b! - 1, 5)
    expect(cells.operation_entropy).toBeCloseTo(Math.LN2, 5)
  })

  test('of the day so far: sum over its requests by the root of their number and three calm ones', async () => {
    const [a, b] = [allDays, weight(HISTORY - 2) + weight(1)].map(days => -Math.log(days / (allDays + 1)))
    expect((await at('daily', 3)).day_operation_surprise).toBeCloseTo(a! / Math.sqrt(1 + 3), 5)
    expect((await at('daily', 9)).day_operation_surprise).toBeCloseTo((2 * a! + b!) / Math.sqrt(3 + 3), 5)
  })

  // Novelty is counted from the sixth day of the log on: 12 days a token, the last 3 of them at its present age (14 days
  // and more). `novel` and `steady` showed an operation that nobody knew on each of those 3.
  const rateOfAll = (2 * 3 + 0.5) / (3 * TOKENS + 1)
  const rateOfPeers = (6 * rateOfAll) / (6 * 3 + 6)
  const rate = (6 * rateOfPeers) / (12 + 6)

  test('first seen, alone: the rate of such novelty of the token, drawn to its peers and to all', async () => {
    const cells = await at('calm/0', 9)
    expect(cells.operation_surprise).toBeCloseTo(-Math.log(rate), 4)
    expect(cells.operation_adopted).toBe(0)
    expect(cells).toMatchObject({
      fresh_operations_actual: 1,
      operation_worst: 'solo',
      operation_worst_peers: 0,
    })
  })

  test('first seen in a wave: explained by the share of the tenant that took it up by then', async () => {
    // Three others of the six, and two pseudo-tokens; then all five others.
    for (const [token, hour, share] of [
      ['calm/1', 10, 3 / 8],
      ['calm/5', 11, 4 / 8],
    ] as const) {
      const cells = await at(token, hour)
      expect(cells.operation_surprise).toBeCloseTo(-Math.log(1 - (1 - rate) * (1 - share)), 4)
      expect(cells.operation_adopted).toBeCloseTo(share, 6)
    }
  })

  test('a day later the wave is known to peers, and a straggler is judged against it', async () => {
    const [alone, waved] = [await at('calm/0', 9), await at('calm/5', 11)]
    expect(Number(alone.operation_surprise)).toBeGreaterThan(Number(waved.operation_surprise) + 3)
  })
})

describe('surprise of a number', () => {
  const hours = HISTORY * TOKENS
  const shrink = 12
  /** Chance of at least as much, from token to peers (here the token alone) to all. */
  const chance = (own: number, all: number) => {
    const ofAll = (all + 0.5) / (hours + 1)
    const ofPeers = (own + shrink * ofAll) / (HISTORY + shrink)
    return (own + shrink * ofPeers) / (HISTORY + shrink)
  }

  test('never reached by anyone', async () => {
    const cells = await at('bursty', 11)
    expect(cells.requests_tail).toBeCloseTo(-Math.log(chance(0, 0)), 4)
    // Bins are quarter octaves of 1 + x: 3 lies in bin 8, 100 in bin 26.
    expect(cells.requests_excess).toBe((26 - 8) / 4)
    expect(cells).toMatchObject({ requests_actual: 100, requests_typical: 3 })
  })

  test('reached in every hour of its own, and in those of one other', async () => {
    const cells = await at('bursty', 10)
    expect(cells.requests_tail).toBeCloseTo(-Math.log(chance(HISTORY, 2 * HISTORY)), 4)
    expect(cells).toMatchObject({ requests_excess: 0, requests_actual: 3, requests_typical: 3 })
  })

  test('running totals are compared with whole days', async () => {
    // 103 requests by then, against days of 3 (and of 10 and 20 of the drifting token).
    const cells = await at('bursty', 11)
    expect(cells.day_requests_actual).toBe(103)
    expect(cells.day_requests_tail).toBeCloseTo(-Math.log(chance(0, 0)), 4)
  })
})

describe('time of use', () => {
  test('a token that works at nine: nine is its hour, ten is half of it, three in the morning is off', async () => {
    expect((await at('daily', 9)).hour_surprise).toBeCloseTo(0, 6)
    expect((await at('daily', 10)).hour_surprise).toBeCloseTo(Math.LN2, 5)
    expect((await at('daily', 3)).hour_surprise).toBeCloseTo(-Math.log(0.003), 4)
    expect((await at('daily', 3)).night_requests).toBeCloseTo(-Math.log(0.003) * Math.LN2, 4)
  })

  test('the day so far: two hours off and one of its own, after two calm ones', async () => {
    const hours = [3, 9, 10].map(async hour => Number((await at('daily', hour)).hour_surprise))
    const [three, nine, ten] = await Promise.all(hours)
    expect((await at('daily', 3)).day_hour_surprise).toBeCloseTo(three! / 3, 5)
    expect((await at('daily', 10)).day_hour_surprise).toBeCloseTo((three! + nine! + ten!) / 5, 5)
  })

  test('hours since the last use, beyond the hour before', async () => {
    // From yesterday 09:00 to 03:00: 18 hours, 17 of them silent.
    expect(await at('daily', 3)).toMatchObject({ gap_actual: 17 })
    expect(await at('daily', 10)).toMatchObject({ gap_actual: 0 })
  })

  test('maturity grows with days of use', async () => {
    const cells = await at('daily', 9)
    expect(cells.maturity).toBeCloseTo(1 - Math.exp(-HISTORY / 7), 6)
    expect(cells.active_days).toBeCloseTo(Math.log(1 + HISTORY), 5)
  })
})

describe('slow drift', () => {
  test('CUSUM and shift of a series that doubles for the last five days', async () => {
    // Median ln 11 without spread: the scale is its floor of 0.3. Five days of z, each less the allowance of 1/2.
    const z = (Math.log(21) - Math.log(11)) / 0.3
    const cells = await at('drift', 10)
    expect(cells.day_requests_shift).toBeCloseTo(z, 4)
    expect(cells.day_requests_cusum).toBeCloseTo(5 * (z - 0.5), 4)
    expect(await at('bursty', 10)).toMatchObject({ day_requests_shift: 0, day_requests_cusum: 0 })
  })

  test('novelty budget: one new operation a day for a week, against none and against as many before', async () => {
    expect(await at('novel', 10)).toMatchObject({ operation_budget: 7 })
    expect(await at('steady', 10)).toMatchObject({ operation_budget: 0 })
  })
})

describe('objects', () => {
  test("one's own, nobody's, and somebody else's", async () => {
    const cells = await at('objects/other', 10)
    expect(cells).toMatchObject({
      objects_actual: 3,
      fresh_objects_actual: 2,
      foreign_objects_actual: 1,
      private_objects_actual: 1,
      foreign_object: 'task:A',
    })
    expect(cells.foreign_share).toBeCloseTo(1 / 3, 6)
    expect(cells.object_entropy).toBeCloseTo(Math.log(3), 5)
  })
})

describe('what the tenant does in the same hour', () => {
  test('an outage, seen by the one that has none', async () => {
    const cells = await at('outage/0', 12)
    expect(cells.tenant_server_errors).toBe(3 / 4)
    expect(cells.tenant_failed).toBe(3 / 4)
    expect(cells.tenant_moved).toBe(1 / 2)
    expect(cells.tenant_tokens).toBeCloseTo(Math.log(3), 6)
    expect(await at('outage/1', 12)).toMatchObject({
      tenant_server_errors: 0,
      tenant_moved: 0,
      failed_share: 1,
    })
  })

  test('is unknown to a token that is alone', async () => {
    expect(await at('daily', 9)).toMatchObject({ tenant_server_errors: null, tenant_moved: null })
  })

  test('an address that three tokens share', async () => {
    const cells = await at('outage/2', 12)
    expect(cells.address_tokens).toBeCloseTo(Math.log(3), 6)
    expect(cells.address_tenants).toBe(1)
    // The other two are new on it today, as the token itself is.
    expect(cells.new_sharers_actual).toBe(2)
  })
})

test('what the log never says is null, not zero', async () => {
  const cells = await at('bare', 10)
  for (const name of [
    ...[
      'denied_tail',
      'denied_excess',
      'denied_actual',
      'denied_share',
      'denied_sensitive',
      'failed_share',
      'failed_tail',
    ],
    ...['day_denied_tail', 'not_found_tail', 'server_errors_tail', 'status_surprise'],
    ...[
      'asn_surprise',
      'asn_surplus',
      'asns_tail',
      'net_surprise',
      'net_returns_tail',
      'ips_tail',
      'ip_surprise',
    ],
    ...['country_surprise', 'country_switches_tail', 'place_surprise', 'speed_kmh', 'network_type_surprise'],
    ...['address_tokens', 'address_tenants'],
    ...[
      'response_bytes_tail',
      'response_bytes_excess',
      'request_bytes_tail',
      'largest_response_tail',
      'latency_tail',
    ],
    ...['day_response_bytes_tail', 'day_response_bytes_cusum', 'day_denied_cusum'],
    ...[
      'client_surprise',
      'client_switches_tail',
      'agent_surprise',
      'scope_surprise',
      'out_of_grant',
      'out_of_grant_share',
    ],
    ...['foreign_share', 'object_surprise'],
  ])
    expect(cells[name], name).toBeNull()
  for (const name of ['requests_tail', 'operation_surprise', 'hour_surprise', 'gap_tail', 'maturity'])
    expect(cells[name], name).not.toBeNull()
})
