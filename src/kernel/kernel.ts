import { TextHash } from '../stats/text-hash.ts'
import { DayCounter } from './count-day.ts'
import { arrange, createDayTable, type DayTable } from './day/day-table.ts'
import { DeltaBuilder } from './day/delta-builder.ts'
import { findLinks } from './day/find-links.ts'
import { judgeValues } from './day/fresh.ts'
import { DayJudge } from './day/judge-day.ts'
import { SharedDay } from './day/shared-day.ts'
import type { DayEvents } from './day-events.ts'
import { DEFINITIONS, type Definitions } from './definitions.ts'
import { type DayRecord, History, type ReadRecord } from './history/history.ts'
import type { PulseRecord } from './history/records.ts'
import { DAY_MS } from './memory.ts'
import { findGaps } from './midnight/find-gaps.ts'
import { linksAtMidnight, type StatedLink } from './midnight/links.ts'
import { midnightOf } from './midnight/midnight.ts'
import { MissingHours } from './midnight/missing.ts'
import type { TokenDay } from './token-day.ts'
import { Tuples } from './tuples.ts'

/** What people said of the past, as numbers. */
export interface DayRulings {
  /** Token-days before the day that the history leaves out. */
  readonly held: readonly { readonly day: number; readonly token: number }[]
  /** Who follows whom, whatever is inferred. */
  readonly links: readonly StatedLink[]
}

/** A judged day: its rows, and what it adds to the history. */
export interface JudgedDay {
  readonly table: DayTable
  readonly record: DayRecord
}

/**
 * The feature engine: events of one UTC day after another in, token-hours with features out. A day is judged against the history as it
 * stood at midnight and the hours of the day up to each row's own; judging changes nothing, {@link Kernel.learn} adds the day.
 *
 * @example
 * const kernel = new Kernel([1, 2], day => records.get(day)!)
 * const { table, record } = kernel.judge(day, events, { held: [], links: [] })
 * kernel.learn(record)
 */
export class Kernel {
  readonly tuples: Tuples
  readonly history: History
  readonly #counter: DayCounter
  readonly #definitions: Definitions

  /** @param key of the hash of texts; @param read gives the records of remembered days again */
  constructor(key: readonly [number, number], read: ReadRecord, definitions: Definitions = DEFINITIONS) {
    this.tuples = new Tuples(new TextHash(key))
    this.history = new History(this.tuples.entities, this.tuples.values, read, definitions.metrics.length)
    this.#counter = new DayCounter(this.tuples)
    this.#definitions = definitions
  }

  /** Judges the token-hours of a day, counted from the epoch, that is later than every learned one. */
  judge(day: number, events: DayEvents, rulings: DayRulings): JudgedDay {
    return this.judgeTokens(day, this.#counter.countDay(events, day * DAY_MS), rulings)
  }

  /** Counts the token-days of events of a day. */
  count(day: number, events: DayEvents): TokenDay[] {
    return this.#counter.countDay(events, day * DAY_MS)
  }

  /** Judges token-days that are counted already. */
  judgeTokens(day: number, tokenDays: readonly TokenDay[], { held, links }: DayRulings): JudgedDay {
    const { history, tuples } = this
    history.beginDay(day, held)
    const known = linksAtMidnight(history, day, links)
    const found = findLinks(history, tuples, day, tokenDays, known)
    const pulse = pulseOf(tokenDays, tuples.entities.tenantOf)
    const gaps = findGaps(history, new MissingHours(history.gaps), day, pulse)
    const active = new Set(tokenDays.map(one => one.token))
    const midnight = midnightOf(
      history,
      tuples,
      day,
      [...known.found, ...found, ...known.stated.filter(one => one.isLinked)],
      token => active.has(token),
      new MissingHours([...history.gaps, ...gaps]),
    )
    for (const { token, principal, peer } of tokenDays) {
      // Whose a new token is says its first hour.
      if (midnight.pasts.principal[token]! >= 0) continue
      midnight.pasts.principal[token] = principal[0]!
      midnight.pasts.peer[token] = peer[0]!
    }

    const shared = new SharedDay(midnight, tuples)
    const judged = tokenDays.map(one => {
      const values = judgeValues(midnight, tuples, one)
      shared.add(one, values)
      return values
    })
    shared.sum()
    const { table, rowOf } = createDayTable(day, tokenDays, tuples.entities, this.#definitions)
    const delta = new DeltaBuilder(day, tuples.values)
    const judge = new DayJudge(midnight, tuples, shared, table, delta, this.#definitions)
    let first = 0
    for (const [i, one] of tokenDays.entries()) {
      judge.judge(one, judged[i]!, first)
      first += one.hours.length
    }
    arrange(table, rowOf)
    return { table, record: { delta: delta.build(), pulse, gaps, links: [...found, ...known.withdrawn] } }
  }

  /** Adds a judged day to the history. */
  learn(record: DayRecord): void {
    this.history.add(record)
  }
}

function pulseOf(tokenDays: readonly TokenDay[], tenantOf: Int32Array): PulseRecord[] {
  const bits = new Map<number, number>()
  for (const { token, hours } of tokenDays) {
    const tenant = tenantOf[token]!
    let own = bits.get(tenant) ?? 0
    for (const hour of hours) own |= 1 << hour
    bits.set(tenant, own)
  }
  return [...bits].map(([tenant, hours]) => ({ tenant, bits: hours }))
}
