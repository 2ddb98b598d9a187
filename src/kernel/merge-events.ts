import { createDayEvents, type DayEvents } from './day-events.ts'

/**
 * Events of two readings of one day in order of time, each reading being so. Null where a token has events of one moment in both: their
 * order is that of their ids, which only a common reading knows.
 *
 * @param tokenOf token of each who tuple
 */
export function mergeEvents(a: DayEvents, b: DayEvents, tokenOf: readonly number[]): DayEvents | null {
  const merged = createDayEvents(a.count + b.count)
  const from = new Int32Array(merged.time.length)
  let i = 0
  let j = 0
  for (let at = 0; at < from.length; at++) {
    const takesFirst = j === b.count || (i < a.count && a.time[i]! <= b.time[j]!)
    from[at] = takesFirst ? i++ : -1 - j++
  }
  if (hasTie(a, b, from, tokenOf)) return null
  for (const [name, column] of Object.entries(merged)) {
    if (typeof column === 'number') continue
    const [first, second] = [a, b].map(one => one[name as keyof DayEvents] as Float64Array)
    for (let at = 0; at < from.length; at++)
      column[at] = from[at]! >= 0 ? first![from[at]!]! : second![-1 - from[at]!]!
  }
  return Object.assign(merged, { count: from.length })
}

/** Whether a token has events of one moment in both readings. */
function hasTie(a: DayEvents, b: DayEvents, from: Int32Array, tokenOf: readonly number[]): boolean {
  const timeOf = (one: number) => (one >= 0 ? a.time[one]! : b.time[-1 - one]!)
  for (let start = 0, at = 1; at <= from.length; at++) {
    if (at < from.length && timeOf(from[at]!) === timeOf(from[start]!)) continue
    // Of a moment the first reading's events come first.
    if (from[start]! >= 0 && from[at - 1]! < 0) {
      const tokens = new Set<number>()
      for (let k = start; k < at; k++) {
        const one = from[k]!
        if (one >= 0) tokens.add(tokenOf[a.who[one]!]!)
        else if (tokens.has(tokenOf[b.who[-1 - one]!]!)) return true
      }
    }
    start = at
  }
  return false
}

/** A copy that holds no more than its events. */
export function copyEvents(events: DayEvents): DayEvents {
  const copy = { count: events.count } as Record<string, unknown>
  for (const [name, column] of Object.entries(events))
    if (typeof column !== 'number') copy[name] = (column as Float64Array).slice(0, events.count)
  return copy as unknown as DayEvents
}
