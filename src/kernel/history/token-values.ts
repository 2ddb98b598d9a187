import { longer, PairTable } from '../pair-table.ts'

/**
 * Which values each token showed on which days: a ring of 64 days of bits an entry (token, value), see {@link DayBits}. Entries of one
 * value are chained, so that its holders can be walked.
 */
export class TokenValues {
  readonly table = new PairTable()
  lo = new Int32Array(1 << 9)
  hi = new Int32Array(1 << 9)
  /** The next entry of the same value, or -1. */
  next = new Int32Array(1 << 9)
  /** First entry of each value, or -1. */
  head = new Int32Array(0)

  find(token: number, value: number): number {
    return this.table.find(token, value)
  }

  /** Sets the day of a value; returns whether the token never showed it before. */
  add(token: number, value: number, day: number): boolean {
    const before = this.table.count
    const entry = this.table.put(token, value)
    if (entry === before) this.#chain(entry, value)
    const bit = day & 63
    if (bit < 32) this.lo[entry]! |= 1 << bit
    else this.hi[entry]! |= 1 << (bit - 32)
    return entry === before
  }

  /** Takes the day of a value back. */
  remove(token: number, value: number, day: number): void {
    const entry = this.table.find(token, value)
    if (entry < 0) return
    const bit = day & 63
    if (bit < 32) this.lo[entry]! &= ~(1 << bit)
    else this.hi[entry]! &= ~(1 << (bit - 32))
  }

  /** First entry of a value, or -1. */
  firstHolder(value: number): number {
    return value < this.head.length ? this.head[value]! : -1
  }

  #chain(entry: number, value: number): void {
    if (entry >= this.lo.length) {
      const length = this.lo.length * 2
      this.lo = longer(this.lo, length)
      this.hi = longer(this.hi, length)
      this.next = longer(this.next, length)
    }
    if (value >= this.head.length)
      this.head = longer(this.head, Math.max(1 << 10, value + 1, this.head.length * 2), -1)
    this.next[entry] = this.head[value]!
    this.head[value] = entry
  }
}
