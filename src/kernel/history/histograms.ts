import { longer } from '../pair-table.ts'

/** Room for entries that a token gets first. */
const FIRST_ROOM = 16

/**
 * Histograms of the hour metrics of each token, packed: ascending keys (metric * 256 + bin) with their counts, in one pool; a token that
 * outgrows its place moves to one twice as large, and its old place is used again by others of that size.
 */
export class Histograms {
  #keys = new Uint16Array(1 << 12)
  #counts = new Uint16Array(1 << 12)
  #used = 0
  #start = new Int32Array(1 << 8)
  #length = new Int32Array(1 << 8)
  #room = new Int32Array(1 << 8)
  /** Free places by the power of two of their room. */
  readonly #free: number[][] = Array.from({ length: 20 }, () => [])

  fit(tokens: number): void {
    if (tokens <= this.#start.length) return
    const length = Math.max(tokens, this.#start.length * 2)
    this.#start = longer(this.#start, length)
    this.#length = longer(this.#length, length)
    this.#room = longer(this.#room, length)
  }

  /** Adds counts of one token; the keys are ascending. */
  add(token: number, keys: Uint16Array, counts: Uint16Array, from: number, to: number): void {
    let fresh = 0
    const end = this.#start[token]! + this.#length[token]!
    for (let i = from, at = this.#start[token]!; i < to; i++) {
      while (at < end && this.#keys[at]! < keys[i]!) at++
      if (at < end && this.#keys[at] === keys[i]) this.#counts[at]! += counts[i]!
      else fresh++
    }
    if (fresh > 0) this.#insert(token, fresh, keys, counts, from, to)
  }

  /** Takes counts of one token back. */
  remove(token: number, keys: Uint16Array, counts: Uint16Array, from: number, to: number): void {
    const end = this.#start[token]! + this.#length[token]!
    for (let i = from, at = this.#start[token]!; i < to; i++) {
      while (at < end && this.#keys[at]! < keys[i]!) at++
      if (at < end && this.#keys[at] === keys[i]) this.#counts[at]! -= counts[i]!
    }
  }

  /** Adds the token's counts to `sums`, by key. */
  addTo(token: number, sums: Int32Array): void {
    const start = this.#start[token]!
    const end = start + this.#length[token]!
    for (let at = start; at < end; at++) sums[this.#keys[at]!]! += this.#counts[at]!
  }

  /** Merges from the end, so that nothing is overwritten before it is read. */
  #insert(token: number, fresh: number, keys: Uint16Array, counts: Uint16Array, from: number, to: number) {
    const length = this.#length[token]! + fresh
    if (length > this.#room[token]!) this.#move(token, length)
    const start = this.#start[token]!
    let read = start + this.#length[token]! - 1
    let write = start + length - 1
    for (let i = to - 1; i >= from; i--) {
      while (read >= start && this.#keys[read]! > keys[i]!) {
        this.#keys[write] = this.#keys[read]!
        this.#counts[write--] = this.#counts[read--]!
      }
      // What was there has its counts already.
      if (read >= start && this.#keys[read] === keys[i]) continue
      this.#keys[write] = keys[i]!
      this.#counts[write--] = counts[i]!
    }
    this.#length[token] = length
  }

  #move(token: number, length: number): void {
    let power = Math.ceil(Math.log2(Math.max(length, FIRST_ROOM)))
    const free = this.#free[power]!.pop()
    const room = 2 ** power
    const start = free ?? this.#used
    if (free === undefined) {
      this.#used += room
      if (this.#used > this.#keys.length) {
        const wide = Math.max(this.#used, this.#keys.length * 2)
        this.#keys = longer(this.#keys, wide)
        this.#counts = longer(this.#counts, wide)
      }
    }
    const old = this.#start[token]!
    this.#keys.copyWithin(start, old, old + this.#length[token]!)
    this.#counts.copyWithin(start, old, old + this.#length[token]!)
    if (this.#room[token]! > 0) {
      power = Math.log2(this.#room[token]!)
      this.#free[power]!.push(old)
    }
    this.#start[token] = start
    this.#room[token] = room
  }
}
