import { type Clock, clockOf, LIKELY_COUNTRIES } from '../../features/clocks.ts'
import { FEATURE_PARAMETERS } from '../../features/parameters.ts'
import type { DayBits } from '../../stats/day-bits.ts'
import type { History } from '../history/history.ts'
import { EVERYONE } from '../history/pulse.ts'
import { dateOf, dayNumber, isWeekend, RING_DAYS, ringSlot, slotBefore } from '../memory.ts'
import type { Entities, Values } from '../values.ts'
import type { Descent } from './descent.ts'
import type { MissingHours } from './missing.ts'
import type { TokenPasts } from './token-past.ts'

const { historyDays } = FEATURE_PARAMETERS
const SLOTS = 48

/** How a token's past hours read on today's clock: hours of the days before `changed` come `delta` hours later. */
interface Reading {
  /** Counted from the epoch; Infinity below: never. */
  readonly changed: number
  readonly delta: number
}

const UNCHANGED: Reading = { changed: Number.NEGATIVE_INFINITY, delta: 0 }

/**
 * When in the week tokens and peer groups are used: densities over 48 slots (hours of weekdays and of weekends, UTC), 1 at the busiest.
 * Active days per slot on today's clock, per calendar day of that kind without those lost to gaps in logging, smoothed over the
 * neighbouring hours (1/4, 1/2, 1/4).
 */
export class WeekProfiles {
  readonly #tokens: (Float64Array | undefined)[] = []
  readonly #peers: (Float64Array | undefined)[] = []
  /** Clocks of the countries that were asked for: working one out is dear. */
  readonly #clocks = new Map<string, Clock | undefined>()
  readonly #date: string
  readonly #home: Int32Array
  readonly #values: Values

  constructor(
    history: History,
    entities: Entities,
    values: Values,
    missing: MissingHours,
    descent: Descent,
    pasts: TokenPasts,
    day: number,
    dayBits: DayBits,
  ) {
    this.#values = values
    this.#date = dateOf(day)
    this.#home = new Int32Array(pasts.tokens).fill(-1)
    const likely = likelyReadings(country => this.#clockOf(country))
    const calendar = [0, 0]
    for (const known of history.days) calendar[isWeekend(known) ? 1 : 0]!++
    const lostByAll = missing.bySlot(EVERYONE, day)
    const lostByTenant = new Map<number, Float64Array>()
    const density = new Float64Array(SLOTS)
    for (let token = 0; token < pasts.tokens; token++) {
      if (pasts.activeDays[token] === 0) continue
      const members = descent.membersOf.get(token) ?? (descent.readersOf.has(token) ? [] : [token])
      if (members.length === 0) continue
      const tenant = entities.tenantOf[token]!
      let lost = lostByTenant.get(tenant)
      if (lost === undefined) {
        lost = missing.bySlot(tenant, day)
        lostByTenant.set(tenant, lost)
      }
      const home = this.#homeOf(history, members, dayBits)
      this.#home[token] = home
      const readings = home < 0 ? likely : [readingOf(this.#clockOf(values.texts[home]!)!)]
      for (const [r, reading] of readings.entries()) {
        densityOf(history, members, day, reading, calendar, lost, lostByAll, density)
        // To its peers a token shows one clock: the unchanged one where no country is known.
        if (r === 0 && pasts.counts[token] === 1) this.#addToPeers(pasts.peer[token]!, density)
        this.#keepLargest(token, density)
      }
    }
    for (const peer of this.#peers) if (peer !== undefined) toLargest(peer)
  }

  /** Density of a token's slot, 0 to 1; 0 without a past. */
  ofToken(token: number, slot: number): number {
    return this.#tokens[token]?.[slot] ?? 0
  }

  ofPeer(peer: number, slot: number): number {
    return this.#peers[peer]?.[slot] ?? 0
  }

  knowsPeer(peer: number): boolean {
    return this.#peers[peer] !== undefined
  }

  /** Hours that the clock of a country is ahead of that of the token's own; 0 where either is unknown or it is the same. */
  ahead(token: number, country: number): number {
    const home = this.#home[token]!
    if (home < 0 || home === country) return 0
    const here = this.#clockOf(this.#values.texts[home]!)
    const there = this.#clockOf(this.#values.texts[country]!)
    if (here === undefined || there === undefined) return 0
    const hours = there.offset - here.offset
    return Math.sign(hours) * Math.round(Math.abs(hours))
  }

  #clockOf(country: string): Clock | undefined {
    if (!this.#clocks.has(country)) this.#clocks.set(country, clockOf(country, this.#date, historyDays))
    return this.#clocks.get(country)
  }

  /** The country, of those with a clock, that the token used on most of its days, as a value; -1 where none is known. */
  #homeOf(history: History, members: readonly number[], dayBits: DayBits): number {
    const days = new Map<number, number>()
    for (const member of members) {
      for (const country of history.countriesOf[member] ?? []) {
        if (this.#clockOf(this.#values.texts[country] ?? '') === undefined) continue
        const entry = history.values.find(member, country)
        const count = dayBits.count(history.values.lo[entry]!, history.values.hi[entry]!)
        if (count > 0) days.set(country, (days.get(country) ?? 0) + count)
      }
    }
    let home = -1
    let most = 0
    for (const [country, count] of days) {
      const isTie = count === most && this.#values.isBefore(country, home)
      if (count > most || isTie) {
        home = country
        most = count
      }
    }
    return home
  }

  #addToPeers(peer: number, density: Float64Array): void {
    this.#peers[peer] ??= new Float64Array(SLOTS)
    addTo(this.#peers[peer], density)
  }

  /** Of the readings of a token's clock the kindest counts. */
  #keepLargest(token: number, density: Float64Array): void {
    let largest = 0
    for (let slot = 0; slot < SLOTS; slot++) if (density[slot]! > largest) largest = density[slot]!
    if (largest === 0) return
    this.#tokens[token] ??= new Float64Array(SLOTS)
    const kept = this.#tokens[token]
    for (let slot = 0; slot < SLOTS; slot++) kept[slot] = Math.max(kept[slot]!, density[slot]! / largest)
  }
}

function readingOf({ changed, delta }: Clock): Reading {
  return changed === null ? UNCHANGED : { changed: dayNumber(changed), delta: Math.round(delta) }
}

/** Readings of a clock of which no country is known: unchanged, and each change that it may have followed. */
function likelyReadings(clock: (country: string) => Clock | undefined): Reading[] {
  const readings = [UNCHANGED]
  for (const country of LIKELY_COUNTRIES) {
    const reading = readingOf(clock(country)!)
    const isKnown = readings.some(one => one.changed === reading.changed && one.delta === reading.delta)
    if (!isKnown) readings.push(reading)
  }
  return readings
}

function densityOf(
  { rings }: History,
  members: readonly number[],
  day: number,
  { changed, delta }: Reading,
  calendar: readonly number[],
  lost: Float64Array,
  lostByAll: Float64Array,
  density: Float64Array,
): void {
  const shifted = new Float64Array(SLOTS)
  const plain = new Float64Array(SLOTS)
  for (const member of members) {
    let slot = ringSlot(day)
    for (let back = 1; back <= historyDays; back++) {
      slot = slotBefore(slot)
      let bits = rings.hourBits[member * RING_DAYS + slot]!
      if (bits === 0) continue
      const base = isWeekend(day - back) ? 24 : 0
      const days = day - back < changed ? shifted : plain
      for (; bits !== 0; bits &= bits - 1) days[base + (31 - Math.clz32(bits & -bits))]!++
    }
  }
  density.fill(0)
  for (let slot = 0; slot < SLOTS; slot++) {
    if (plain[slot] === 0 && shifted[slot] === 0) continue
    const base = slot < 24 ? 0 : 24
    const trials = Math.max(1, calendar[base === 0 ? 0 : 1]! - lost[slot]! - lostByAll[slot]!)
    spread(density, base, slot - base, plain[slot]! / trials)
    spread(density, base, slot - base + delta, shifted[slot]! / trials)
  }
}

function spread(density: Float64Array, base: number, hour: number, rate: number): void {
  density[base + ((hour + 47) % 24)]! += rate * 0.25
  density[base + ((hour + 48) % 24)]! += rate * 0.5
  density[base + ((hour + 49) % 24)]! += rate * 0.25
}

function addTo(sums: Float64Array, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) sums[i]! += values[i]!
}

function toLargest(values: Float64Array): void {
  let largest = 0
  for (const value of values) if (value > largest) largest = value
  if (largest > 0) for (let i = 0; i < values.length; i++) values[i]! /= largest
}
