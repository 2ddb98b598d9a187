import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clocksOf } from '../../src/features/clocks.ts'
import {
  addEvents,
  bringUpToDate,
  DAY_MS,
  featuresOf,
  HOUR_MS,
  momentOf,
  openTinyWorld,
  type TinyEvent,
  type TinyWorld,
} from '../engine/tiny-world.ts'

/** A Monday three weeks before the clocks of Europe go forward (2026-03-29); those of America do on 2026-03-08. */
const FIRST = momentOf('2026-03-16')
const DAYS = 17
const MONDAY_AFTER = 14
const SHIFT_DAY = 13

interface Person {
  readonly name: string
  readonly country: string | null
  /** Hours ahead of UTC before and from the last Sunday of March on. */
  readonly ahead: readonly [number, number]
}

const PEOPLE: readonly Person[] = [
  { name: 'dutch', country: 'NL', ahead: [1, 2] },
  { name: 'indian', country: 'IN', ahead: [5, 5] },
  { name: 'unstated', country: null, ahead: [1, 2] },
]

/** A call an hour from nine to five, on weekdays, by the clock on the wall. */
function worker({ name, country, ahead }: Person, days: readonly number[]): TinyEvent[] {
  return days.flatMap(day => {
    if (day % 7 >= 5) return []
    const offset = day >= SHIFT_DAY ? ahead[1] : ahead[0]
    return [9, 10, 11, 12, 13, 14, 15, 16].map(local => call(name, country, day, local - offset))
  })
}

function call(name: string, country: string | null, day: number, hour: number): TinyEvent {
  return {
    event_id: `${name}-${day}-${hour}-${country}`,
    tenant_id: name,
    token_id: name,
    role: 'analyst',
    time: FIRST + day * DAY_MS + hour * HOUR_MS + 300_000,
    operation: 'GET /tasks',
    country,
  }
}

const all = Array.from({ length: DAYS }, (_, day) => day)
const until = (day: number) => all.filter(one => one < day)

let world: TinyWorld
beforeAll(async () => {
  world = await openTinyWorld(2)
  await addEvents(world, [
    ...PEOPLE.flatMap(person => worker(person, all)),
    // Stolen from the Netherlands, used at three in the morning local time, on the first day of summer time.
    ...PEOPLE.map(({ name, country, ahead }) =>
      call(name, country, MONDAY_AFTER, 3 - ahead[1] + (3 - ahead[1] < 0 ? 24 : 0)),
    ),
    // One who goes to New York on Tuesday and works there from nine to five: 13 to 21 UTC.
    ...worker({ name: 'traveller', country: 'NL', ahead: [1, 2] }, until(MONDAY_AFTER + 1)),
    ...[15, 16].flatMap(day =>
      [9, 10, 11, 12, 13, 14, 15, 16].map(local => call('traveller', 'US', day, local + 4)),
    ),
  ])
  await bringUpToDate(world)
})
afterAll(() => world.close())

const surprise = async (token: string, day: number, hour: number) => {
  const at = new Date(FIRST + day * DAY_MS + hour * HOUR_MS).toISOString().slice(0, 16)
  return Number((await featuresOf(world, token, at)).hour_surprise)
}

describe('on the first day of summer time', () => {
  test.each(PEOPLE)('$name begins the day as on the Friday before', async ({ name, ahead }) => {
    const friday = await surprise(name, 11, 9 - ahead[0])
    expect(friday).toBeLessThan(0.5)
    expect(await surprise(name, MONDAY_AFTER, 9 - ahead[1])).toBeLessThan(friday + 0.2)
    expect(await surprise(name, MONDAY_AFTER, 16 - ahead[1])).toBeLessThan(0.5)
  })

  test.each(PEOPLE)(
    'use of the token of $name at three in the morning is as strange as ever',
    async person => {
      const { name, ahead } = person
      const hour = 3 - ahead[1] + (3 - ahead[1] < 0 ? 24 : 0)
      expect(await surprise(name, MONDAY_AFTER, hour)).toBeGreaterThan(5)
    },
  )
})

describe('a traveller', () => {
  test('is strange in the evening of home on the first day, since a thief would be, too', async () => {
    // 20:00 UTC is 22:00 at home.
    expect(await surprise('traveller', 15, 20)).toBeGreaterThan(5)
  })

  test('is judged by the local clock once the country is known', async () => {
    expect(await surprise('traveller', 16, 20)).toBeLessThan(0.5)
    expect(await surprise('traveller', 16, 13)).toBeLessThan(0.5)
  })
})

describe('clocksOf', () => {
  const clock = (country: string, day: string) => clocksOf(day, 45).find(one => one.country === country)

  test('knows the day and the size of a change within the memory, and forgets it after', () => {
    expect(clock('NL', '2026-03-28')).toEqual({ country: 'NL', offset: 1, changed: null, delta: 0 })
    for (const day of ['2026-03-29', '2026-04-20', '2026-05-12'])
      expect(clock('NL', day)).toEqual({ country: 'NL', offset: 2, changed: '2026-03-29', delta: -1 })
    expect(clock('NL', '2026-05-13')).toMatchObject({ changed: null })
    expect(clock('NL', '2026-11-01')).toMatchObject({ offset: 1, changed: '2026-10-25', delta: 1 })
    expect(clock('US', '2026-03-16')).toEqual({ country: 'US', offset: -4, changed: '2026-03-08', delta: -1 })
    expect(clock('IN', '2026-04-01')).toEqual({ country: 'IN', offset: 5.5, changed: null, delta: 0 })
    expect(clock('AU', '2026-04-10')).toEqual({ country: 'AU', offset: 10, changed: '2026-04-05', delta: 1 })
  })
})
