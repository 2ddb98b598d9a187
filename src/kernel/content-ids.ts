import type { TextHash } from '../stats/text-hash.ts'
import { longer, PairTable } from './pair-table.ts'

/** Hashes of texts in the order of their numbers. */
export interface ContentColumns {
  readonly lo: Int32Array
  readonly hi: Int32Array
  readonly check: Int32Array
}

/**
 * Numbers for texts, from 0, by a keyed hash of 64 bits and a check of 32 more. The texts themselves are not kept. Two texts with one
 * hash are told apart by the check and counted.
 */
export class ContentIds {
  /** Texts that shared the 64-bit hash of another one. */
  collisions = 0
  readonly #hash: TextHash
  #table = new PairTable()
  #check = new Int32Array(1 << 9)
  /** Ids of texts whose hash another one had before, by their full hash. */
  #displaced = new Map<string, number>()

  constructor(hash: TextHash) {
    this.#hash = hash
  }

  get count(): number {
    return this.#table.count
  }

  /** The number of a text, a new one where it is unknown: then it equals the count before. */
  put(domain: number, first: string, second = ''): number {
    this.#hash.of(domain, first, second)
    const { lo, hi, check } = this.#hash
    const before = this.#table.count
    const id = this.#table.put(lo, hi)
    if (id === before) {
      if (id === this.#check.length) this.#check = longer(this.#check, id * 2)
      this.#check[id] = check
      return id
    }
    return this.#check[id] === check ? id : this.#displace(lo, hi, check)
  }

  /** The number of a text, or -1. */
  find(domain: number, first: string, second = ''): number {
    this.#hash.of(domain, first, second)
    const { lo, hi, check } = this.#hash
    const id = this.#table.find(lo, hi)
    if (id < 0 || this.#check[id] === check) return id
    return this.#displaced.get(`${lo} ${hi} ${check}`) ?? -1
  }

  #displace(lo: number, hi: number, check: number): number {
    const key = `${lo} ${hi} ${check}`
    const known = this.#displaced.get(key)
    if (known !== undefined) return known
    this.collisions++
    // A slot of its own: the check in place of the low word, and so on until one is free.
    for (let step = 1; ; step++) {
      const before = this.#table.count
      const id = this.#table.put(check + step, hi)
      if (id !== before) continue
      if (id === this.#check.length) this.#check = longer(this.#check, id * 2)
      this.#check[id] = check
      this.#displaced.set(key, id)
      return id
    }
  }

  /** Takes back the numbers that were given last, down to `count` of them. */
  shrink(count: number): void {
    this.#table.shrink(count)
    for (const [key, id] of this.#displaced) {
      if (id < count) continue
      this.#displaced.delete(key)
      this.collisions--
    }
  }

  /** Hashes and checks in the order of the numbers. */
  columns(): ContentColumns {
    const { first, second, count } = this.#table
    return {
      lo: first.subarray(0, count),
      hi: second.subarray(0, count),
      check: this.#check.subarray(0, count),
    }
  }

  /** Gives the next numbers to texts by their hashes, as {@link columns} had them. */
  restore({ lo, hi, check }: ContentColumns): void {
    for (let i = 0; i < lo.length; i++) {
      const id = this.#table.put(lo[i]!, hi[i]!)
      if (id >= this.#check.length)
        this.#check = longer(this.#check, Math.max(id + 1, this.#check.length * 2))
      this.#check[id] = check[i]!
    }
  }
}
