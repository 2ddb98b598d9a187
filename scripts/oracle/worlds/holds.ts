import type { HeldDay } from '../../../src/features/held.ts'
import { HOUR_MS } from '../../../test/activity/tiny-world.ts'
import { dateOf, daysFrom, habit, sitting, traffic } from '../habit.ts'
import { place } from '../product.ts'
import { type OracleWorld, writeEvents } from '../world.ts'

const DAYS = daysFrom('2026-06-01', 13)
const NEVER = '2099-12-31'
const TENANTS = ['north', 'south'] as const

function hold(token: number, day: number, until: number | typeof NEVER, tenantId = 'north'): HeldDay {
  const last = until === NEVER ? NEVER : dateOf(DAYS[until]!)
  return { tenantId, tokenId: `t${token}`, day: dateOf(DAYS[day]!), until: last }
}

const HELD: readonly HeldDay[] = [
  hold(0, 5, 7),
  hold(0, 6, 9),
  hold(1, 4, NEVER),
  // A token's first day, and its first two.
  hold(6, 3, 6),
  hold(7, 3, 5),
  hold(7, 4, 5),
  // Cleared on the day itself: never held back.
  hold(2, 2, 2),
  // Days in a row, released one after the other, and held while it goes on.
  hold(3, 4, 8),
  hold(3, 5, 9),
  hold(3, 6, 10),
  hold(4, 8, 9, 'south'),
  // A day on which the token did not call, and a token that nobody knows.
  hold(5, 1, 4, 'south'),
  hold(99, 5, 8),
]

/** Token-days held back from the history and given back, with what a thief did on some of them. */
export const holds: OracleWorld = {
  name: 'holds',
  rulings: { held: HELD },
  async write(world, random) {
    const habits = TENANTS.flatMap((tenant, t) =>
      Array.from({ length: 8 }, (_, n) =>
        habit(tenant, `t${n}`, 8 * t + n, { presence: 0.75, weekend: 0.7, hours: [8, 10, 13, 17] }),
      ),
    )
    const isAway = ({ who }: (typeof habits)[number], day: number) =>
      (['t6', 't7'].includes(who.token_id) && day < 3) ||
      (who.tenant_id === 'south' && who.token_id === 't5' && day === 1)
    const usual = habits.flatMap(one =>
      traffic(
        one,
        DAYS.filter((_, day) => !isAway(one, day)),
        random,
      ),
    )
    const strange = HELD.flatMap(({ tenantId, tokenId, day }, i) => {
      const one = habits.find(({ who }) => who.tenant_id === tenantId && who.token_id === tokenId)
      if (one === undefined || i % 3 === 2) return []
      const thief = {
        ...one,
        places: [place('JP', 120 + i)],
        operations: ['GET /users/{id}', 'GET /exports', 'DELETE /docs/{id}'],
        objects: { first: 0, count: 1600 },
      }
      return [10, 11, 21].flatMap(hour =>
        sitting(thief, Date.parse(day) + hour * HOUR_MS, 14, random.fork('thief', i, hour)),
      )
    })
    await writeEvents(world, [...usual, ...strange], random)
  },
}
