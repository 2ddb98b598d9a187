import { DAY_MS, HOUR_MS } from '../../../test/activity/tiny-world.ts'
import { daysFrom, habit, timeOf, traffic } from '../habit.ts'
import { type OracleWorld, writeEvents } from '../world.ts'

/** A Monday. */
const DAYS = daysFrom('2026-05-04', 30)
const DAYTIME = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]
const NIGHT = [19, 20, 21, 22, 23, 0, 1, 2, 3]

/** What was not logged: of one tenant, or of all; from and until are [day, hour]. */
const OUTAGES: readonly {
  tenant?: string
  token?: string
  from: [number, number]
  until: [number, number]
}[] = [
  { tenant: 'steady', from: [9, 10], until: [9, 15] },
  { tenant: 'night', from: [15, 21], until: [16, 2] },
  { from: [17, 11], until: [17, 17] },
  // Three hours: no gap while little is known, a gap when more is.
  { tenant: 'day', from: [7, 13], until: [7, 16] },
  { tenant: 'day', from: [21, 9], until: [21, 12] },
  // Over a weekend, for all.
  { from: [25, 15], until: [27, 10] },
  // No gap: one token is silent, the others of its tenant are not.
  { tenant: 'steady', token: 'steady/0', from: [11, 8], until: [13, 20] },
]

const moment = ([day, hour]: [number, number]) => DAYS[0]! + day * DAY_MS + hour * HOUR_MS

/** Outages of the log and of single tenants, over midnight and over a weekend, and silences that are none. */
export const gaps: OracleWorld = {
  name: 'gaps',
  async write(world, random) {
    const shifts = (tenant: string, hours: readonly number[], tokens: number) =>
      Array.from({ length: tokens }, (_, n) =>
        habit(tenant, `${tenant}/${n}`, n, {
          who: { role: 'job' },
          // Together the tokens of a tenant call in every hour.
          hours: hours.filter((_hour, i) => i % tokens === n),
          presence: 1,
          pace: 2.5,
          weekend: 1,
        }),
      )
    const habits = [
      ...shifts('steady', DAYTIME, 4),
      ...shifts('night', NIGHT, 3),
      ...shifts('day', DAYTIME, 3).map(one => ({ ...one, weekend: 0 })),
      ...[0, 1].map(n => habit('fitful', `fitful/${n}`, 10 + n, { presence: 0.3 })),
      // Calls now and then at night, so that the silence of a tenant then is not that of the log.
      habit('fitful', 'fitful/night', 12, { hours: NIGHT, presence: 0.4, weekend: 1, pace: 1 }),
    ]
    const events = habits
      .flatMap(one => traffic(one, DAYS, random))
      .filter(event => !OUTAGES.some(outage => isLost(event, outage)))
    await writeEvents(world, events, random)
  },
}

function isLost(event: Parameters<typeof timeOf>[0], outage: (typeof OUTAGES)[number]): boolean {
  const { tenant = event.tenant_id, token = event.token_id, from, until } = outage
  const time = timeOf(event)
  return (
    event.tenant_id === tenant && event.token_id === token && time >= moment(from) && time < moment(until)
  )
}
