/**
 * Keyed hash of texts to 96 bits: SipHash on 32-bit words ("HalfSipHash", Aumasson and Bernstein 2012, 2 compression and 4
 * finalization rounds), with one more output word. Keyed, since attackers choose texts: without the key nobody can make two texts collide.
 * Results are read from `lo`, `hi` and `check`, so that the inner loop allocates nothing.
 *
 * @example
 * const hash = new TextHash([1, 2])
 * hash.of(0, 'acme', 'token-1')
 * hash.lo // a 32-bit integer
 */
export class TextHash {
  lo = 0
  hi = 0
  /** Tells texts apart whose 64 bits are equal. */
  check = 0
  readonly #key0: number
  readonly #key1: number

  /** @param key two 32-bit words */
  constructor(key: readonly [number, number]) {
    this.#key0 = key[0] | 0
    this.#key1 = key[1] | 0
  }

  /** Hashes two texts under a domain (0 to 255); ('ab', 'c') and ('a', 'bc') differ. */
  of(domain: number, first: string, second = ''): void {
    let v0 = this.#key0
    let v1 = this.#key1
    let v2 = 0x6c796765 ^ v0
    let v3 = 0x74656462 ^ v1
    const lengths = (first.length << 8) | domain
    const total = first.length + second.length
    // Two UTF-16 units a word: the lengths first, so that no two inputs give one sequence of words.
    for (let at = -2; at < total; at += 2) {
      const word = at < 0 ? lengths : unit(first, second, at) | (unit(first, second, at + 1) << 16)
      v3 ^= word
      for (let round = 0; round < 2; round++) {
        v0 = (v0 + v1) | 0
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
        v0 = (v0 << 16) | (v0 >>> 16)
        v2 = (v2 + v3) | 0
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
        v0 = (v0 + v3) | 0
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
        v2 = (v2 + v1) | 0
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
        v2 = (v2 << 16) | (v2 >>> 16)
      }
      v0 ^= word
    }
    for (let output = 0; output < 3; output++) {
      v2 ^= 0xee
      v1 ^= output === 0 ? total << 1 : 0xdd
      for (let round = 0; round < 4; round++) {
        v0 = (v0 + v1) | 0
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
        v0 = (v0 << 16) | (v0 >>> 16)
        v2 = (v2 + v3) | 0
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
        v0 = (v0 + v3) | 0
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
        v2 = (v2 + v1) | 0
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
        v2 = (v2 << 16) | (v2 >>> 16)
      }
      const word = v1 ^ v3
      if (output === 0) this.lo = word
      else if (output === 1) this.hi = word
      else this.check = word
    }
  }
}

/** UTF-16 unit of both texts one after the other; 0 past the end, which the lengths tell from a NUL. */
function unit(first: string, second: string, at: number): number {
  if (at < first.length) return first.charCodeAt(at)
  const rest = at - first.length
  return rest < second.length ? second.charCodeAt(rest) : 0
}
