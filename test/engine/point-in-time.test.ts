import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { staleFeatureDays } from '../../src/engine/stamps.ts'
import {
  addEvents,
  bringUpToDate,
  DAY_MS,
  differences,
  dump,
  HOUR_MS,
  historyBytes,
  momentOf,
  openTinyWorld,
  type TinyEvent,
  type TinyWorld,
} from './tiny-world.ts'

const FIRST = momentOf('2026-03-02')
const DAYS = 9
/** The day that grows later on, and the hour after which it does. */
const LAST_DAY = new Date(FIRST + (DAYS - 1) * DAY_MS).toISOString().slice(0, 10)
const CUT = momentOf(`${LAST_DAY}T12:00`)

/** Six tokens of two tenants and three roles, and one that works at night only; each day with some first uses. */
function habits(firstDay: number, days: number): TinyEvent[] {
  const events: TinyEvent[] = []
  for (let day = firstDay; day < firstDay + days; day++) {
    for (let token = 0; token < 6; token++) {
      for (const hour of [8 + (token % 3), 11, 14]) {
        const calls = 2 + ((day * 7 + token * 3 + hour) % 5)
        for (let call = 0; call < calls; call++) events.push(callOf(day, token, hour, call))
      }
    }
    for (let call = 0; call < 5; call++)
      events.push({ ...callOf(day, 5, 20, call), token_id: 'night', role: 'night' })
  }
  return events
}

function callOf(day: number, token: number, hour: number, call: number): TinyEvent {
  const isNew = (day + token + call) % 11 === 0
  // A release in the morning of the last day: what share took it up depends on how many tokens there are.
  const isReleased = day === DAYS - 1 && hour === 11 && call === 1
  return {
    event_id: `${day}-${token}-${hour}-${call}`,
    time: FIRST + day * DAY_MS + hour * HOUR_MS + call * 97_000 + token * 1000,
    token_id: `token-${token}`,
    tenant_id: token < 4 ? 'north' : 'south',
    principal_id: `person-${token >> 1}`,
    role: ['reader', 'writer', 'admin'][token % 3]!,
    granted_scopes: 'read write',
    method: call % 3 === 2 ? 'POST' : 'GET',
    operation: isReleased ? 'op-released' : isNew ? `op-${day}-${call}` : `op-${call % 3}`,
    resource_type: 'task',
    resource_id: String(100 * token + ((day + call) % 7)),
    required_scope: isNew ? 'admin' : 'read',
    status: (day + call) % 9 === 8 ? 403 : 200,
    source_ip: `10.${token}.0.${isNew ? day : 1}`,
    net: `10.${token}.${isNew ? day : 0}.0/24`,
    asn: 100 + token + (isNew ? day : 0),
    country: 'NL',
    network_type: 'business',
    latitude: 52 + token,
    longitude: 5,
    user_agent: `tool/${isNew ? day : 1}`,
    client: 'tool',
    request_bytes: 100 + call,
    response_bytes: 1000 * (call + 1),
    latency_ms: 10 + call,
  }
}

/** What the future holds: tokens, roles, places and values never seen before, and other behaviour of known tokens. */
function future(from: number): TinyEvent[] {
  return Array.from({ length: 40 }, (_, i): TinyEvent => {
    const token = i % 8
    return {
      ...callOf(DAYS, token, 13, i),
      event_id: `future-${from}-${i}`,
      time: from + i * 17 * 60_000,
      token_id: `token-${token}`,
      role: i % 2 === 0 ? 'auditor' : 'reader',
      principal_id: i % 5 === 0 ? 'somebody else' : `person-${token >> 1}`,
      operation: i % 3 === 0 ? 'op-later' : `op-${i % 4}`,
      asn: 900 + i,
      status: 500,
    }
  })
}

const untilCut = habits(0, DAYS).filter(event => momentOf(event.time) < CUT)
const dayOf = (event: TinyEvent) => Math.floor(momentOf(event.time) / DAY_MS) * DAY_MS

let world: TinyWorld
let atOnce: Record<string, unknown>[]
let history: Record<string, string>

beforeAll(async () => {
  world = await openTinyWorld()
  await addEvents(world, untilCut)
  await bringUpToDate(world)
  atOnce = await dump(world, world.workspace.features)
  history = historyBytes(world)
})
afterAll(() => world.close())

describe('features of an hour', () => {
  test('rest on a world that tells them apart', () => {
    expect(atOnce.length).toBeGreaterThan(100)
    expect(new Set(atOnce.map(row => row.operation_surprise)).size).toBeGreaterThan(20)
  })

  test('are the same to the last bit when days are added one at a time', async () => {
    const other = await openTinyWorld()
    for (let day = 0; day < DAYS; day++) {
      await addEvents(
        other,
        untilCut.filter(event => dayOf(event) === FIRST + day * DAY_MS),
      )
      expect(await bringUpToDate(other)).toHaveLength(1)
    }
    expect(differences(atOnce, await dump(other, other.workspace.features))).toEqual([])
    expect(historyBytes(other)).toEqual(history)
    other.close()
  })

  test('are not touched by what follows: later hours of the same day, then later days', async () => {
    await addEvents(
      world,
      [...habits(DAYS - 1, 1).filter(event => momentOf(event.time) >= CUT), ...future(CUT)],
      'later',
    )
    expect(await bringUpToDate(world)).toEqual([LAST_DAY])
    const before = `epoch_ms(window_start) < ${CUT}`
    expect(differences(atOnce, await dump(world, world.workspace.features, before))).toEqual([])

    await addEvents(world, [...habits(DAYS, 2), ...future(CUT + DAY_MS)])
    expect(await bringUpToDate(world)).toHaveLength(2)
    expect(differences(atOnce, await dump(world, world.workspace.features, before))).toEqual([])
  })

  test('need no second making, and the second would change nothing', async () => {
    expect(staleFeatureDays(world.workspace)).toEqual([])
    expect(await bringUpToDate(world)).toEqual([])
  })

  test('are made again for the day of a late event and the days after it, and for no other', async () => {
    const earlier = `epoch_ms(window_start) < ${FIRST + 5 * DAY_MS}`
    const untouched = await dump(world, world.workspace.features, earlier)
    const day = (n: number) => new Date(FIRST + n * DAY_MS).toISOString().slice(0, 10)
    await addEvents(world, [{ ...callOf(5, 1, 11, 50), event_id: 'late' }], 'late')
    expect(await bringUpToDate(world)).toEqual([5, 6, 7, 8, 9, 10].map(day))
    expect(differences(untouched, await dump(world, world.workspace.features, earlier))).toEqual([])
  })
})
