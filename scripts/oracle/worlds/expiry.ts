import { HOUR_MS } from '../../../test/activity/tiny-world.ts'
import { daysFrom, habit, sitting, traffic } from '../habit.ts'
import { client, place } from '../product.ts'
import { type OracleWorld, writeEvents } from '../world.ts'

const DAYS = daysFrom('2026-01-05', 65)
/** Days on which nobody calls: they have no files. */
const EMPTY = new Set([30, 31])

/** Silences of 44, 45, 46 and 52 days, around the 45 that are remembered, by the day on which each ends. */
const SLEEPERS = [44, 45, 46, 52].map(silent => ({ silent, until: 5 + silent }))

/** What was known 45 days ago is forgotten: tokens, values, volumes, links. */
export const expiry: OracleWorld = {
  name: 'expiry',
  async write(world, random) {
    const ways = { hours: [9, 15], presence: 0.75, pace: 3, weekend: 0.4 }
    const regular = [0, 1, 2, 3].map(n => habit('memory', `regular/${n}`, n, ways))
    const sleepers = SLEEPERS.map(({ silent }, n) => habit('memory', `silent-${silent}`, 10 + n, ways))
    const days = DAYS.filter((_, day) => !EMPTY.has(day))
    const rotated = habit('memory', 'rotated', 20, { ...ways, presence: 1 })
    const heir = { ...rotated, who: { ...rotated.who, token_id: 'rotated/2' } }
    await writeEvents(
      world,
      [
        ...regular.flatMap(one => traffic(one, days, random)),
        ...sleepers.flatMap((one, n) =>
          traffic({ ...one, presence: 1 }, [...DAYS.slice(0, 6), ...DAYS.slice(SLEEPERS[n]!.until)], random),
        ),
        ...traffic(rotated, DAYS.slice(0, 12), random),
        ...traffic(heir, [...DAYS.slice(12, 16), ...DAYS.slice(55, 62)], random),
        // Values and volumes of the first days that come again when they are forgotten, and just before.
        ...[1, 2, 45, 46, 47, 48, 60].flatMap(day =>
          regular.slice(0, 2).flatMap(one =>
            sitting(
              {
                ...one,
                places: [place('US', 90)],
                clients: [client('curl', '8.1')],
                operations: ['GET /exports/{id}', 'DELETE /docs/{id}'],
              },
              DAYS[day]! + 3 * HOUR_MS,
              25,
              random.fork('again', one.who.token_id, day),
            ),
          ),
        ),
      ],
      random,
    )
  },
}
