import type { History } from '../history/history.ts'
import { EVERYONE } from '../history/pulse.ts'
import type { GapRecord, PulseRecord } from '../history/records.ts'
import { firstRemembered, isWeekend, slotOfHour } from '../memory.ts'
import type { MissingHours } from './missing.ts'

/** Days of a kind (weekday, weekend) that an hour must have been seen on, always with events, before its silence says anything. */
const LEAST_DAYS = 5

/**
 * Evidence from which a silence is a gap in logging, nats: one in a thousand. An hour that had events on all n days of its kind has
 * none with probability 1 / (n + 2) at most (Laplace's rule of succession), so its silence is worth ln(n + 2): a gap is told after four
 * such hours at n = 5, three at n = 8, two at n = 30.
 */
const LEAST_NATS = Math.log(1000)

/**
 * Silences that end on the day and are gaps: runs of hours without any event of a tenant, or of the whole log, whose always busy hours
 * add up to {@link LEAST_NATS}, from the first of those to the last. What an hour is used to is taken from the days before the tenant's
 * last active one. A run ends with an event of the tenant, so no hour depends on a later one.
 *
 * A holiday on which nobody and nothing of a tenant calls looks the same, and is treated the same: nothing is held against anyone.
 */
export function findGaps(
  history: History,
  missing: MissingHours,
  day: number,
  pulse: readonly PulseRecord[],
): GapRecord[] {
  const everyone = pulse.reduce((bits, one) => bits | one.bits, 0)
  return [...pulse, { tenant: EVERYONE, bits: everyone }].flatMap(({ tenant, bits }) =>
    gapsOf(history, missing, day, tenant, bits),
  )
}

function gapsOf(
  history: History,
  missing: MissingHours,
  day: number,
  tenant: number,
  today: number,
): GapRecord[] {
  const active = history.days.filter(
    one => one >= firstRemembered(day) && one < day && history.pulse.hours(tenant, one) !== 0,
  )
  const last = active.at(-1)
  if (last === undefined) return []
  const busy = alwaysBusy(history, missing, tenant, active[0]!, last)
  const beats = [last * 24 + (31 - Math.clz32(history.pulse.hours(tenant, last)))]
  for (let hour = 0; hour < 24; hour++) if (today & (1 << hour)) beats.push(day * 24 + hour)
  const gaps: GapRecord[] = []
  for (let i = 1; i < beats.length; i++) {
    let nats = 0
    let start = -1
    let finish = -1
    for (let hour = beats[i - 1]! + 1; hour < beats[i]!; hour++) {
      const days = busy[slotOfHour(hour)]!
      if (days === 0) continue
      nats += Math.log(days + 2)
      if (start < 0) start = hour
      finish = hour + 1
    }
    if (nats >= LEAST_NATS) gaps.push({ day, tenant, start, finish })
  }
  return gaps
}

/** By slot of the week: on how many days the hour had events, always; 0 where not always, or on too few. */
function alwaysBusy(
  history: History,
  missing: MissingHours,
  tenant: number,
  first: number,
  last: number,
): Float64Array {
  const calendar = [0, 0]
  const seen = new Float64Array(48)
  for (let one = first; one < last; one++) {
    const weekend = isWeekend(one) ? 1 : 0
    calendar[weekend]!++
    const bits = history.pulse.hours(tenant, one)
    for (let hour = 0; hour < 24; hour++) if (bits & (1 << hour)) seen[weekend * 24 + hour]!++
  }
  const lost = missing.lost(tenant, last)
  return seen.map((days, slot) => {
    const expected = calendar[slot < 24 ? 0 : 1]! - lost[slot]!
    return days >= expected && days >= LEAST_DAYS ? expected : 0
  })
}
