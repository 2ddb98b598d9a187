import { createDayEvents, type DayEvents, NO_NUMBER, NO_STATUS } from './day-events.ts'
import type { CallFields, PlaceFields, Tuples, WhoFields } from './tuples.ts'

/** An event spelled out; null is unknown. */
export interface SpelledEvent {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly who: WhoFields
  readonly place: PlaceFields
  readonly agent: { readonly userAgent: string | null; readonly client: string | null }
  readonly call: CallFields
  readonly resourceId: string | null
  readonly status: number | null
  readonly requestBytes: number | null
  readonly responseBytes: number | null
  readonly latencyMs: number | null
}

export const WHOLE_NUMBER = /^-?\d{1,15}$/

/** Writes events of a day, which are in order of time, as typed columns; tuples met before keep their numbers. */
export function createEventWriter(tuples: Tuples): (events: readonly SpelledEvent[]) => DayEvents {
  const who = numbered(tuples.whoToken, (fields: WhoFields) => tuples.addWho(fields))
  const place = numbered(tuples.placeIp, (fields: PlaceFields) => tuples.addPlace(fields))
  const agent = numbered(tuples.agentText, ({ userAgent, client }: SpelledEvent['agent']) =>
    tuples.addAgent(userAgent, client),
  )
  const call = numbered(tuples.callKind, (fields: CallFields) => tuples.addCall(fields))
  const object = numbered(tuples.objectValue, ([type, id]: readonly [string | null, string]) =>
    tuples.addObject(type, id),
  )
  return events => {
    const day = createDayEvents(events.length)
    for (const [i, event] of events.entries()) {
      const id = event.resourceId
      const number = id !== null && WHOLE_NUMBER.test(id) ? Number(id) : null
      day.time[i] = event.time
      day.who[i] = who(event.who)
      day.place[i] = place(event.place)
      day.agent[i] = agent(event.agent)
      day.call[i] = call(event.call)
      day.object[i] = id === null ? -1 : object([event.call.resourceType, id])
      day.objectHigh[i] = number === null ? NO_NUMBER : Math.floor(number / 2 ** 32)
      day.objectLow[i] = number ?? 0
      day.status[i] = event.status ?? NO_STATUS
      day.requestBytes[i] = event.requestBytes ?? Number.NaN
      day.responseBytes[i] = event.responseBytes ?? Number.NaN
      day.latency[i] = event.latencyMs ?? Number.NaN
    }
    day.count = events.length
    return day
  }
}

/** The number of a tuple by its fields, the next of its column for new ones; the same record is not read twice. */
function numbered<T extends object>(
  column: readonly unknown[],
  add: (fields: T) => void,
): (fields: T) => number {
  const known = new Map<string, number>()
  const met = new Map<T, number>()
  return fields => {
    let number = met.get(fields)
    if (number !== undefined) return number
    const key = JSON.stringify(fields)
    number = known.get(key)
    if (number === undefined) {
      number = column.length
      known.set(key, number)
      add(fields)
    }
    met.set(fields, number)
    return number
  }
}
