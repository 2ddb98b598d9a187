import { AGE_BOUNDS } from '../../features/parameters.ts'
import { FACET_COUNT } from '../facets.ts'
import { longer } from '../pair-table.ts'
import { type DayDelta, startOf } from './delta.ts'

/** Classes of a first-seen value: known to the token's peers or principal, known in the tenant, new to the tenant. */
export const CLASSES = 3
export const AGES = AGE_BOUNDS.length
/** Facets by classes. */
export const KINDS_OF_NEW = FACET_COUNT * CLASSES

/** From this age class on a token's own first uses say something of it: before, everything is new. */
export const SETTLED_AGE = 2

/** Token-days with a first use, and token-days in all, by token, by peer group and age, and over all by age. */
export class Novelty {
  #tokenHits = new Uint16Array(0)
  #tokenDays = new Uint16Array(0)
  #peerHits = new Int32Array(0)
  #peerDays = new Int32Array(0)
  readonly #allHits = new Int32Array(KINDS_OF_NEW * AGES)
  readonly #allDays = new Int32Array(AGES)

  fit(tokens: number, peers: number): void {
    if (tokens > this.#tokenDays.length) {
      const length = Math.max(tokens, this.#tokenDays.length * 2)
      this.#tokenDays = longer(this.#tokenDays, length)
      this.#tokenHits = longer(this.#tokenHits, length * KINDS_OF_NEW)
    }
    if (peers * AGES > this.#peerDays.length) {
      const length = Math.max(peers * AGES, this.#peerDays.length * 2)
      this.#peerDays = longer(this.#peerDays, length)
      this.#peerHits = longer(this.#peerHits, length * KINDS_OF_NEW)
    }
  }

  /** Adds (1) an entry, or takes it back (-1). */
  count(delta: DayDelta, entry: number, sign: 1 | -1): void {
    const age = delta.noveltyAge[entry]!
    if (age < 0) return
    const token = delta.token[entry]!
    const peer = delta.noveltyPeer[entry]!
    this.#allDays[age]! += sign
    this.#peerDays[peer * AGES + age]! += sign
    if (age >= SETTLED_AGE) this.#tokenDays[token]! += sign
    for (let i = startOf(delta.noveltyEnds, entry); i < delta.noveltyEnds[entry]!; i++) {
      const kind = delta.novelty[i]!
      this.#allHits[kind * AGES + age]! += sign
      this.#peerHits[(peer * AGES + age) * KINDS_OF_NEW + kind]! += sign
      if (age >= SETTLED_AGE) this.#tokenHits[token * KINDS_OF_NEW + kind]! += sign
    }
  }

  tokenHits(token: number, kind: number): number {
    return this.#tokenHits[token * KINDS_OF_NEW + kind]!
  }

  tokenDays(token: number): number {
    return this.#tokenDays[token]!
  }

  peerHits(peer: number, age: number, kind: number): number {
    return this.#peerHits[(peer * AGES + age) * KINDS_OF_NEW + kind]!
  }

  peerDays(peer: number, age: number): number {
    return this.#peerDays[peer * AGES + age]!
  }

  /** Rate of all token-days of an age, half a hit and a day added. */
  rateOfAll(age: number, kind: number): number {
    return (this.#allHits[kind * AGES + age]! + 0.5) / (this.#allDays[age]! + 1)
  }
}
