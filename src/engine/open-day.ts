import { BUILT_IN, type Catalogue } from '../features/catalogue.ts'
import type { DayTable } from '../kernel/day/day-table.ts'
import type { DayEvents } from '../kernel/day-events.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { dayNumber } from '../kernel/memory.ts'
import type { TokenDay } from '../kernel/token-day.ts'
import type { Tuples } from '../kernel/tuples.ts'
import type { Engine } from '../sql/duckdb.ts'
import { readStamp } from '../sql/stamp.ts'
import { partition, type Workspace } from '../sql/workspace.ts'
import { readEvents } from './read-events.ts'
import { createResident, inTurn, keep, residentAt, residentThatJudged } from './resident.ts'
import type { Rulings } from './rulings.ts'
import { stampsByDay } from './stamps.ts'

/** A day with its past: its events, its token-days, and the history that judged it. */
export interface OpenDay {
  readonly kernel: Kernel
  /** Counted from the epoch. */
  readonly day: number
  readonly events: DayEvents
  readonly tokenDays: readonly TokenDay[]
  /** Whether the kernel has learned the days before, which it has not where they are not on disk as they should be. */
  readonly knowsPast: boolean
}

/** A judged day, with the texts that its numbers stand for. */
export interface JudgedTable {
  readonly table: DayTable
  readonly tuples: Tuples
  readonly catalogue: Catalogue
}

interface OpenOptions {
  readonly key: Buffer
  /** Asked for where the day is not the one judged last. */
  readonly rulings: () => Promise<Rulings>
  /** @default the built-in features */
  readonly catalogue?: Catalogue
}

/** The token-hours of a day whose features are made, where it is the one judged last; undefined where they are in files only. */
export function judgedAtHand(engine: Engine, workspace: Workspace, date: string): JudgedTable | undefined {
  const resident = atHand(engine, workspace, date)
  if (resident === undefined) return undefined
  const { kernel, judged, catalogue } = resident
  return { table: judged!.table, tuples: kernel.tuples, catalogue }
}

function atHand(engine: Engine, workspace: Workspace, date: string) {
  const made = readStamp(partition(workspace.features, date))
  return made === null ? undefined : residentThatJudged(engine, date, made)
}

/**
 * Lets `use` read a day whose features are made: the one judged last, else from the files of it and the days before. Undefined where the
 * day has no events. `use` must not wait for anything else that needs a kernel.
 */
export function withOpenDay<T>(
  engine: Engine,
  workspace: Workspace,
  date: string,
  options: OpenOptions,
  use: (day: OpenDay | undefined) => Promise<T>,
): Promise<T> {
  return inTurn(async () => use(await openDay(engine, workspace, date, options)))
}

async function openDay(
  engine: Engine,
  workspace: Workspace,
  date: string,
  { key, rulings, catalogue = BUILT_IN }: OpenOptions,
): Promise<OpenDay | undefined> {
  const day = dayNumber(date)
  const known = atHand(engine, workspace, date)
  if (known !== undefined) {
    const { events, tokenDays } = known.judged!
    return { kernel: known.kernel, day, events, tokenDays, knowsPast: true }
  }
  const stamps = stampsByDay(workspace, await rulings(), catalogue)
  if (!stamps.has(date)) return undefined
  const before = new Map([...stamps].filter(([one]) => one < date))
  const learned = residentAt(engine, workspace, { key, catalogue }, before)
  if (learned !== undefined) keep(engine, learned)
  const resident = learned ?? createResident(workspace, { key, catalogue })
  const { kernel } = resident
  const events = await readEvents(engine, workspace, date, resident)
  return { kernel, day, events, tokenDays: kernel.count(day, events), knowsPast: learned !== undefined }
}
