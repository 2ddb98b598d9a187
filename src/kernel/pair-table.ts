type IntArray =
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Uint8Array
  | Int8Array
  | Float64Array
  | Float32Array

/** A longer copy of a typed array; what is new is zero, or `fill`. */
export function longer<T extends IntArray>(array: T, length: number, fill = 0): T {
  const copy = new (array.constructor as new (length: number) => T)(length)
  copy.set(array)
  if (fill !== 0) copy.fill(fill, array.length)
  return copy
}

/**
 * Entries by pairs of 32-bit integers: open addressing, entries numbered from 0 in the order of their coming, so that columns of what is
 * known of them are plain arrays. A slot is one record of 16 bytes: a look-up touches one line of the cache.
 */
export class PairTable {
  count = 0
  first: Int32Array
  second: Int32Array
  #slots: Int32Array
  #mask: number

  /** @param capacity a power of two */
  constructor(capacity = 1 << 10) {
    this.#slots = new Int32Array(capacity * 4)
    this.#mask = capacity - 1
    this.first = new Int32Array(capacity >> 1)
    this.second = new Int32Array(capacity >> 1)
  }

  /** The entry, or -1. */
  find(a: number, b: number): number {
    const slots = this.#slots
    let at = mix(a, b) & this.#mask
    for (let entry = slots[at * 4 + 2]!; entry !== 0; entry = slots[at * 4 + 2]!) {
      if (slots[at * 4] === a && slots[at * 4 + 1] === b) return entry - 1
      at = (at + 1) & this.#mask
    }
    return -1
  }

  /** The entry, made if need be: then it equals the count before. */
  put(a: number, b: number): number {
    const slots = this.#slots
    let at = mix(a, b) & this.#mask
    for (let entry = slots[at * 4 + 2]!; entry !== 0; entry = slots[at * 4 + 2]!) {
      if (slots[at * 4] === a && slots[at * 4 + 1] === b) return entry - 1
      at = (at + 1) & this.#mask
    }
    if (this.count === this.first.length) {
      this.#grow()
      return this.put(a, b)
    }
    const entry = this.count++
    this.first[entry] = a
    this.second[entry] = b
    slots[at * 4] = a
    slots[at * 4 + 1] = b
    slots[at * 4 + 2] = entry + 1
    return entry
  }

  /** Takes back the entries that came last, down to `count` of them: nothing was put behind them, so no look-up passes over their slots. */
  shrink(count: number): void {
    const slots = this.#slots
    while (this.count > count) {
      const entry = --this.count
      let at = mix(this.first[entry]!, this.second[entry]!) & this.#mask
      while (slots[at * 4 + 2] !== entry + 1) at = (at + 1) & this.#mask
      slots[at * 4 + 2] = 0
    }
  }

  clear(): void {
    this.#slots.fill(0)
    this.count = 0
  }

  #grow(): void {
    const capacity = (this.#mask + 1) * 2
    this.first = longer(this.first, capacity >> 1)
    this.second = longer(this.second, capacity >> 1)
    this.#slots = new Int32Array(capacity * 4)
    this.#mask = capacity - 1
    const slots = this.#slots
    for (let entry = 0; entry < this.count; entry++) {
      let at = mix(this.first[entry]!, this.second[entry]!) & this.#mask
      while (slots[at * 4 + 2] !== 0) at = (at + 1) & this.#mask
      slots[at * 4] = this.first[entry]!
      slots[at * 4 + 1] = this.second[entry]!
      slots[at * 4 + 2] = entry + 1
    }
  }
}

/** Finalizer of MurmurHash3 over both keys. */
function mix(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)
  h ^= h >>> 15
  h = Math.imul(h, 0x2c1b3c6d)
  return h ^ (h >>> 13)
}
