import { HOUR_MS, type TinyEvent } from '../../../test/activity/tiny-world.ts'
import { daysFrom, type Habit, habit, sitting, traffic } from '../habit.ts'
import { place } from '../product.ts'
import { type OracleWorld, writeEvents } from '../world.ts'

const DAYS = daysFrom('2026-10-05', 26)
/** From here on most of one tenant grows, and one token of each slips away by itself. */
const GROWTH_DAY = 18

/** Tenants of enough tokens that their median counts, of enough days that slow drift and budgets of novelty are judged. */
export const crowd: OracleWorld = {
  name: 'crowd',
  async write(world, random) {
    const habits = [
      ...Array.from({ length: 7 }, (_, n) => member('grows', n)),
      ...Array.from({ length: 6 }, (_, n) => member('steady', n)),
      ...Array.from({ length: 2 }, (_, n) => member('few', n)),
    ]
    const usual = habits.flatMap((one, n) => DAYS.flatMap((day, d) => workday(one, n, day, d)))
    await writeEvents(world, usual, random)

    /** Traffic, and each day a little that is new, denied, sensitive, or somebody else's. */
    function workday(one: Habit, n: number, day: number, d: number): TinyEvent[] {
      const own = random.fork('workday', n, d)
      const isGrown = d >= GROWTH_DAY && one.who.tenant_id === 'grows' && n % 7 < 4
      const isDrifting = d >= GROWTH_DAY && n % 6 === 5
      const factor = (isGrown ? 2 : 1) * (isDrifting ? 2.5 : 1)
      const hour = () => day + (8 + own.int(3)) * HOUR_MS
      const some = (mean: number, ways: Partial<Habit>, cells: Partial<TinyEvent> = {}) =>
        sitting({ ...one, ...ways }, hour(), own.poisson(mean * factor), own).map(event => ({
          ...event,
          ...cells,
        }))
      const documents = { operations: ['GET /docs/{id}'] }
      return [
        ...traffic({ ...one, pace: 2.5 * factor }, [day], random),
        ...some(0.7, { operations: [`GET /views-${n % 3}-${d}`, `GET /views-${n}-${d}`] }),
        ...some(0.9, { operations: ['GET /users/{id}', 'POST /tokens'] }),
        ...some(0.8, {}, { status: 403 }),
        // What the neighbor made the day before.
        ...some(2, { ...documents, objects: { first: madeOn(n + 1, d - 1), count: 2 } }),
        ...some(2.5, { ...documents, objects: { first: madeOn(n, d), count: 2 } }),
        ...(d % 4 === n % 4 ? some(1, { places: [place('DE', 80 + ((3 * n + d) % 45))] }) : []),
      ]
    }
  },
}

function member(tenant: string, n: number): Habit {
  const base = { grows: 0, steady: 7, few: 13 }[tenant]!
  return habit(tenant, `${tenant}/${n}`, base + n, {
    hours: [8, 9, 10],
    presence: 0.75,
    weekend: 0.9,
  })
}

/** First of the two documents that a token makes on a day. */
function madeOn(token: number, day: number): number {
  return 10_000 + 1000 * (token % 15) + 2 * day
}
