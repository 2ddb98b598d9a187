/** Days that a ring of bits can hold: day d is bit `d % 64`, days 0 to 31 of it in `lo`, the others in `hi`. */
const RING = 64

/**
 * Reads rings of 64 days, bit by bit, against one day: which of the remembered days before it are set, and the sum of their weights,
 * which halve with age. Sums add byte by byte in one fixed order, so equal bits give equal numbers to the last digit.
 *
 * @example
 * const days = new DayBits(45, 30)
 * days.readFrom(20_000)
 * days.weight(0, 0) // 0
 */
export class DayBits {
  /** Bits of the remembered days. */
  lo = 0
  hi = 0
  /** Bits of the remembered days that are no longer young. */
  #settledLo = 0
  #settledHi = 0
  #day = 0
  readonly #memory: number
  readonly #young: number
  readonly #weights: Float64Array
  /** Sum of weights by byte of the ring and its value. */
  readonly #sums = new Float64Array(8 * 256)

  /** @param memory days before the day read from that count, at most 62; @param halfLife days; @param young days for which what is seen is young */
  constructor(memory: number, halfLife: number, young = 0) {
    this.#memory = memory
    this.#young = young
    this.#weights = Float64Array.from({ length: RING }, (_, back) =>
      back === 0 || back > memory ? 0 : 0.5 ** (back / halfLife),
    )
  }

  /** Sets the day, counted from the epoch, whose past is read from now on. */
  readFrom(day: number): void {
    this.#day = day
    this.lo = 0
    this.hi = 0
    this.#settledLo = 0
    this.#settledHi = 0
    for (let back = 1; back <= this.#memory; back++) {
      const bit = (day - back) & 63
      const lo = bit < 32 ? 1 << bit : 0
      const hi = bit < 32 ? 0 : 1 << (bit - 32)
      this.lo |= lo
      this.hi |= hi
      if (back < this.#young) continue
      this.#settledLo |= lo
      this.#settledHi |= hi
    }
    for (let byte = 0; byte < 8; byte++) {
      for (let value = 0; value < 256; value++) {
        let sum = 0
        for (let bit = 0; bit < 8; bit++) {
          if ((value >> bit) & 1) sum += this.#weights[(day - (byte * 8 + bit)) & 63]!
        }
        this.#sums[byte * 256 + value] = sum
      }
    }
  }

  /** Sum of the weights of the set days; days that are forgotten weigh nothing. */
  weight(lo: number, hi: number): number {
    const s = this.#sums
    return (
      s[lo & 255]! +
      s[256 + ((lo >>> 8) & 255)]! +
      s[512 + ((lo >>> 16) & 255)]! +
      s[768 + (lo >>> 24)]! +
      s[1024 + (hi & 255)]! +
      s[1280 + ((hi >>> 8) & 255)]! +
      s[1536 + ((hi >>> 16) & 255)]! +
      s[1792 + (hi >>> 24)]!
    )
  }

  /** Whether a remembered day is set. */
  isKnown(lo: number, hi: number): boolean {
    return (lo & this.lo) !== 0 || (hi & this.hi) !== 0
  }

  /** Whether a remembered day is set that is no longer young. */
  isSettled(lo: number, hi: number): boolean {
    return (lo & this.#settledLo) !== 0 || (hi & this.#settledHi) !== 0
  }

  /** The oldest remembered day that is set, counted from the epoch; Infinity where none is. */
  oldest(lo: number, hi: number): number {
    for (let back = this.#memory; back >= 1; back--) {
      const bit = (this.#day - back) & 63
      if (((bit < 32 ? lo >>> bit : hi >>> (bit - 32)) & 1) !== 0) return this.#day - back
    }
    return Number.POSITIVE_INFINITY
  }

  /** Weight of a day, 0 when it is forgotten or not before the day read from. */
  weightOf(day: number): number {
    const back = this.#day - day
    return back < 1 || back > this.#memory ? 0 : this.#weights[back]!
  }

  /** Set days among those remembered. */
  count(lo: number, hi: number): number {
    return bitCount(lo & this.lo) + bitCount(hi & this.hi)
  }
}

/** Bits set in a 32-bit integer. */
export function bitCount(bits: number): number {
  let x = bits
  x -= (x >>> 1) & 0x55555555
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
