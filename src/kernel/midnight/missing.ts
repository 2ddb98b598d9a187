import { EVERYONE } from '../history/pulse.ts'
import type { GapRecord } from '../history/records.ts'
import { slotOfHour } from '../memory.ts'

/** Hours of gaps in logging by tenant and for the whole log: hours since the epoch, each once. */
export class MissingHours {
  readonly #hours = new Map<number, Set<number>>()
  readonly #days = new Map<number, Set<number>>()

  constructor(gaps: readonly GapRecord[]) {
    for (const gap of gaps) this.add(gap)
  }

  add({ tenant, start, finish }: GapRecord): void {
    const hours = this.#hours.get(tenant) ?? new Set()
    const days = this.#days.get(tenant) ?? new Set()
    for (let hour = start; hour < finish; hour++) {
      hours.add(hour)
      days.add(Math.floor(hour / 24))
    }
    this.#hours.set(tenant, hours)
    this.#days.set(tenant, days)
  }

  get isEmpty(): boolean {
    return this.#hours.size === 0
  }

  /** Whether the log lacks some hour of a tenant's day. */
  isPartial(tenant: number, day: number): boolean {
    return this.#days.get(tenant)?.has(day) === true || this.#days.get(EVERYONE)?.has(day) === true
  }

  /** Missing hours of a tenant or the whole log after a moment and before an hour, both in hours since the epoch. */
  between(tenant: number, after: number, before: number): number {
    if (this.isEmpty) return 0
    let count = 0
    for (const hour of this.#of(tenant)) if (hour > after && hour < before) count++
    return count
  }

  /** Missing hours before a day by slot of the week, of a tenant alone or of {@link EVERYONE} alone. */
  bySlot(tenant: number, day: number): Float64Array {
    return slotsOf(this.#hours.get(tenant) ?? [], day)
  }

  /** Missing hours of a tenant or of the whole log before a day, by slot of the week: each hour once. */
  lost(tenant: number, day: number): Float64Array {
    return slotsOf(this.#of(tenant), day)
  }

  #of(tenant: number): Set<number> {
    const everyone = this.#hours.get(EVERYONE)
    const own = this.#hours.get(tenant)
    if (everyone === undefined || tenant === EVERYONE) return own ?? everyone ?? new Set()
    return own === undefined ? everyone : new Set([...own, ...everyone])
  }
}

/** How many of the hours before a day fall into each slot of the week. */
function slotsOf(hours: Iterable<number>, day: number): Float64Array {
  const slots = new Float64Array(48)
  for (const hour of hours) if (hour < day * 24) slots[slotOfHour(hour)]!++
  return slots
}
