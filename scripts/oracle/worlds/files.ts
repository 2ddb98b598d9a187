import { addEvents, DAY_MS, HOUR_MS, type TinyEvent } from '../../../test/activity/tiny-world.ts'
import { daysFrom, habit, sitting, timeOf, traffic } from '../habit.ts'
import { type OracleWorld, withIds } from '../world.ts'

const DAYS = daysFrom('2026-07-06', 9)
const FILES = ['part-1', 'part-2', 'part-3'] as const

/**
 * Up to three files a day, none of which is in the order of the others; bursts within a second; events of one token at one moment
 * whose ids fall and rise from file to file.
 */
export const files: OracleWorld = {
  name: 'files',
  hasCounts: true,
  async write(world, random) {
    const habits = Array.from({ length: 12 }, (_, n) =>
      habit(n % 3 === 0 ? 'one' : 'two', `t${n}`, n, { presence: 0.6, weekend: 0.8, pace: 4 }),
    )
    const usual = habits.flatMap(one => traffic(one, DAYS, random))
    const bursts = habits.flatMap((one, n) =>
      DAYS.filter((_, day) => (day + n) % 3 === 0).flatMap(day => {
        const own = random.fork('burst', n, day / DAY_MS)
        const start = day + (8 + own.int(10)) * HOUR_MS + own.int(HOUR_MS - 2000)
        // Quarters of a second, so that many share one.
        return sitting(one, start, 12, own).map(event => ({ ...event, time: start + 250 * own.int(5) }))
      }),
    )
    // At the turn of an hour, of ten minutes and of a day.
    const turns = habits.flatMap(one =>
      [9 * HOUR_MS, 9 * HOUR_MS - 1, 9 * HOUR_MS + 600_000, DAY_MS - 1, 0].flatMap(offset =>
        sitting(one, 0, 3, random.fork('turn', one.who.token_id, offset)).map(event => ({
          ...event,
          time: DAYS[4]! + offset,
        })),
      ),
    )
    const events = withIds([...usual, ...bursts, ...turns], random)
    const chosen = random.fork('files')
    const byFile = new Map<string, TinyEvent[]>(FILES.map(file => [file, []]))
    for (const event of events) byFile.get(FILES[chosen.int(filesOf(event))]!)!.push(event)
    for (const [file, own] of byFile) await addEvents(world, own, file)
  },
}

/** One, two or three, by the day. */
function filesOf(event: TinyEvent): number {
  return 1 + (Math.floor(timeOf(event) / DAY_MS) % FILES.length)
}
