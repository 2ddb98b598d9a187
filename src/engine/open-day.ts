import type { Kernel } from '../kernel/kernel.ts'
import { dayNumber } from '../kernel/memory.ts'
import { DayReader } from '../kernel/read-day.ts'
import type { TokenDay } from '../kernel/token-day.ts'
import type { Engine } from '../sql/duckdb.ts'
import { listParquet, partition, type Workspace } from '../sql/workspace.ts'
import { dayAtHand, residentAt } from './resident.ts'
import type { Rulings } from './rulings.ts'
import { stampsByDay } from './stamps.ts'

/** A day with its past: what its tokens did, and a history that holds the days that it remembers. */
export interface OpenDay {
  readonly kernel: Kernel
  /** Counted from the epoch. */
  readonly day: number
  readonly tokenDays: readonly TokenDay[]
}

/**
 * Opens a day whose features are made: the one at hand, else from the files of the days before. Undefined where the day has no events, or
 * its past is not on disk as it should be.
 */
export async function openDay(
  engine: Engine,
  workspace: Workspace,
  date: string,
  options: { readonly key: Buffer; readonly rulings: () => Promise<Rulings> },
): Promise<OpenDay | undefined> {
  const known = dayAtHand(engine, workspace, date)
  if (known !== undefined) return known
  const stamps = stampsByDay(workspace, await options.rulings())
  if (!stamps.has(date)) return undefined
  const before = new Map([...stamps].filter(([day]) => day < date))
  const resident = residentAt(engine, workspace, options.key, before)
  if (resident === undefined) return undefined
  const { kernel } = resident
  const events = await new DayReader(engine, kernel.tuples).read(
    listParquet(partition(workspace.events, date)),
  )
  const day = dayNumber(date)
  return { kernel, day, tokenDays: kernel.count(day, events) }
}
