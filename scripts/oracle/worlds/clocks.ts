import type { Random } from '../../../src/lib/random.ts'
import { DAY_MS, HOUR_MS, momentOf, type TinyEvent } from '../../../test/activity/tiny-world.ts'
import { daysFrom, type Habit, habit, timeOf, traffic } from '../habit.ts'
import { type Cells, place } from '../product.ts'
import { type OracleWorld, writeEvents } from '../world.ts'

/** When clocks change in a country, and by how many hours its people then come later, UTC. */
interface Change {
  readonly country: string
  readonly day: string
  readonly later: number
}

/** Summer begins in Europe; it ends in Australia a week later. */
export const clocksSpring = clocks('clocks-spring', '2026-03-19', [
  { country: 'DE', day: '2026-03-29', later: -1 },
  { country: 'GB', day: '2026-03-29', later: -1 },
  { country: 'AU', day: '2026-04-05', later: 1 },
])

/** Summer ends in Europe, and in America a week later. */
export const clocksAutumn = clocks('clocks-autumn', '2026-10-20', [
  { country: 'DE', day: '2026-10-25', later: 1 },
  { country: 'GB', day: '2026-10-25', later: 1 },
  { country: 'US', day: '2026-11-01', later: 1 },
])

/** Who lives where; `unknown` names no country, `XX` is none, `both` is in two countries equally often. */
const HOMES = ['DE', 'DE', 'GB', 'US', 'US', 'JP', 'IN', 'AU', 'XX', null, null] as const

/** Office hours, UTC. */
const HOURS: Readonly<Record<string, readonly number[]>> = {
  US: [13, 14, 16, 19],
  JP: [0, 1, 5, 7],
  IN: [4, 6, 9],
  AU: [22, 23, 1, 3],
}

function clocks(name: string, first: string, changes: readonly Change[]): OracleWorld {
  const days = daysFrom(first, 20)
  return {
    name,
    async write(world, random) {
      const habits = HOMES.map((country, n) =>
        habit(n % 4 === 3 ? 'abroad' : 'home', `${country ?? 'unknown'}/${n}`, n, {
          places: [place(country, n), place(country, n, 2)],
          hours: HOURS[country ?? ''] ?? [7, 8, 12, 15],
          presence: 0.7,
          pace: 3,
          weekend: 0.4,
        }),
      )
      const settled = habits.flatMap(one => traffic(one, days, random).map(event => onClock(event, changes)))
      // Whose country the log does not say follows its clock all the same.
      const nameless = settled.map(event => (event.country === null ? onClock(event, changes, 'DE') : event))
      await writeEvents(world, [...nameless, ...travellers(random)], random)
    },
  }

  /** Journeys to a country known from before and to a new one, there for days and within an hour. */
  function travellers(random: Random): TinyEvent[] {
    const from = (token: string, n: number, where: Cells, changes: Partial<Habit> = {}) => ({
      ...habit('home', token, n, { presence: 0.9, weekend: 0.8, hours: [7, 9, 13] }),
      places: [where],
      ...changes,
    })
    const [home, away, new_] = [place('DE', 30), place('US', 31), place('JP', 32)]
    const journey = (token: string, n: number, where: Cells, from_: number, until: number, hours: number[]) =>
      traffic(from(token, n, where, { hours }), days.slice(from_, until), random)
    return [
      ...journey('traveller/0', 30, home, 0, 3, [7, 9, 13]),
      ...journey('traveller/0', 30, away, 3, 5, [13, 15, 20]),
      ...journey('traveller/0', 30, home, 5, 12, [7, 9, 13]),
      ...journey('traveller/0', 30, away, 12, 16, [13, 15, 20]),
      ...journey('traveller/0', 30, new_, 16, 18, [1, 3]),
      ...journey('traveller/1', 33, home, 0, 14, [7, 9, 13]),
      ...journey('traveller/1', 33, new_, 13, 20, [1, 3, 9]),
      // In two places within minutes, home in neither more often.
      ...journey('both', 34, home, 0, 20, [8]),
      ...journey('both', 34, away, 0, 20, [8, 14]),
    ]
  }
}

/** The event as its country's clock has it once it has changed. */
function onClock(event: TinyEvent, changes: readonly Change[], country = event.country): TinyEvent {
  const change = changes.find(one => one.country === country)
  const time = timeOf(event)
  if (change === undefined || time < momentOf(change.day)) return event
  const moved = time + change.later * HOUR_MS
  return Math.floor(moved / DAY_MS) === Math.floor(time / DAY_MS) ? { ...event, time: moved } : event
}
