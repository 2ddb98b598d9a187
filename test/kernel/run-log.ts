import { FEATURES } from '../../src/features/catalogue.ts'
import type { DayTable } from '../../src/kernel/day/day-table.ts'
import type { DayRecord } from '../../src/kernel/history/history.ts'
import { type DayRulings, type JudgedDay, Kernel } from '../../src/kernel/kernel.ts'
import { DAY_MS } from '../../src/kernel/memory.ts'
import type { Tuples } from '../../src/kernel/tuples.ts'
import { createEventWriter, type SpelledEvent } from '../../src/kernel/write-events.ts'

export const NO_RULINGS: DayRulings = { held: [], links: [] }

/** Rows by tenant, token and hour: every number to the last bit, and what the row names. */
export type Rows = Map<string, string>

export interface Run {
  readonly kernel: Kernel
  readonly records: Map<number, DayRecord>
  readonly rows: Rows
}

/** Events by day, in their order. */
export function byDay(events: readonly SpelledEvent[]): Map<number, SpelledEvent[]> {
  const days = new Map<number, SpelledEvent[]>()
  for (const event of events) {
    const day = Math.floor(event.time / DAY_MS)
    const list = days.get(day)
    if (list === undefined) days.set(day, [event])
    else list.push(event)
  }
  return days
}

/** Judges and learns day after day; `met` are events whose tuples are numbered before all others. */
export function runLog(events: readonly SpelledEvent[], met: readonly SpelledEvent[] = []): Run {
  const records = new Map<number, DayRecord>()
  const kernel = new Kernel([3, 4], day => records.get(day)!)
  const write = createEventWriter(kernel.tuples)
  write(met)
  const rows: Rows = new Map()
  for (const [day, list] of byDay(events)) {
    const judged = kernel.judge(day, write(list), NO_RULINGS)
    addRows(rows, judged, kernel.tuples)
    records.set(day, judged.record)
    kernel.learn(judged.record)
  }
  return { kernel, records, rows }
}

export function addRows(rows: Rows, { table }: JudgedDay, tuples: Tuples): void {
  for (let row = 0; row < table.rows; row++) rows.set(keyOf(table, row, tuples), cellsOf(table, row, tuples))
}

/** Hour since the epoch, tenant, token. */
function keyOf({ day, tokenDay, hourOf }: DayTable, row: number, { entities }: Tuples): string {
  const one = tokenDay[row]!
  const hour = day * 24 + one.hours[hourOf[row]!]!
  return `${hour} ${entities.tenantIds[entities.tenantOf[one.token]!]} ${entities.tokenIds[one.token]}`
}

function cellsOf(table: DayTable, row: number, { values }: Tuples): string {
  const numbers = [...table.features, ...table.actual, ...table.typical, ...table.worstPeers]
  const named = [...table.worst, table.foreignObject].map(column => values.texts[column[row]!] ?? '-')
  const one = table.tokenDay[row]!
  const h = table.hourOf[row]!
  return [...numbers.map(column => column[row]!), ...named, one.role[h], one.kind[h]].join(' ')
}

/** The rows of the hours before one, counted from the epoch. */
export function rowsBefore(rows: Rows, hour: number): Rows {
  return new Map([...rows].filter(([key]) => Number.parseInt(key, 10) < hour))
}

/** What two runs say otherwise, in lines: rows that one lacks, and columns of rows. A diff of everything would take minutes. */
export function differences(expected: Rows, actual: Rows): string[] {
  const keys = new Set([...expected.keys(), ...actual.keys()])
  return [...keys].flatMap(key => {
    const before = expected.get(key)
    const after = actual.get(key)
    if (before === after) return []
    if (before === undefined || after === undefined)
      return [`${key}: ${before === undefined ? 'not expected' : 'missing'}`]
    const cells = after.split(' ')
    return before
      .split(' ')
      .flatMap((cell, i) => (cell === cells[i] ? [] : [`${key} ${nameOf(i)}: ${cell} -> ${cells[i]}`]))
  })
}

function nameOf(column: number): string {
  return FEATURES[column]?.name ?? `evidence ${column - FEATURES.length}`
}
