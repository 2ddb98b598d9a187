/** Values after which a column that hardly repeats itself is given up. */
const TRIAL = 256
const MOST_OF_TRIAL = 192

/**
 * Numbers the distinct values of a column: open addressing over values of one or two words. One table serves column after column: slots
 * hold entries above a base that each column raises, so nothing is cleared in between.
 */
export class Distinct {
  /** Distinct values found. */
  count = 0
  /** Of each value its entry. */
  codes = new Int32Array(0)
  /** Of each entry the value that showed it first. */
  first = new Int32Array(0)
  #slots = new Int32Array(0)
  #base = 0

  /**
   * Numbers `count` values of `size` words each; false, and nothing of use, where more than `most` are distinct, or so many of the first
   * that it looks like it.
   *
   * @param words (count, size)
   */
  find(words: Int32Array, size: 1 | 2, count: number, most: number): boolean {
    const mask = this.#begin(count)
    const { codes, first } = this
    const slots = this.#slots
    const base = this.#base
    let found = 0
    // Many a column says the same thing row after row.
    let lastLow = 0
    let lastHigh = 0
    let last = -1
    for (let i = 0; i < count; i++) {
      const low = words[i * size]!
      const high = size === 2 ? words[i * 2 + 1]! : 0
      if (low === lastLow && high === lastHigh && last >= 0) {
        codes[i] = last
        continue
      }
      let at = mix(low, high) & mask
      let entry = slots[at]! - base
      while (entry > 0) {
        const same = first[entry - 1]! * size
        if (words[same] === low && (size === 1 || words[same + 1] === high)) break
        at = (at + 1) & mask
        entry = slots[at]! - base
      }
      if (entry <= 0) {
        if (found === most || (found === MOST_OF_TRIAL && i < TRIAL && most < count)) return false
        first[found] = i
        entry = ++found
        slots[at] = base + entry
      }
      lastLow = low
      lastHigh = high
      last = entry - 1
      codes[i] = last
    }
    this.count = found
    return true
  }

  /** Room for `count` values, at most half of the slots taken; returns the mask of slots. */
  #begin(count: number): number {
    let slots = 16
    while (slots < 2 * count) slots *= 2
    this.#base += this.codes.length
    if (slots > this.#slots.length || this.#base > 2 ** 30) {
      this.#slots = new Int32Array(Math.max(slots, this.#slots.length))
      this.#base = 0
    }
    if (count > this.codes.length) {
      this.codes = new Int32Array(slots >> 1)
      this.first = new Int32Array(slots >> 1)
    }
    return slots - 1
  }
}

/** Finalizer of MurmurHash3 over both words. */
function mix(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)
  h ^= h >>> 15
  h = Math.imul(h, 0x2c1b3c6d)
  return h ^ (h >>> 13)
}
