import type { Kernel } from '../kernel/kernel.ts'
import { dayNumber } from '../kernel/memory.ts'
import type { TokenDay } from '../kernel/token-day.ts'
import type { Engine } from '../sql/duckdb.ts'
import { readStamp } from '../sql/stamp.ts'
import { partition, type Workspace } from '../sql/workspace.ts'
import { readEvents } from './read-events.ts'
import { inTurn, judgedAtHand, keep, residentAt } from './resident.ts'
import type { Rulings } from './rulings.ts'
import { stampsByDay } from './stamps.ts'

/** A day with its past: what its tokens did, and the history that it was judged by. */
export interface OpenDay {
  readonly kernel: Kernel
  /** Counted from the epoch. */
  readonly day: number
  readonly tokenDays: readonly TokenDay[]
}

/**
 * Lets `use` read a day whose features are made: the one judged last, else from the files of the days before. Undefined where the day has
 * no events, or its past is not on disk as it should be. `use` must not wait for anything else that needs a kernel.
 */
export function withOpenDay<T>(
  engine: Engine,
  workspace: Workspace,
  date: string,
  options: { readonly key: Buffer; readonly rulings: Rulings },
  use: (day: OpenDay | undefined) => Promise<T>,
): Promise<T> {
  return inTurn(async () => use(await openDay(engine, workspace, date, options)))
}

async function openDay(
  engine: Engine,
  workspace: Workspace,
  date: string,
  { key, rulings }: { readonly key: Buffer; readonly rulings: Rulings },
): Promise<OpenDay | undefined> {
  const day = dayNumber(date)
  const made = readStamp(partition(workspace.features, date))
  const known = made === null ? undefined : judgedAtHand(engine, date, made)
  if (known !== undefined) return { kernel: known.kernel, day, tokenDays: known.judged!.tokenDays }
  const stamps = stampsByDay(workspace, rulings)
  if (!stamps.has(date)) return undefined
  const before = new Map([...stamps].filter(([one]) => one < date))
  const resident = residentAt(engine, workspace, key, before)
  if (resident === undefined) return undefined
  keep(engine, resident)
  const { kernel } = resident
  const events = await readEvents(engine, workspace, date, resident)
  return { kernel, day, tokenDays: kernel.count(day, events) }
}
