import type { DayEvents } from '../../src/kernel/day-events.ts'
import type { GoldenDay } from '../../src/kernel/golden-log.ts'
import type { Tuples } from '../../src/kernel/tuples.ts'

/** The day with events of one moment in the opposite order, but for those of one token. */
export function reordered({ events, ...day }: GoldenDay, { whoToken }: Tuples): GoldenDay {
  const tokenOf = (event: number) => whoToken[events.who[event]!]!
  const order = Array.from({ length: events.count }, (_, i) => i).sort(
    (a, b) => events.time[a]! - events.time[b]! || tokenOf(b) - tokenOf(a) || a - b,
  )
  return { ...day, events: pick(events, order) }
}

/** The events at some places, in their order. */
export function pick(events: DayEvents, places: readonly number[]): DayEvents {
  const picked = Object.entries(events).map(([name, column]) => [
    name,
    typeof column === 'number'
      ? places.length
      : column.constructor.from(places, (place: number) => column[place]!),
  ])
  return Object.fromEntries(picked) as DayEvents
}
