import { longer, PairTable } from '../pair-table.ts'

/**
 * How many tokens showed a value for the first time today, up to each hour: by (tenant, value) and by value. Filled by all tokens of the
 * day, then summed over the hours; a reader asks for one hour, and sees none that is later.
 */
export class Waves {
  readonly #tenants = new PairTable()
  #byTenant = new Int32Array(0)
  readonly #all = new PairTable()
  #byAll = new Int32Array(0)

  add(tenant: number, value: number, hour: number): void {
    // First the rows: they may make the columns longer.
    const t = this.#tenantRow(tenant, value)
    const a = this.#allRow(value)
    this.#byTenant[t + hour]!++
    this.#byAll[a + hour]!++
  }

  /** Adds to the running sums, or takes back. */
  shift(tenant: number, value: number, hour: number, sign: 1 | -1): void {
    const t = this.#tenantRow(tenant, value)
    const a = this.#allRow(value)
    for (let one = hour; one < 24; one++) {
      this.#byTenant[t + one]! += sign
      this.#byAll[a + one]! += sign
    }
  }

  /** To be called once, when all tokens were added. */
  sum(): void {
    sumHours(this.#byTenant, this.#tenants.count)
    sumHours(this.#byAll, this.#all.count)
  }

  #tenantRow(tenant: number, value: number): number {
    const t = this.#tenants.put(tenant, value)
    if ((t + 1) * 24 > this.#byTenant.length) this.#byTenant = longer(this.#byTenant, (t + 32) * 48)
    return t * 24
  }

  #allRow(value: number): number {
    const a = this.#all.put(0, value)
    if ((a + 1) * 24 > this.#byAll.length) this.#byAll = longer(this.#byAll, (a + 32) * 48)
    return a * 24
  }

  inTenant(tenant: number, value: number, hour: number): number {
    const entry = this.#tenants.find(tenant, value)
    return entry < 0 ? 0 : this.#byTenant[entry * 24 + hour]!
  }

  inAll(value: number, hour: number): number {
    const entry = this.#all.find(0, value)
    return entry < 0 ? 0 : this.#byAll[entry * 24 + hour]!
  }
}

/** Rows of 24 hours to running sums, in place. */
export function sumHours(hours: Int32Array | Float64Array, rows: number): void {
  for (let row = 0; row < rows; row++) {
    for (let at = row * 24 + 1; at < (row + 1) * 24; at++) hours[at]! += hours[at - 1]!
  }
}
