import { METRICS } from '../../features/metrics.ts'
import { FACET } from '../facets.ts'
import { firstRemembered, RING_DAYS } from '../memory.ts'
import type { Entities, Values } from '../values.ts'
import { Affiliations } from './affiliations.ts'
import { type DayDelta, startOf } from './delta.ts'
import { Histograms } from './histograms.ts'
import { Novelty } from './novelty.ts'
import { Pulse } from './pulse.ts'
import type { GapRecord, LinkRecord, PulseRecord } from './records.ts'
import { TokenRings } from './token-rings.ts'
import { TokenValues } from './token-values.ts'

/** All that a day leaves behind. */
export interface DayRecord {
  readonly delta: DayDelta
  readonly pulse: readonly PulseRecord[]
  readonly gaps: readonly GapRecord[]
  readonly links: readonly LinkRecord[]
}

/** Where the records of remembered days are read again when something of them is taken back. */
export type ReadRecord = (day: number) => DayRecord

/**
 * What is known of the past at the midnight after the last added day: sums of the records of the remembered days, less what is withheld.
 * Sums are of whole numbers, so adding and taking back leaves no trace.
 */
export class History {
  /** Metrics that have a number: the built-in ones, and an operator's own after them. */
  readonly metrics: number
  readonly rings = new TokenRings()
  readonly values = new TokenValues()
  readonly histograms = new Histograms()
  readonly novelty = new Novelty()
  readonly affiliations = new Affiliations()
  readonly pulse = new Pulse()
  /** Remembered days with events, ascending. */
  days: number[] = []
  gaps: GapRecord[] = []
  links: LinkRecord[] = []
  /** Countries that each token was ever seen in, as values. */
  readonly countriesOf: (number[] | undefined)[] = []
  /** Withheld tokens by day. */
  readonly #withheld = new Map<number, Set<number>>()
  readonly #entities: Entities
  readonly #values: Values
  readonly #read: ReadRecord
  /** The last day whose slot of the rings is clear or written. */
  #cleared = Number.NaN

  constructor(entities: Entities, values: Values, read: ReadRecord, metrics: number = METRICS.length) {
    this.metrics = metrics
    this.#entities = entities
    this.#values = values
    this.#read = read
  }

  /** Makes room for everything that has a number. */
  fit(): void {
    const { tokens, peers, tenants } = this.#entities
    this.rings.fit(tokens.count)
    this.histograms.fit(tokens.count)
    this.novelty.fit(tokens.count, peers.count)
    this.affiliations.fit(tokens.count)
    this.pulse.fit(tenants.count)
  }

  /** Forgets what is older than the memory of a day, and leaves out the tokens held on it: (day, token) pairs. */
  beginDay(day: number, held: readonly { readonly day: number; readonly token: number }[]): void {
    this.fit()
    this.#advance(day)
    const oldest = firstRemembered(day)
    for (const old of this.days) if (old < oldest) this.#forget(this.#read(old).delta)
    this.days = this.days.filter(known => known >= oldest)
    this.gaps = this.gaps.filter(gap => gap.day >= oldest)
    this.links = this.links.filter(link => link.day >= oldest)
    this.#withholdOnly(held.filter(one => one.day >= oldest))
  }

  /** Adds the record of a day; days come in their order. */
  add(record: DayRecord): void {
    const { delta } = record
    this.fit()
    this.#advance(delta.day)
    for (let entry = 0; entry < delta.token.length; entry++) {
      this.affiliations.add(delta.token[entry]!, {
        principal: delta.principal[entry]!,
        peer: delta.peer[entry]!,
        lastTime: delta.lastTime[entry]!,
        day: delta.day,
      })
      this.#learn(delta, entry)
    }
    for (const { tenant, bits } of record.pulse) this.pulse.add(tenant, delta.day, bits)
    this.gaps.push(...record.gaps)
    this.links.push(...record.links)
    this.days.push(delta.day)
  }

  /** Whether what a token did on a day is left out. */
  isWithheld(day: number, token: number): boolean {
    return this.#withheld.get(day)?.has(token) === true
  }

  /** Clears the rings up to and including a day: a slot held another day before. */
  #advance(day: number): void {
    const tokens = this.#entities.tokens.count
    const from = Number.isNaN(this.#cleared) ? day : Math.max(this.#cleared + 1, day - RING_DAYS + 1)
    for (let one = from; one <= day; one++) {
      this.rings.clear(one, tokens)
      this.pulse.clear(one)
    }
    if (!(this.#cleared >= day)) this.#cleared = day
  }

  #learn(delta: DayDelta, entry: number): void {
    const token = delta.token[entry]!
    this.rings.add(delta, entry)
    const { facetOf } = this.#values
    for (let i = startOf(delta.valueEnds, entry); i < delta.valueEnds[entry]!; i++) {
      const value = delta.values[i]!
      const isNew = this.values.add(token, value, delta.day)
      if (!isNew || facetOf[value] !== FACET.country) continue
      this.countriesOf[token] ??= []
      this.countriesOf[token].push(value)
    }
    const { binEnds, binKeys, binCounts } = delta
    this.histograms.add(token, binKeys, binCounts, startOf(binEnds, entry), binEnds[entry]!)
    this.novelty.count(delta, entry, 1)
  }

  /** Takes an entry back, but for the rings. */
  #unlearn(delta: DayDelta, entry: number): void {
    const token = delta.token[entry]!
    for (let i = startOf(delta.valueEnds, entry); i < delta.valueEnds[entry]!; i++)
      this.values.remove(token, delta.values[i]!, delta.day)
    const { binEnds, binKeys, binCounts } = delta
    this.histograms.remove(token, binKeys, binCounts, startOf(binEnds, entry), binEnds[entry]!)
    this.novelty.count(delta, entry, -1)
  }

  #forget(delta: DayDelta): void {
    const withheld = this.#withheld.get(delta.day)
    for (let entry = 0; entry < delta.token.length; entry++) {
      if (withheld?.has(delta.token[entry]!) !== true) this.#unlearn(delta, entry)
    }
    this.#withheld.delete(delta.day)
  }

  /** Withholds what is held and not withheld yet, and releases what is withheld and held no more. */
  #withholdOnly(held: readonly { readonly day: number; readonly token: number }[]): void {
    const wanted = new Map<number, Set<number>>()
    for (const { day, token } of held) {
      const tokens = wanted.get(day) ?? new Set()
      wanted.set(day, tokens.add(token))
    }
    for (const day of new Set([...wanted.keys(), ...this.#withheld.keys()])) {
      if (!this.days.includes(day)) continue
      const before = this.#withheld.get(day) ?? new Set()
      const after = wanted.get(day) ?? new Set()
      if ([...after].every(token => before.has(token)) && [...before].every(token => after.has(token)))
        continue
      const { delta } = this.#read(day)
      const kept = new Set<number>()
      for (let entry = 0; entry < delta.token.length; entry++) {
        const token = delta.token[entry]!
        if (after.has(token)) kept.add(token)
        if (after.has(token) && !before.has(token)) {
          this.#unlearn(delta, entry)
          this.rings.withhold(token, day)
        } else if (before.has(token) && !after.has(token)) {
          this.#learn(delta, entry)
        }
      }
      if (kept.size > 0) this.#withheld.set(day, kept)
      else this.#withheld.delete(day)
    }
  }
}
