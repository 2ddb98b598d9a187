import { createHmac } from 'node:crypto'
import type { DayRecord } from '../kernel/history/history.ts'
import { Kernel } from '../kernel/kernel.ts'
import { dateOf, dayNumber, firstRemembered } from '../kernel/memory.ts'
import { DayReader } from '../kernel/read-day.ts'
import type { TokenDay } from '../kernel/token-day.ts'
import type { Engine } from '../sql/duckdb.ts'
import type { Workspace } from '../sql/workspace.ts'
import { readRecord, restoreIds } from './history-files.ts'

/** A kernel that has learned the days up to one, and what it read them as. */
export interface Resident {
  readonly kernel: Kernel
  readonly reader: DayReader
  /** Stamp of each learned day, ascending; equal stamps are equal pasts. */
  readonly learned: Map<string, string>
  /** Tells files of another key. */
  readonly keyCheck: number
  /** What the tokens did on the last learned day; undefined when it was learned from its file. */
  lastTokenDays: readonly TokenDay[] | undefined
}

/** Kernels at hand of each connection to the SQL engine, by the history that they learned: they go with it. */
const residents = new WeakMap<Engine, Map<string, Resident>>()

/** A workspace and one aside it. */
const MOST_AT_HAND = 2

/** Texts are hashed under a key of their own, made of the workspace's: who writes a log cannot make two of them collide. */
function hashKey(key: Buffer): { words: [number, number]; check: number } {
  const digest = createHmac('sha256', key).update('feature values').digest()
  return { words: [digest.readInt32LE(0), digest.readInt32LE(4)], check: digest.readInt32LE(8) }
}

/** A kernel that has learned nothing. */
export function createResident(engine: Engine, workspace: Workspace, key: Buffer): Resident {
  const { words, check } = hashKey(key)
  const learned = new Map<string, string>()
  const read = (day: number): DayRecord => {
    const date = dateOf(day)
    const record = readRecord(workspace, date, learned.get(date) ?? '')
    if (record === null) throw new LostRecord(date)
    return record
  }
  const kernel = new Kernel(words, read)
  return {
    kernel,
    reader: new DayReader(engine, kernel.tuples),
    learned,
    keyCheck: check,
    lastTokenDays: undefined,
  }
}

/** The record of a learned day is no longer there: the past is to be made again. */
export class LostRecord extends Error {
  readonly date: string

  constructor(date: string) {
    super(`the record of ${date} is gone`)
    this.date = date
  }
}

/**
 * A kernel that has learned the given days and no others: the one at hand where it has, else one made from the files; undefined where
 * files are missing, damaged or of another past.
 *
 * @param days stamps of the days, ascending
 */
export function residentAt(
  engine: Engine,
  workspace: Workspace,
  key: Buffer,
  days: ReadonlyMap<string, string>,
): Resident | undefined {
  const known = residents.get(engine)?.get(workspace.history)
  if (known !== undefined && isSame(known.learned, days)) return known
  const resident = createResident(engine, workspace, key)
  const oldest = firstRemembered(dayNumber([...days.keys()].at(-1) ?? '1970-01-01') + 1)
  for (const [date, stamp] of days) {
    if (!restoreIds(workspace, date, stamp, resident.keyCheck, resident.kernel.tuples)) return undefined
    resident.learned.set(date, stamp)
    if (dayNumber(date) < oldest) continue
    const record = readRecord(workspace, date, stamp)
    if (record === null) return undefined
    resident.kernel.learn(record)
  }
  return resident
}

/** Keeps a kernel at hand for the next call on the connection. */
export function keepResident(engine: Engine, workspace: Workspace, resident: Resident): void {
  const kept = residents.get(engine) ?? new Map<string, Resident>()
  kept.delete(workspace.history)
  kept.set(workspace.history, resident)
  for (const root of kept.keys()) if (kept.size > MOST_AT_HAND) kept.delete(root)
  residents.set(engine, kept)
}

/** The last learned day of the kernel at hand, if it is the one asked for. */
export function dayAtHand(
  engine: Engine,
  workspace: Workspace,
  date: string,
): { kernel: Kernel; day: number; tokenDays: readonly TokenDay[] } | undefined {
  const resident = residents.get(engine)?.get(workspace.history)
  if (resident?.lastTokenDays === undefined || [...resident.learned.keys()].at(-1) !== date) return undefined
  return { kernel: resident.kernel, day: dayNumber(date), tokenDays: resident.lastTokenDays }
}

/** Lets go of a kernel that may have numbers which were not published. */
export function dropResident(engine: Engine, workspace: Workspace): void {
  residents.get(engine)?.delete(workspace.history)
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([day, stamp]) => b.get(day) === stamp)
}
