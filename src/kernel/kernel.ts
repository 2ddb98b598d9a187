import { TextHash } from '../stats/text-hash.ts'
import { DayCounter } from './count-day.ts'
import { beginDay, type DayRulings } from './day/begin-day.ts'
import { arrange, createDayTable, type DayTable } from './day/day-table.ts'
import { DeltaBuilder } from './day/delta-builder.ts'
import { judgeValues } from './day/fresh.ts'
import { DayJudge } from './day/judge-day.ts'
import { SharedDay } from './day/shared-day.ts'
import type { DayEvents } from './day-events.ts'
import { DEFINITIONS, type Definitions } from './definitions.ts'
import { type DayRecord, History, type ReadRecord } from './history/history.ts'
import { DAY_MS } from './memory.ts'
import type { TokenDay } from './token-day.ts'
import { Tuples } from './tuples.ts'

export type { DayRulings } from './day/begin-day.ts'

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
  readonly definitions: Definitions
  readonly #counter: DayCounter

  /** @param key of the hash of texts; @param read gives the records of remembered days again */
  constructor(key: readonly [number, number], read: ReadRecord, definitions: Definitions = DEFINITIONS) {
    this.tuples = new Tuples(new TextHash(key))
    this.history = new History(this.tuples.entities, this.tuples.values, read, definitions.metrics.length)
    this.#counter = new DayCounter(this.tuples)
    this.definitions = definitions
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
  judgeTokens(day: number, tokenDays: readonly TokenDay[], rulings: DayRulings): JudgedDay {
    const { history, tuples } = this
    const { midnight, found, withdrawn, pulse, gaps } = beginDay(history, tuples, day, tokenDays, rulings)
    const shared = new SharedDay(midnight, tuples)
    const judged = tokenDays.map(one => {
      const values = judgeValues(midnight, tuples, one)
      shared.add(one, values)
      return values
    })
    shared.sum()
    const { table, rowOf } = createDayTable(day, tokenDays, tuples.entities, this.definitions)
    const delta = new DeltaBuilder(day, tuples.values)
    const judge = new DayJudge(midnight, tuples, shared, table, delta, this.definitions)
    let first = 0
    for (const [i, one] of tokenDays.entries()) {
      judge.judge(one, judged[i]!, first)
      first += one.hours.length
    }
    arrange(table, rowOf)
    return { table, record: { delta: delta.build(), pulse, gaps, links: [...found, ...withdrawn] } }
  }

  /** Adds a judged day to the history. */
  learn(record: DayRecord): void {
    this.history.add(record)
  }
}
