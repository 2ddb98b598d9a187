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

const FIRST = momentOf('2026-03-02')
/** Twelve steady days, then two weeks of change by 5 % and one operation a day. */
const STEADY = 12
const DAYS = 26
const GROWTH = 1.05
const LAST = new Date(FIRST + (DAYS - 1) * DAY_MS).toISOString().slice(0, 10)

type Change = 'none' | 'volume' | 'operations'

/** Six tokens at nine and fourteen, with day-to-day noise of a tenth; `changeOf` says what each of them slowly does. */
function tenant(name: string, changeOf: (token: number) => Change): TinyEvent[] {
  const events: TinyEvent[] = []
  for (let day = 0; day < DAYS; day++) {
    const since = Math.max(0, day - STEADY + 1)
    for (let token = 0; token < 6; token++) {
      const change = changeOf(token)
      for (const hour of [9, 14]) {
        const usual = 20 + ((day * 5 + token * 3 + hour) % 4)
        const calls = Math.round(usual * (change === 'volume' ? GROWTH ** since : 1))
        for (let i = 0; i < calls; i++)
          events.push({
            event_id: `${name}-${day}-${token}-${hour}-${i}`,
            tenant_id: name,
            token_id: `${name}/${token}`,
            role: 'analyst',
            time: FIRST + day * DAY_MS + hour * HOUR_MS + Math.floor((i * 3_500_000) / calls),
            operation: `GET /${i % 3}`,
            response_bytes: 1000 + 10 * ((day + i) % 7),
            status: 200,
          })
        if (change === 'operations' && since > 0 && hour === 14)
          events.push({
            event_id: `${name}-${day}-${token}-new`,
            tenant_id: name,
            token_id: `${name}/${token}`,
            role: 'analyst',
            time: FIRST + day * DAY_MS + 15 * HOUR_MS - 1000,
            operation: `GET /new/${day}`,
            response_bytes: 1000,
            status: 200,
          })
      }
    }
  }
  return events
}

let world: TinyWorld
beforeAll(async () => {
  world = await openTinyWorld(2)
  const alone = (change: Change) => (token: number) => (token === 0 ? change : 'none')
  await addEvents(world, [
    ...tenant('poisoned volume', alone('volume')),
    ...tenant('grown volume', () => 'volume'),
    ...tenant('poisoned operations', alone('operations')),
    ...tenant('grown operations', () => 'operations'),
  ])
  await bringUpToDate(world)
})
afterAll(() => world.close())

const hero = (name: string): Promise<Cells> => featuresOf(world, `${name}/0`, `${LAST}T14:00`)
const bystander = (name: string): Promise<Cells> => featuresOf(world, `${name}/3`, `${LAST}T14:00`)

describe('a token that one thief changes by 5 % a day', () => {
  test('has taught its hourly baseline: half an octave above it, though the volume has doubled', async () => {
    const { requests_excess, requests_actual } = await hero('poisoned volume')
    expect(Number(requests_actual)).toBeGreaterThan(1.9 * 20)
    expect(Number(requests_excess)).toBeLessThan(0.75)
  })

  test('is told by the long baselines, unlike one that grows with its whole tenant', async () => {
    for (const name of ['day_requests_cusum', 'day_requests_shift', 'day_response_bytes_shift']) {
      const [poisoned, grown, steady] = [
        await hero('poisoned volume'),
        await hero('grown volume'),
        await bystander('poisoned volume'),
      ].map(cells => Number(cells[name]))
      expect(poisoned, name).toBeGreaterThan(1.5)
      expect(grown, name).toBeLessThan(0.3 * poisoned!)
      expect(steady, name).toBeLessThan(0.3 * poisoned!)
    }
  })
})

describe('a token that one thief gives a new operation a day', () => {
  test('is told by its budget of first uses, unlike one that follows the releases of its tenant', async () => {
    const [poisoned, grown, steady] = [
      await hero('poisoned operations'),
      await hero('grown operations'),
      await bystander('poisoned operations'),
    ].map(cells => Number(cells.operation_budget ?? 0))
    expect(poisoned).toBeGreaterThan(1.5)
    expect(grown).toBeLessThan(0.3 * poisoned!)
    expect(steady).toBeLessThan(0.3 * poisoned!)
  })
})
