import { HOUR_MS, type TinyEvent } from '../../../test/activity/tiny-world.ts'
import { daysFrom, type Habit, habit, sitting, traffic } from '../habit.ts'
import { type Cells, client, place } from '../product.ts'
import { type OracleWorld, writeEvents } from '../world.ts'

const DAYS = daysFrom('2026-09-14', 18)
const TENANTS = ['east', 'west', 'small'] as const
const SIZES = [6, 5, 2] as const

const RELEASE_DAY = 9
const ROLLOUT_DAY = 12
const MOVE_DAY = 7
const BOTNET_DAY = 14

/** A release, a roll-out of a client, a move behind one proxy, a botnet; newcomers and returners in the middle of them. */
export const waves: OracleWorld = {
  name: 'waves',
  async write(world, random) {
    const habits = TENANTS.flatMap((tenant, t) =>
      Array.from({ length: SIZES[t]! }, (_, n) =>
        habit(tenant, `${tenant}/${n}`, 10 * t + n, {
          hours: [8, 9, 11, 14],
          presence: 0.75,
          weekend: 0.6,
          pace: 3,
        }),
      ),
    )
    const newcomers = TENANTS.map((tenant, t) => habit(tenant, `${tenant}/new`, 40 + t, { presence: 0.9 }))
    // Silent for more than a week, then back on the day of the release, the move and the roll-out.
    const returners = [RELEASE_DAY, MOVE_DAY + 3, ROLLOUT_DAY].map((day, n) => ({
      day,
      one: habit(TENANTS[n]!, `${TENANTS[n]}/back`, 50 + n, { presence: 1, weekend: 1 }),
    }))
    const events = [
      ...habits.flatMap(one => traffic(one, DAYS, random)),
      ...newcomers.flatMap(one => traffic(one, DAYS.slice(RELEASE_DAY), random)),
      ...returners.flatMap(({ day, one }) => traffic(one, [...DAYS.slice(0, 2), ...DAYS.slice(day)], random)),
      ...[...habits, ...newcomers, ...returners.map(({ one }) => one)].flatMap(adoptions),
      ...botnet(),
    ]
    await writeEvents(world, events, random)

    /** What a token takes up: each an hour or so after the one before, and now and then afterwards. */
    function adoptions(one: Habit, n: number): TinyEvent[] {
      const use = (day: number, from: number, ways: Partial<Habit>) =>
        DAYS.slice(day).flatMap((start, later) => {
          const own = random.fork('adoption', one.who.tenant_id, one.who.token_id, day, later)
          const hour = later === 0 ? from + (n % 5) : 8 + own.int(8)
          return later === 0 || own.chance(0.3)
            ? sitting({ ...one, ...ways }, start + hour * HOUR_MS, 2, own)
            : []
        })
      const isEast = one.who.tenant_id === 'east'
      const proxy: Cells[] = [place('DE', 77)]
      return [
        ...use(RELEASE_DAY, 9, { operations: ['POST /boards/{id}', 'GET /boards'] }),
        ...(n % 4 === 3 ? [] : use(ROLLOUT_DAY, 10, { clients: [client('keyhound-sdk', '3.0')] })),
        ...(isEast ? use(MOVE_DAY, 8, { places: proxy }) : []),
      ]
    }

    /** One address for tokens of all tenants within hours, and their first uses of one scope. */
    function botnet(): TinyEvent[] {
      return habits
        .filter((_, n) => n % 2 === 0)
        .flatMap((one, n) =>
          sitting(
            {
              ...one,
              places: [place('US', 250, 13)],
              operations: ['GET /members/{id}', 'DELETE /keys/{id}'],
            },
            DAYS[BOTNET_DAY]! + (2 + (n % 3)) * HOUR_MS,
            8,
            random.fork('botnet', n),
          ),
        )
    }
  },
}
