import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gapText, readGaps } from '../../src/engine/gaps.ts'
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
} from './tiny-world.ts'

/** A Monday; the outage is on the Tuesday a week later, when five whole weekdays are known. */
const FIRST = momentOf('2026-03-02')
const OUTAGE_DAY = 8
const OUTAGE = { from: 10, to: 14 }
const BACK = '2026-03-10T14:00'

/** A tenant of six tokens that call every hour of every day, some of them left out of some. */
function tenant(name: string, isLost: (token: number, day: number, hour: number) => boolean): TinyEvent[] {
  const events: TinyEvent[] = []
  for (let day = 0; day < 11; day++) {
    for (let hour = 6; hour < 20; hour++) {
      for (let token = 0; token < 6; token++) {
        if (isLost(token, day, hour)) continue
        for (let i = 0; i < 4; i++)
          events.push({
            event_id: `${name}-${day}-${hour}-${token}-${i}`,
            tenant_id: name,
            token_id: `${name}/${token}`,
            role: 'job',
            time: FIRST + day * DAY_MS + hour * HOUR_MS + token * 1000 + i * 600_000,
            operation: 'GET /tasks',
            status: 200,
            response_bytes: 1000,
          })
      }
    }
  }
  return events
}

const isOutage = (day: number, hour: number) => day === OUTAGE_DAY && hour >= OUTAGE.from && hour < OUTAGE.to
/** Its logging fails for four hours. */
const outage = tenant('outage', (_token, day, hour) => isOutage(day, hour))
/** One of its tokens falls silent for as long. */
const silence = tenant('silence', (token, day, hour) => token === 0 && isOutage(day, hour))
const calm = tenant('calm', () => false)
/** Works in the morning or in the afternoon, as it comes: no hour that it always has. */
const fitful = tenant('fitful', (_token, day, hour) => (day % 2 === 0 ? hour < 12 : hour >= 12))

let world: TinyWorld

beforeAll(async () => {
  world = await openTinyWorld(2)
  await addEvents(world, [...outage, ...silence, ...calm, ...fitful])
  await bringUpToDate(world)
})
afterAll(() => world.close())

const at = (token: string, hour = BACK): Promise<Cells> => featuresOf(world, token, hour)

describe('a logging outage of one tenant', () => {
  test('is the only gap told, from its first silent hour to its last', async () => {
    const gaps = readGaps(world.workspace)
    expect(gaps).toEqual([
      {
        tenantId: 'outage',
        start: new Date('2026-03-10T10:00:00Z'),
        finish: new Date('2026-03-10T14:00:00Z'),
        hours: 4,
      },
    ])
    expect(gapText(gaps[0]!)).toBe(
      'gap: 4 h without any event of tenant outage, 2026-03-10 10:00 to 14:00 UTC; not taken for silence',
    )
  })

  test('is no dormancy after it, unlike the silence of one token', async () => {
    const [lost, silent, usual] = [await at('outage/0'), await at('silence/0'), await at('calm/0')]
    // Four hours were not seen, one lies between two uses: no more than ever.
    expect(lost.gap_actual).toBe(usual.gap_actual)
    expect(lost.gap_tail).toBe(usual.gap_tail)
    expect(silent.gap_actual).toBe(4)
    expect(silent.gap_tail).toBeGreaterThan(2)
  })

  test('lowers no rate: the day after is judged as where nothing was lost', async () => {
    const noon = '2026-03-12T19:00'
    const [lost, silent, usual] = [
      await at('outage/1', noon),
      await at('silence/0', noon),
      await at('calm/1', noon),
    ]
    for (const name of ['requests_tail', 'day_requests_tail', 'day_requests_excess', 'day_requests_typical'])
      expect(Math.abs(Number(lost[name]) - Number(usual[name])), name).toBeLessThan(0.005)
    // A silence of its own, on the other hand, is part of its habits: a full day is a little more than it was.
    expect(Number(silent.day_requests_tail)).toBeGreaterThan(Number(usual.day_requests_tail) + 0.03)
    expect(lost.hour_surprise).toBeCloseTo(Number(usual.hour_surprise), 6)
  })
})

test('an outage of the whole log, over a night and a whole day, is told once and forgotten by none', async () => {
  const other = await openTinyWorld(2)
  const isLost = (day: number, hour: number) =>
    (day === 7 && hour >= 16) || day === 8 || (day === 9 && hour < 9) || day > 9
  await addEvents(other, [
    ...tenant('one', (_token, day, hour) => isLost(day, hour)),
    ...tenant('two', (_token, day, hour) => isLost(day, hour)),
    // Calls once a day: by its own log nobody would know.
    ...tenant('quiet', (token, day, hour) => isLost(day, hour) || token > 0 || hour !== 12),
  ])
  await bringUpToDate(other)
  const gaps = readGaps(other.workspace)
  expect(gaps.filter(gap => gap.tenantId === null)).toHaveLength(1)
  expect(gaps[0]).toMatchObject({
    tenantId: null,
    start: new Date('2026-03-09T16:00:00Z'),
    finish: new Date('2026-03-11T09:00:00Z'),
  })
  expect(gapText(gaps[0]!)).toContain('gap: 41 h without any event, 2026-03-09 16:00 to 2026-03-11 09:00 UTC')
  const usual = await featuresOf(other, 'quiet/0', '2026-03-09T12:00')
  const after = await featuresOf(other, 'quiet/0', '2026-03-11T12:00')
  // 48 hours since the last use, 41 of them unseen.
  expect(usual.gap_actual).toBe(23)
  expect(after.gap_actual).toBe(48 - 41 - 1)
  expect(Number(after.gap_tail)).toBeLessThanOrEqual(Number(usual.gap_tail))
  other.close()
})
