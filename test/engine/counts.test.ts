import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureFacets } from '../../src/engine/facets.ts'
import {
  addEvents,
  bringUpToDate,
  type Cells,
  countsOf,
  dump,
  momentOf,
  openTinyWorld,
  type TinyEvent,
  type TinyWorld,
} from './tiny-world.ts'

const DAY = '2026-03-02'
let world: TinyWorld

/** Calls of one token, `[minute:second after 10:00, columns]`. */
function calls(token: string, list: readonly (readonly [string, Partial<TinyEvent>])[]): TinyEvent[] {
  return list.map(([at, columns]) => ({ time: `${DAY}T10:${at}`, token_id: token, ...columns }))
}

const AMSTERDAM = { latitude: 52.37, longitude: 4.9 }
const NEW_YORK = { latitude: 40.71, longitude: -74.01 }
const HAARLEM = { latitude: 52.38, longitude: 4.64 }

beforeAll(async () => {
  world = await openTinyWorld()
  await addEvents(world, [
    ...calls('statuses', [
      ['00:00', { status: 200, method: 'GET' }],
      ['00:30', { status: 401, method: 'GET', operation: 'GET /users' }],
      ['01:00', { status: 403, method: 'GET', operation: 'GET /tasks' }],
      ['02:00', { status: 404, method: 'GET' }],
      ['02:01', { status: 410, method: 'GET' }],
      ['02:01.5', { status: 429, method: 'POST' }],
      ['19:59', { status: 503, method: 'PUT' }],
      ['59:59.999', { status: null, method: 'DELETE' }],
    ]),
    ...calls('bare', [
      ['05:00', {}],
      ['06:00', {}],
    ]),
    ...calls('grants', [
      ['00:00', { required_scope: 'read', granted_scopes: 'read write' }],
      ['01:00', { required_scope: 'admin', granted_scopes: 'read write' }],
      // A scope is a word of the list, not a part of one.
      ['02:00', { required_scope: 'rea', granted_scopes: 'read write' }],
      ['03:00', { required_scope: 'admin', granted_scopes: null }],
    ]),
    ...calls(
      'nets',
      ['A', 'B', 'A', 'A', 'B', 'C', 'A', 'C'].map((net, i) => [
        `0${i}:00`,
        { net, country: net === 'C' ? 'US' : 'NL' },
      ]),
    ),
    ...calls('travel', [
      ['00:00', AMSTERDAM],
      ['10:00', HAARLEM],
      ['29:00', AMSTERDAM],
      ['59:00', NEW_YORK],
    ]),
    ...calls('near', [
      ['00:00', AMSTERDAM],
      ['00:01', HAARLEM],
    ]),
    ...calls('ids', [
      ['00:00', { resource_id: '10' }],
      ['01:00', { resource_id: '11' }],
      ['02:00', { resource_id: '14' }],
      ['03:00', { resource_id: '18' }],
      ['04:00', { resource_id: '17' }],
      ['05:00', { resource_id: 'abc' }],
      ['06:00', { resource_id: '19' }],
    ]),
    ...calls(
      'metronome',
      Array.from({ length: 6 }, (_, i) => [`0${i}:00`, { client: i < 3 ? 'curl' : 'sdk' }]),
    ),
    ...calls('bytes', [
      ['00:00', { request_bytes: 10, response_bytes: 1000, latency_ms: 4, method: 'GET', status: 200 }],
      ['00:01', { request_bytes: 20, response_bytes: 5000, latency_ms: 6, method: 'GET', status: 500 }],
      ['00:02', { request_bytes: null, response_bytes: 300, latency_ms: null, method: 'POST', status: 200 }],
    ]),
    // The next hour knows the last call of this one.
    { time: `${DAY}T10:59:30`, token_id: 'across', net: 'A', operation: 'a' },
    { time: `${DAY}T11:00:10`, token_id: 'across', net: 'B', operation: 'b' },
  ])
  expect(await bringUpToDate(world)).toEqual([DAY])
  await ensureFacets(world.engine, world.workspace)
})
afterAll(() => world.close())

const of = (token: string, hour = '10') => countsOf(world, token, `${DAY}T${hour}:00`)

describe('counts by hand', () => {
  test('statuses', async () => {
    expect(await of('statuses')).toMatchObject({
      requests: 8,
      failed: 6,
      denied: 2,
      not_found: 2,
      throttled: 1,
      server_errors: 1,
    } satisfies Cells)
  })

  test('what a call does, by method; sensitive by its words', async () => {
    expect(await of('statuses')).toMatchObject({
      reads: 5,
      writes: 2,
      deletes: 1,
      sensitive: 1,
      denied_sensitive: 1,
    })
  })

  test('minutes and ten-minute slots', async () => {
    // Minutes 0, 1, 2, 19 and 59; six calls before minute ten.
    expect(await of('statuses')).toMatchObject({ active_minutes: 5, peak_10min: 6 })
  })

  test('gaps of a second or less; a metronome has no variation', async () => {
    expect(await of('statuses')).toMatchObject({ quick_gaps: 2 })
    expect(await of('metronome')).toMatchObject({ quick_gaps: 0, gap_cv: 0, client_switches: 1 })
    // Gaps 30, 30, 60, 1, 0.5, 1077.5 and 2400.999 s.
    expect((await of('statuses')).gap_cv).toBeCloseTo(
      deviationOverMean([30, 30, 60, 1, 0.5, 1077.5, 2400.999]),
      10,
    )
    expect(await of('bare')).toMatchObject({ gap_cv: null })
  })

  test('scopes outside the grant; unknown grants are not violations', async () => {
    expect(await of('grants')).toMatchObject({ out_of_grant: 2 })
  })

  test('networks: A B A A B C A C has six changes, two of them returns, and three changes of country', async () => {
    // Returns: A (third) after A B; C (last) after C A.
    expect(await of('nets')).toMatchObject({ net_switches: 6, net_returns: 2, country_switches: 3 })
  })

  test('speed: Amsterdam to New York in half an hour, and a minute for the clocks', async () => {
    const counts = await of('travel')
    expect(counts.max_speed_kmh).toBeCloseTo(distanceKm(AMSTERDAM, NEW_YORK) / (31 / 60), 6)
    expect(distanceKm(AMSTERDAM, NEW_YORK)).toBeGreaterThan(5800)
    expect(distanceKm(AMSTERDAM, NEW_YORK)).toBeLessThan(5900)
    // Under 100 km nothing is a move, however fast.
    expect(await of('near')).toMatchObject({ max_speed_kmh: 0 })
  })

  test('ids that follow the one before by 1 to 3', async () => {
    // 10 11 14 follow; 18 is four on, 17 goes back, abc is no number, and 19 has none before it.
    expect(await of('ids')).toMatchObject({ id_steps: 2 })
  })

  test('bytes and latency', async () => {
    expect(await of('bytes')).toMatchObject({
      request_bytes: 30,
      response_bytes: 6300,
      read_bytes: 1000,
      max_response_bytes: 5000,
      latency_ms: 10,
    })
  })

  test('the first call of an hour is compared with the last of the hour before', async () => {
    expect(await of('across', '10')).toMatchObject({ net_switches: 0 })
    expect(await of('across', '11')).toMatchObject({ net_switches: 1, requests: 1 })
  })

  test('what the log does not say is null, not zero', async () => {
    const counts = await of('bare')
    const unknown = Object.keys(counts).filter(name => counts[name] === null)
    expect(unknown.sort()).toEqual(
      [
        'client_switches',
        'country_switches',
        'denied',
        'denied_sensitive',
        'failed',
        'gap_cv',
        'id_steps',
        'latency_ms',
        'max_response_bytes',
        'max_speed_kmh',
        'net_returns',
        'net_switches',
        'not_found',
        'out_of_grant',
        'read_bytes',
        'request_bytes',
        'response_bytes',
        'role',
        'server_errors',
        'throttled',
        'token_created_at',
        'token_kind',
      ].sort(),
    )
    expect(counts).toMatchObject({ requests: 2, active_minutes: 2, peak_10min: 2 })
  })
})

describe('facets by hand', () => {
  async function facet(token: string, name: string) {
    const rows = await dump(world, world.workspace.facets, `token_id = '${token}' AND facet = '${name}'`)
    return Object.fromEntries(rows.map(row => [row.value, row.n]))
  }

  test('values with their events', async () => {
    expect(await facet('nets', 'net')).toEqual({ A: 4, B: 2, C: 2 })
    expect(await facet('statuses', 'status')).toEqual({
      '2xx read': 1,
      '4xx read': 4,
      '4xx write': 1,
      '5xx write': 1,
    })
    expect(await facet('ids', 'object')).toMatchObject({ ':10': 1, ':abc': 1 })
    expect(await facet('bare', 'net')).toEqual({})
  })

  test('a pair belongs to the hour of its second call, and to one sitting', async () => {
    expect(
      await dump(world, world.workspace.facets, `token_id = 'across' AND facet = 'bigram'`),
    ).toMatchObject([{ window_start: new Date(momentOf(`${DAY}T11:00`)), value: 'a > b', n: 1 }])
  })
})

function distanceKm(a: typeof AMSTERDAM, b: typeof AMSTERDAM): number {
  // Spherical law of cosines: another formula than the haversine under test.
  const rad = (degrees: number) => (degrees * Math.PI) / 180
  const cosine =
    Math.sin(rad(a.latitude)) * Math.sin(rad(b.latitude)) +
    Math.cos(rad(a.latitude)) * Math.cos(rad(b.latitude)) * Math.cos(rad(a.longitude - b.longitude))
  return 6371.0088 * Math.acos(cosine)
}

function deviationOverMean(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) / mean
}
