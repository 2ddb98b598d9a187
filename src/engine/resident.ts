import { createHmac } from 'node:crypto'
import type { Catalogue } from '../features/catalogue.ts'
import type { DayTable } from '../kernel/day/day-table.ts'
import type { DayEvents } from '../kernel/day-events.ts'
import type { DayRecord } from '../kernel/history/history.ts'
import { Kernel } from '../kernel/kernel.ts'
import { dateOf, dayNumber, firstRemembered } from '../kernel/memory.ts'
import { DayReader } from '../kernel/read-day.ts'
import type { TokenDay } from '../kernel/token-day.ts'
import type { Engine } from '../sql/duckdb.ts'
import type { Workspace } from '../sql/workspace.ts'
import { countIds, type IdCounts, readRecord, restoreIds } from './history-files.ts'

/** A kernel that has learned the days before one. It stays at hand between calls, so that the history is not read again. */
export interface Resident {
  readonly kernel: Kernel
  readonly reader: DayReader
  /** What the rows of its days are made of. */
  readonly catalogue: Catalogue
  /** Stamps of the learned days, ascending; equal stamps are equal pasts. */
  readonly learned: Map<string, string>
  /** The day that was judged last, on top of the learned ones. */
  judged: JudgedLast | null
  /** The events of the day that was read last. */
  read: ReadDay | null
  /** Up to where the numbers given are on disk. */
  published: IdCounts
  /** Tells files of another key. */
  readonly keyCheck: number
  /** Where records of learned days lie. */
  workspace: Workspace
}

/** The events of the day that was read last: a day that only grows is not read again. */
export interface ReadDay {
  /** Where its event files lie. */
  readonly folder: string
  readonly versions: ReadonlySet<string>
  readonly events: DayEvents
}

interface JudgedLast {
  readonly date: string
  readonly stamp: string
  readonly record: DayRecord
  readonly events: DayEvents
  readonly tokenDays: readonly TokenDay[]
  readonly table: DayTable
}

/** Kernels at hand of each SQL engine, the last used last; all its connections share them. */
const atHand = new WeakMap<object, Resident[]>()

function kernelsOf({ home }: Engine): Resident[] {
  const known = atHand.get(home)
  if (known !== undefined) return known
  const none: Resident[] = []
  atHand.set(home, none)
  return none
}

/** A workspace of a server, and one that is scored beside it. */
const MOST_AT_HAND = 2

/** One piece of work at a time: a kernel learns in steps. */
let turn: Promise<unknown> = Promise.resolve()

/** Runs work that uses kernels when no other such work runs. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = turn.then(work, work)
  turn = mine.catch(() => {})
  return mine
}

/** Texts are hashed under a key of their own, made of the workspace's: who writes a log cannot make two of them collide. */
function hashKey(key: Buffer): { words: [number, number]; check: number } {
  const digest = createHmac('sha256', key).update('feature values').digest()
  return { words: [digest.readInt32LE(0), digest.readInt32LE(4)], check: digest.readInt32LE(8) }
}

/** What a kernel makes rows with. */
export interface Making {
  /** Key of the workspace. */
  readonly key: Buffer
  readonly catalogue: Catalogue
}

/** A kernel that has learned nothing; `made` are records of days that are not on disk. */
export function createResident(
  workspace: Workspace,
  { key, catalogue }: Making,
  made: ReadonlyMap<number, DayRecord> = new Map(),
): Resident {
  const { words, check } = hashKey(key)
  const kernel = new Kernel(
    words,
    day => {
      const known = made.get(day)
      if (known !== undefined) return known
      const date = dateOf(day)
      const record = readRecord(resident.workspace, date, resident.learned.get(date) ?? '')
      if (record === null) throw new LostRecord(date)
      return record
    },
    catalogue,
  )
  const resident: Resident = {
    kernel,
    reader: new DayReader(kernel.tuples),
    catalogue,
    learned: new Map(),
    judged: null,
    read: null,
    published: countIds(kernel.tuples),
    keyCheck: check,
    workspace,
  }
  return resident
}

/** The record of a learned day is no longer there: the past is to be made again. */
export class LostRecord extends Error {
  constructor(date: string) {
    super(`the record of ${date} is gone`)
  }
}

/**
 * A kernel that has learned the given days and no others: one at hand that has learned the first of them and is taught the rest, else one
 * made from the files; undefined where files are missing, damaged, or of another past or key.
 *
 * @param days stamps of the days, ascending
 */
export function residentAt(
  engine: Engine,
  workspace: Workspace,
  making: Making,
  days: ReadonlyMap<string, string>,
): Resident | undefined {
  const { check } = hashKey(making.key)
  const { fingerprint } = making.catalogue
  const known = kernelsOf(engine).findLast(
    one =>
      one.keyCheck === check && one.catalogue.fingerprint === fingerprint && isBeginning(one.learned, days),
  )
  if (known !== undefined) {
    known.workspace = workspace
    if (teach(known, days)) return known
    drop(engine, known)
  }
  const resident = createResident(workspace, making)
  return teach(resident, days) ? resident : undefined
}

/** Learns the days that the kernel has not learned yet, up to the first whose files do not fit: then false. */
export function teach(resident: Resident, days: ReadonlyMap<string, string>): boolean {
  const { kernel, learned, workspace, keyCheck } = resident
  const last = [...days.keys()].at(-1)
  if (last === undefined) return true
  const oldest = firstRemembered(dayNumber(last) + 1)
  for (const [date, stamp] of days) {
    if (learned.has(date)) continue
    const { judged } = resident
    if (judged?.date === date && judged.stamp === stamp) {
      kernel.learn(judged.record)
      learned.set(date, stamp)
      continue
    }
    if (!restoreIds(workspace, date, stamp, keyCheck, kernel.tuples)) return false
    resident.published = countIds(kernel.tuples)
    if (dayNumber(date) >= oldest) {
      const record = readRecord(workspace, date, stamp)
      if (record === null) return false
      kernel.learn(record)
    }
    learned.set(date, stamp)
  }
  return true
}

/** Keeps a kernel at hand. */
export function keep(engine: Engine, resident: Resident): void {
  drop(engine, resident)
  const kernels = kernelsOf(engine)
  kernels.push(resident)
  if (kernels.length > MOST_AT_HAND) kernels.shift()
}

/** Lets go of a kernel that may know what is not on disk. */
export function drop(engine: Engine, resident: Resident): void {
  const kernels = kernelsOf(engine)
  const at = kernels.indexOf(resident)
  if (at >= 0) kernels.splice(at, 1)
}

/** The kernel at hand that judged a day of a stamp last. */
export function residentThatJudged(engine: Engine, date: string, stamp: string): Resident | undefined {
  return kernelsOf(engine).findLast(one => one.judged?.date === date && one.judged.stamp === stamp)
}

/** Whether the days begin with the learned ones. */
function isBeginning(learned: ReadonlyMap<string, string>, days: ReadonlyMap<string, string>): boolean {
  return learned.size <= days.size && [...learned].every(([day, stamp]) => days.get(day) === stamp)
}
