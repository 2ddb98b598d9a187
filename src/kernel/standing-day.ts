import { compareTexts } from '../lib/compare-texts.ts'
import { type BegunDay, beginDay, type DayRulings, gapsOf, hourBits, introduce } from './day/begin-day.ts'
import { arrange, createDayTable, type DayTable } from './day/day-table.ts'
import { DeltaBuilder } from './day/delta-builder.ts'
import { findLinks } from './day/find-links.ts'
import { judgeValues } from './day/fresh.ts'
import { DayJudge } from './day/judge-day.ts'
import { SharedDay } from './day/shared-day.ts'
import { createDayEvents, type DayEvents } from './day-events.ts'
import type { Kernel } from './kernel.ts'
import { firstRemembered } from './memory.ts'
import type { TokenDay } from './token-day.ts'
import type { Tuples } from './tuples.ts'
import { createEventWriter, type SpelledEvent } from './write-events.ts'

/** An event that is judged with a day; its id tells it from those of the same moment. */
export interface AddedEvent extends SpelledEvent {
  readonly eventId: string
}

/** The events of a day, and the ids of each token's events in their order. */
export interface StandingEvents {
  readonly events: DayEvents
  readonly idsOf: (token: number) => readonly string[]
}

/** Rows of the tokens of added events, as they would be had the events come. */
export interface JudgedWith {
  readonly table: DayTable
  /** In order of time and id; without those that the day holds already, and with each once. */
  readonly kept: readonly AddedEvent[]
}

/**
 * A day that is counted and stands ready: it judges a few events as though they had come, and takes them back. Only the days of their
 * tokens are judged again. The sums that tokens share are moved by what these days add.
 */
export class StandingDay {
  readonly #kernel: Kernel
  readonly #day: number
  readonly #standing: StandingEvents
  readonly #begun: BegunDay
  readonly #shared: SharedDay
  readonly #tokenDays = new Map<number, TokenDay>()
  /** Events of each token: numbers of events, those of one token in their order. */
  readonly #eventsOf: ReadonlyMap<number, readonly number[]>
  /** Tokens first seen today, their principals, and other tokens of these: more of their events may change who follows whom. */
  readonly #newcomers: readonly TokenDay[]
  readonly #principals: ReadonlySet<number>
  readonly #relatives: ReadonlySet<number>
  readonly #linked: ReadonlySet<number>
  readonly #pulse: ReadonlyMap<number, number>
  /** How many tenants there were: the kernel may read more events meanwhile. */
  readonly #tenants: number
  /** Whether hours of events that were met before change the gaps in logging. */
  readonly #gapsChange = new Map<string, boolean>()

  /** The kernel has learned the days before, and is not used for anything else meanwhile. */
  constructor(kernel: Kernel, day: number, standing: StandingEvents, rulings: DayRulings) {
    const { history, tuples } = kernel
    this.#kernel = kernel
    this.#day = day
    this.#standing = standing
    const tokenDays = kernel.count(day, standing.events)
    this.#begun = beginDay(history, tuples, day, tokenDays, rulings)
    const { midnight, links, pulse } = this.#begun
    this.#shared = new SharedDay(midnight, tuples)
    for (const one of tokenDays) {
      this.#tokenDays.set(one.token, one)
      this.#shared.add(one, judgeValues(midnight, tuples, one))
    }
    this.#shared.sum()
    this.#eventsOf = byToken(standing.events, tuples)
    this.#tenants = tuples.entities.tenants.count
    this.#newcomers = tokenDays.filter(one => this.#isNewcomer(one.token))
    this.#principals = new Set(this.#newcomers.map(one => one.principal[0]!))
    this.#relatives = new Set(
      [...this.#principals].flatMap(principal => history.affiliations.tokensOf(principal)),
    )
    this.#linked = new Set(links.flatMap(link => [link.token, link.previous]))
    this.#pulse = new Map(pulse.map(({ tenant, bits }) => [tenant, bits]))
  }

  /**
   * Lets `read` read the rows of the tokens of some events of the day, and forgets them. Undefined where the events change more than
   * that: gaps in logging, who follows whom, or what tenants there are. Then the day is to be judged whole.
   */
  judgeWith<T>(added: readonly AddedEvent[], read: (judged: JudgedWith) => T): T | undefined {
    const { history, tuples, definitions } = this.#kernel
    const { midnight } = this.#begun
    const { pasts } = midnight
    const mark = tuples.mark()
    const moved: (() => void)[] = []
    try {
      const { kept, events } = this.#withThose(added)
      const { entities } = tuples
      history.fit()
      pasts.fit(entities.tokens.count, entities.peers.count)
      const days = this.#kernel.count(this.#day, events)
      if (days.some(one => entities.tenantOf[one.token]! >= this.#tenants)) return undefined
      if (this.#reachesFurther(days)) return undefined
      const judged = days.map(one => {
        const before = this.#tokenDays.get(one.token)
        if (before !== undefined) {
          const values = judgeValues(midnight, tuples, before)
          this.#shared.shift(before, values, -1)
          moved.push(() => this.#shared.shift(before, values, 1))
        }
        if (this.#isIntroduced(one.token)) {
          const [principal, peer] = [pasts.principal[one.token]!, pasts.peer[one.token]!]
          moved.push(() => {
            pasts.principal[one.token] = principal
            pasts.peer[one.token] = peer
          })
          pasts.principal[one.token] = -1
          introduce(pasts, one)
        }
        const values = judgeValues(midnight, tuples, one)
        this.#shared.shift(one, values, 1)
        moved.push(() => this.#shared.shift(one, values, -1))
        return values
      })
      const { table, rowOf } = createDayTable(this.#day, days, entities, definitions)
      const judge = new DayJudge(
        midnight,
        tuples,
        this.#shared,
        table,
        new DeltaBuilder(this.#day, tuples.values),
        definitions,
      )
      let first = 0
      for (const [i, one] of days.entries()) {
        judge.judge(one, judged[i]!, first)
        first += one.hours.length
      }
      arrange(table, rowOf)
      return read({ table, kept })
    } finally {
      for (const takeBack of moved.reverse()) takeBack()
      tuples.forget(mark)
    }
  }

  #isNewcomer(token: number): boolean {
    return !(this.#kernel.history.affiliations.lastDay[token]! >= firstRemembered(this.#day))
  }

  /** Whether a token is known by its first hour alone, since it reads nobody's past. */
  #isIntroduced(token: number): boolean {
    const members = this.#begun.midnight.descent.membersOf.get(token) ?? [token]
    return members.every(member => this.#isNewcomer(member))
  }

  /** The events of the tokens of the added ones, both together, token by token in order of time and id. */
  #withThose(added: readonly AddedEvent[]): { kept: AddedEvent[]; events: DayEvents } {
    const { tuples } = this.#kernel
    const sorted = [...added].sort((a, b) => a.time - b.time || compareTexts(a.eventId, b.eventId))
    const fresh = createEventWriter(tuples)(sorted)
    const kept: number[] = []
    /** Numbers of standing events; those of fresh ones as -1 less their number. */
    const order: number[] = []
    for (const [token, mine] of byToken(fresh, tuples)) this.#merge(token, mine, sorted, order, kept)
    const { events: standing } = this.#standing
    const events = createDayEvents(order.length)
    for (const [name, column] of Object.entries(events)) {
      if (typeof column === 'number') continue
      const first = standing[name as keyof DayEvents] as Float64Array
      const second = fresh[name as keyof DayEvents] as Float64Array
      for (let at = 0; at < order.length; at++)
        column[at] = order[at]! >= 0 ? first[order[at]!]! : second[-1 - order[at]!]!
    }
    events.count = order.length
    return { kept: kept.sort((a, b) => a - b).map(i => sorted[i]!), events }
  }

  /** One token's events in order, without fresh ones that are there already. */
  #merge(
    token: number,
    mine: readonly number[],
    sorted: readonly AddedEvent[],
    order: number[],
    kept: number[],
  ): void {
    const { events } = this.#standing
    const standing = this.#eventsOf.get(token) ?? []
    const ids = standing.length === 0 ? [] : this.#standing.idsOf(token)
    let s = 0
    let last: AddedEvent | undefined
    for (const i of mine) {
      const event = sorted[i]!
      if (last?.time === event.time && last.eventId === event.eventId) continue
      last = event
      while (s < standing.length && isBefore(events.time[standing[s]!]!, ids[s]!, event))
        order.push(standing[s++]!)
      if (s < standing.length && events.time[standing[s]!] === event.time && ids[s] === event.eventId)
        continue
      order.push(-1 - i)
      kept.push(i)
    }
    while (s < standing.length) order.push(standing[s++]!)
  }

  /** Whether the token-days, as they come to be, change what other tokens are judged by beside the sums. */
  #reachesFurther(days: readonly TokenDay[]): boolean {
    const { history, tuples } = this.#kernel
    const { tenantOf } = tuples.entities
    const bits = new Map<number, number>()
    let mayLink = false
    for (const one of days) {
      const tenant = tenantOf[one.token]!
      const known = bits.get(tenant) ?? this.#pulse.get(tenant) ?? 0
      bits.set(tenant, known | hourBits(one))
      if (!this.#tokenDays.has(one.token) && this.#linked.has(one.token)) return true
      mayLink ||=
        this.#isNewcomer(one.token) ||
        this.#relatives.has(one.token) ||
        one.principal.some(principal => this.#principals.has(principal))
    }
    if (this.#changesGaps(bits)) return true
    if (!mayLink) return false
    const whole = new Map([...this.#tokenDays, ...days.map(one => [one.token, one] as const)])
    const all = [...whole.values()].sort((a, b) => a.token - b.token)
    const found = findLinks(history, tuples, this.#day, all, this.#begun.known)
    const asText = (links: BegunDay['found']) =>
      JSON.stringify(links.map(({ token, previous, since }) => [token, previous, since]))
    return asText(found) !== asText(this.#begun.found)
  }

  #changesGaps(bits: ReadonlyMap<number, number>): boolean {
    const changed = [...bits].filter(([tenant, hours]) => this.#pulse.get(tenant) !== hours)
    if (changed.length === 0) return false
    const key = JSON.stringify(changed)
    let answer = this.#gapsChange.get(key)
    if (answer === undefined) {
      const pulse = [...new Map([...this.#pulse, ...changed])].map(([tenant, hours]) => ({
        tenant,
        bits: hours,
      }))
      const gaps = gapsOf(this.#kernel.history, this.#day, pulse)
      answer = JSON.stringify(gaps) !== JSON.stringify(this.#begun.gaps)
      if (this.#gapsChange.size >= MOST_PULSES) this.#gapsChange.clear()
      this.#gapsChange.set(key, answer)
    }
    return answer
  }
}

/** Numbers of the events of each token, in their order. */
function byToken({ who, count }: DayEvents, { whoToken }: Tuples): Map<number, number[]> {
  const numbers = new Map<number, number[]>()
  for (let i = 0; i < count; i++) {
    const token = whoToken[who[i]!]!
    const own = numbers.get(token)
    if (own === undefined) numbers.set(token, [i])
    else own.push(i)
  }
  return numbers
}

/** Most combinations of tenants and hours that are remembered. */
const MOST_PULSES = 1000

function isBefore(time: number, id: string, event: AddedEvent): boolean {
  return time < event.time || (time === event.time && compareTexts(id, event.eventId) < 0)
}
