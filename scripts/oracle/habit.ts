import type { Random } from '../../src/lib/random.ts'
import { DAY_MS, HOUR_MS, momentOf, type TinyEvent } from '../../test/activity/tiny-world.ts'
import { type Cells, call, client, place } from './product.ts'

/** The ways of a token on ordinary days. */
export interface Habit {
  /** Tenant, principal, token, role, granted scopes. */
  readonly who: Cells & { readonly token_id: string; readonly tenant_id: string }
  /** The first is the usual one. */
  readonly places: readonly Cells[]
  readonly clients: readonly Cells[]
  /** The first are the usual ones. */
  readonly operations: readonly string[]
  /** Numbers of its objects: from the first on, so many. */
  readonly objects: { readonly first: number; readonly count: number }
  /** UTC hours of the day in which it may call. */
  readonly hours: readonly number[]
  /** Chance that it does call in one of them. */
  readonly presence: number
  /** Mean requests of such an hour, at least one. */
  readonly pace: number
  /** Factor on the presence on Saturday and Sunday. */
  readonly weekend: number
}

export const OPERATIONS = [
  'GET /tasks/{id}',
  'GET /tasks',
  'PATCH /tasks/{id}',
  'POST /tasks',
  'GET /docs/{id}',
  'DELETE /tasks/{id}',
  'GET /users/{id}',
] as const

/** A token that works the hours given; what is not said is alike for all with the same number. */
export function habit(
  tenant: string,
  token: string,
  n: number,
  changes: Partial<Omit<Habit, 'who'>> & { who?: Omit<Cells, 'tenant_id'> } = {},
): Habit {
  const { who, ...others } = changes
  return {
    who: {
      tenant_id: tenant,
      principal_id: `owner of ${token}`,
      role: 'analyst',
      token_kind: 'api_key',
      granted_scopes: 'docs:read tasks:read tasks:write',
      ...who,
      token_id: token,
    },
    places: [place('DE', n), place('DE', n, 2), place('DE', 200 + n)],
    clients: [client('python-requests', '2.31')],
    operations: OPERATIONS,
    objects: { first: 100 * n, count: 12 },
    hours: [8, 9, 11, 14, 16],
    presence: 0.8,
    pace: 3.5,
    weekend: 0.3,
    ...others,
  }
}

/** Midnights of so many days from one on, `YYYY-MM-DD`. */
export function daysFrom(first: string, count: number): number[] {
  return Array.from({ length: count }, (_, i) => momentOf(first) + i * DAY_MS)
}

/** Day of a moment, `YYYY-MM-DD`. */
export function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

export function timeOf(event: TinyEvent): number {
  return momentOf(event.time)
}

/** What the token does on the days. */
export function traffic(habit: Habit, days: readonly number[], random: Random): TinyEvent[] {
  return days.flatMap(day => {
    const own = random.fork(habit.who.tenant_id, habit.who.token_id, day / DAY_MS)
    const isWeekend = [0, 6].includes(new Date(day).getUTCDay())
    const presence = habit.presence * (isWeekend ? habit.weekend : 1)
    return habit.hours
      .filter(() => own.chance(presence))
      .flatMap(hour => sitting(habit, day + hour * HOUR_MS, 1 + own.poisson(habit.pace - 1), own))
  })
}

/** So many calls at random moments of the hour that begins at `start`. */
export function sitting(habit: Habit, start: number, count: number, random: Random): TinyEvent[] {
  return Array.from({ length: count }, () => ({
    ...habit.who,
    ...usual(habit.places, random),
    ...usual(habit.clients, random),
    ...call(usual(habit.operations, random), habit.objects.first + random.int(habit.objects.count), random),
    time: start + random.int(HOUR_MS),
  }))
}

/** The first of the items half of the time, the second half of the rest, and so on. */
function usual<T>(items: readonly T[], random: Random): T {
  let i = 0
  while (i < items.length - 1 && random.chance(0.5)) i++
  return items[i]!
}
