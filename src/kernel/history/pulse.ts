import { RING_DAYS, ringSlot } from '../memory.ts'
import { longer } from '../pair-table.ts'

/** The whole log, among tenants. */
export const EVERYONE = -1

/** Hours of each day in which each tenant, and the whole log, had events: bit h for hour h. */
export class Pulse {
  #tenants = new Int32Array(0)
  readonly #everyone = new Int32Array(RING_DAYS)

  fit(tenants: number): void {
    const needed = tenants * RING_DAYS
    if (needed > this.#tenants.length)
      this.#tenants = longer(this.#tenants, Math.max(needed, this.#tenants.length * 2))
  }

  clear(day: number): void {
    const slot = ringSlot(day)
    this.#everyone[slot] = 0
    for (let at = slot; at < this.#tenants.length; at += RING_DAYS) this.#tenants[at] = 0
  }

  add(tenant: number, day: number, bits: number): void {
    this.#tenants[tenant * RING_DAYS + ringSlot(day)] = bits
    this.#everyone[ringSlot(day)]! |= bits
  }

  /** Hours of a day with events of a tenant or of {@link EVERYONE}. */
  hours(tenant: number, day: number): number {
    return tenant === EVERYONE
      ? this.#everyone[ringSlot(day)]!
      : this.#tenants[tenant * RING_DAYS + ringSlot(day)]!
  }
}
