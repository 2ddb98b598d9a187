import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HeldDay } from '../../src/engine/rulings.ts'
import { staleFeatureDays } from '../../src/engine/stamps.ts'
import {
  addEvents,
  bringUpToDate,
  type Cells,
  DAY_MS,
  differences,
  dump,
  featuresOf,
  HOUR_MS,
  momentOf,
  openTinyWorld,
  type TinyEvent,
  type TinyWorld,
} from './tiny-world.ts'

/** Further on than any day here. */
const NEVER = '2099-12-31'

const FIRST = momentOf('2026-03-02')
const ALERTED = 7
const day = (n: number) => new Date(FIRST + n * DAY_MS).toISOString().slice(0, 10)

/** Three tokens at nine o'clock for ten days; from the alerted day on the first comes from elsewhere, and a lot. */
function habits(): TinyEvent[] {
  const events: TinyEvent[] = []
  for (let d = 0; d < 10; d++) {
    for (let token = 0; token < 3; token++) {
      const isStrange = token === 0 && d >= ALERTED
      for (let i = 0; i < (isStrange ? 80 : 4 + ((d + token) % 2)); i++) {
        events.push({
          event_id: `${d}-${token}-${i}`,
          token_id: `t${token}`,
          role: 'analyst',
          time: FIRST + d * DAY_MS + 9 * HOUR_MS + i * 40_000,
          operation: isStrange ? 'GET /secrets' : 'GET /tasks',
          asn: isStrange ? 64500 : 100,
          net: isStrange ? '203.0.113.0/24' : '10.0.0.0/24',
          status: 200,
        })
      }
    }
  }
  return events
}

let world: TinyWorld

/** Features of t0 on the day after the alert, and the two days after it, under what is held. */
async function madeWith(held: readonly HeldDay[]): Promise<Cells[]> {
  await bringUpToDate(world, { held })
  return Promise.all([1, 2].map(after => featuresOf(world, 't0', `${day(ALERTED + after)}T09:00`)))
}

const hold = (until: string): HeldDay[] => [{ tenantId: 'tenant', tokenId: 't0', day: day(ALERTED), until }]

beforeAll(async () => {
  world = await openTinyWorld(2)
  await addEvents(world, habits())
})
afterAll(() => world.close())

describe('a day under an open alert', () => {
  test('teaches nothing: the day after, the same is as surprising as on the first', async () => {
    const [free] = await madeWith([])
    const first = await featuresOf(world, 't0', `${day(ALERTED)}T09:00`)
    const [held] = await madeWith(hold(NEVER))
    for (const name of ['requests_tail', 'requests_excess', 'operation_mean_surprise']) {
      const [before, learned, withheld] = [first, free!, held!].map(cells => Number(cells[name]))
      expect(withheld, name).toBeGreaterThan(learned! + 0.2)
      expect(withheld, name).toBeGreaterThan(0.8 * before!)
    }
  })

  test('is no day of history, but no silence either', async () => {
    const [free] = await madeWith([])
    const [held] = await madeWith(hold(NEVER))
    expect(Math.expm1(Number(free!.active_days))).toBeCloseTo(ALERTED + 1, 4)
    expect(Math.expm1(Number(held!.active_days))).toBeCloseTo(ALERTED, 4)
    expect(Math.expm1(Number(held!.active_hours))).toBeCloseTo(ALERTED, 4)
    // Last seen at nine the day before, as without the alert.
    expect(held!.gap_actual).toBe(free!.gap_actual)
  })

  test('teaches from the day after the verdict that clears it, and never before', async () => {
    const free = await madeWith([])
    const never = await madeWith(hold(NEVER))
    const cleared = await madeWith(hold(day(ALERTED + 1)))
    expect(cleared[0]).toEqual(never[0])
    expect(cleared[1]!.active_days).toBe(free[1]!.active_days)
    expect(cleared[1]!.active_days).not.toBe(never[1]!.active_days)
  })

  test('touches no day before it, and no other token', async () => {
    const others = `token_id <> 't0'`
    const until = `epoch_ms(window_start) < ${FIRST + (ALERTED + 1) * DAY_MS}`
    await madeWith([])
    const [before, beside] = [
      await dump(world, world.workspace.features, until),
      await dump(world, world.workspace.features, `${others} AND active_days IS NOT NULL`),
    ]
    await madeWith(hold(NEVER))
    expect(differences(before, await dump(world, world.workspace.features, until))).toEqual([])
    const after = await dump(world, world.workspace.features, `${others} AND active_days IS NOT NULL`)
    expect(after.map(row => row.active_days)).toEqual(beside.map(row => row.active_days))
  })

  test('makes the days after it stale when it is held or cleared, and those alone', async () => {
    const { workspace } = world
    await madeWith([])
    expect(staleFeatureDays(workspace)).toEqual([])
    expect(staleFeatureDays(workspace, { held: hold(NEVER) })).toEqual([day(ALERTED + 1), day(ALERTED + 2)])
    await madeWith(hold(NEVER))
    expect(staleFeatureDays(workspace, { held: hold(day(ALERTED + 1)) })).toEqual([day(ALERTED + 2)])
  })
})
