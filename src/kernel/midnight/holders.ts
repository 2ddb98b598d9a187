import { FEATURE_PARAMETERS } from '../../features/parameters.ts'
import type { DayBits } from '../../stats/day-bits.ts'
import type { History } from '../history/history.ts'
import { longer, PairTable } from '../pair-table.ts'
import type { Entities } from '../values.ts'
import type { Descent } from './descent.ts'
import type { TokenPasts } from './token-past.ts'

const { adoptionDays } = FEATURE_PARAMETERS

/**
 * Who held a value when the day began, by tenant, principal and peer group. A value's holders are walked when it is first asked for;
 * tokens whose past counts elsewhere are left out.
 */
export class Holders {
  /** (tenant, value): tokens, principals and tokens that took it up lately. */
  readonly tenants = new PairTable()
  tenantTokens = new Int32Array(0)
  tenantPrincipals = new Int32Array(0)
  tenantAdopters = new Int32Array(0)
  readonly #principals = new PairTable()
  #principalWeight = new Float64Array(0)
  readonly #peers = new PairTable()
  #peerTokens = new Int32Array(0)
  /** (peer, value) counted apart from a walk, and the values that were. */
  readonly #counted = new PairTable()
  #countedTokens = new Int32Array(0)
  #isCounted: Uint8Array
  /** Of the value at work: holders by peer group, and the groups that have some. */
  readonly #ofPeer: Int32Array
  readonly #holding: number[] = []
  /** Tokens of all tenants that took the value up lately, -1 before the walk. */
  #adopters: Int32Array
  /** 1 for tokens whose past others read. */
  readonly #isLinked: Uint8Array
  readonly #history: History
  readonly #entities: Entities
  readonly #descent: Descent
  readonly #pasts: TokenPasts
  readonly #dayBits: DayBits
  readonly #day: number

  constructor(
    history: History,
    entities: Entities,
    descent: Descent,
    pasts: TokenPasts,
    dayBits: DayBits,
    day: number,
    values: number,
  ) {
    this.#history = history
    this.#entities = entities
    this.#descent = descent
    this.#pasts = pasts
    this.#dayBits = dayBits
    this.#day = day
    this.#adopters = new Int32Array(values).fill(-1)
    this.#isCounted = new Uint8Array(values)
    this.#ofPeer = new Int32Array(entities.peers.count)
    this.#isLinked = new Uint8Array(entities.tokens.count)
    for (const token of descent.readersOf.keys()) this.#isLinked[token] = 1
  }

  /** Entry of (tenant, value) in the columns of tenants; one without holders where nobody had it. */
  tenantEntry(tenant: number, value: number): number {
    this.#walk(value)
    return this.#tenantEntry(tenant, value)
  }

  /** Tokens that took the value up within the days of adoption, of all tenants. */
  adopters(value: number): number {
    this.#walk(value)
    return this.#adopters[value]!
  }

  /** Largest weight of days that one of the principal's tokens showed the value on; 0 where none did. */
  principalWeight(principal: number, value: number): number {
    this.#walk(value)
    const entry = this.#principals.find(principal, value)
    return entry < 0 ? 0 : this.#principalWeight[entry]!
  }

  /** Tokens of a peer group that hold the value. */
  peerTokens(peer: number, value: number): number {
    this.#walk(value)
    const entry = this.#peers.find(peer, value)
    return entry < 0 ? 0 : this.#peerTokens[entry]!
  }

  /** The same for a value that many hold and few ask for: its holders are counted by peer group, and nothing else is noted of them. */
  countPeers(peer: number, value: number): number {
    if (value < this.#adopters.length && this.#adopters[value] !== -1) return this.peerTokens(peer, value)
    if (value >= this.#isCounted.length) this.#isCounted = longer(this.#isCounted, value * 2 + 1)
    if (this.#isCounted[value] === 0) this.#countHolders(value)
    const entry = this.#counted.find(peer, value)
    return entry < 0 ? 0 : this.#countedTokens[entry]!
  }

  #countHolders(value: number): void {
    this.#isCounted[value] = 1
    const { values } = this.#history
    const { lo, hi, next } = values
    const { first } = values.table
    const isLinked = this.#isLinked
    /** Readers of tokens with links, which may hold the value several times over. */
    let linked: Set<number> | undefined
    for (let one = values.firstHolder(value); one >= 0; one = next[one]!) {
      if (lo[one] === 0 && hi[one] === 0) continue
      const token = first[one]!
      if (isLinked[token] === 0) {
        this.#countHolder(token)
        continue
      }
      linked ??= new Set()
      for (const reader of this.#descent.readersOf.get(token)!) linked.add(reader)
    }
    for (const reader of linked ?? []) this.#countHolder(reader)
    for (const peer of this.#holding) {
      const entry = this.#counted.put(peer, value)
      if (entry >= this.#countedTokens.length)
        this.#countedTokens = longer(this.#countedTokens, entry * 2 + 64)
      this.#countedTokens[entry] = this.#ofPeer[peer]!
      this.#ofPeer[peer] = 0
    }
    this.#holding.length = 0
  }

  #countHolder(token: number): void {
    const pasts = this.#pasts
    if (pasts.counts[token] !== 1) return
    const peer = pasts.peer[token]!
    if (this.#ofPeer[peer]!++ === 0) this.#holding.push(peer)
  }

  #walk(value: number): void {
    if (value >= this.#adopters.length) this.#adopters = longer(this.#adopters, value * 2 + 1, -1)
    if (this.#adopters[value] !== -1) return
    this.#adopters[value] = 0
    const { values } = this.#history
    /** Readers of tokens with links, which may hold the value several times over. */
    let linked: Map<number, { weight: number; first: number }> | undefined
    for (let entry = values.firstHolder(value); entry >= 0; entry = values.next[entry]!) {
      const lo = values.lo[entry]!
      const hi = values.hi[entry]!
      if (lo === 0 && hi === 0) continue
      const token = values.table.first[entry]!
      const weight = this.#dayBits.weight(lo, hi)
      const first = this.#dayBits.oldest(lo, hi)
      if (this.#isLinked[token] === 0) {
        if (this.#pasts.counts[token] === 1) this.#hold(token, value, weight, first)
        continue
      }
      linked ??= new Map()
      for (const reader of this.#descent.readersOf.get(token)!) {
        if (this.#pasts.counts[reader] === 0) continue
        const known = linked.get(reader)
        linked.set(reader, {
          weight: weight + (known?.weight ?? 0),
          first: Math.min(first, known?.first ?? Number.POSITIVE_INFINITY),
        })
      }
    }
    for (const [reader, { weight, first }] of linked ?? []) this.#hold(reader, value, weight, first)
  }

  #hold(token: number, value: number, weight: number, first: number): void {
    const pasts = this.#pasts
    const isRecent = first > this.#day - adoptionDays && pasts.firstDay[token]! < first
    const principal = pasts.principal[token]!
    const before = this.#principals.count
    const p = this.#principals.put(principal, value)
    const tenant = this.#tenantEntry(this.#entities.tenantOf[token]!, value)
    if (p === before) {
      if (p >= this.#principalWeight.length) this.#principalWeight = longer(this.#principalWeight, p * 2 + 64)
      this.#principalWeight[p] = weight
      this.tenantPrincipals[tenant]!++
    } else if (weight > this.#principalWeight[p]!) {
      this.#principalWeight[p] = weight
    }
    this.tenantTokens[tenant]!++
    if (isRecent) {
      this.tenantAdopters[tenant]!++
      this.#adopters[value]!++
    }
    const peer = this.#peers.put(pasts.peer[token]!, value)
    if (peer >= this.#peerTokens.length) this.#peerTokens = longer(this.#peerTokens, peer * 2 + 64)
    this.#peerTokens[peer]!++
  }

  #tenantEntry(tenant: number, value: number): number {
    const entry = this.tenants.put(tenant, value)
    if (entry >= this.tenantTokens.length) {
      const length = entry * 2 + 64
      this.tenantTokens = longer(this.tenantTokens, length)
      this.tenantPrincipals = longer(this.tenantPrincipals, length)
      this.tenantAdopters = longer(this.tenantAdopters, length)
    }
    return entry
  }
}
