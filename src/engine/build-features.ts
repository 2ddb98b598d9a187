import { BUILT_IN, type Catalogue } from '../features/catalogue.ts'
import { dayNumber } from '../kernel/memory.ts'
import type { Engine } from '../sql/duckdb.ts'
import { writeStamp } from '../sql/stamp.ts'
import { partition, type Workspace } from '../sql/workspace.ts'
import { countIds, publishIds, publishRecord } from './history-files.ts'
import { removeOldLayout } from './old-layout.ts'
import { publishDay } from './publish-day.ts'
import { readEvents } from './read-events.ts'
import { createResident, drop, inTurn, keep, LostRecord, type Resident, residentAt } from './resident.ts'
import { type Rulings, rulingsByNumber } from './rulings.ts'
import { eventStamp, stampsByDay } from './stamps.ts'

/** What {@link buildFeatures} is given. */
export interface BuildOptions {
  /** Key of the workspace. */
  readonly key: Buffer
  readonly rulings: Rulings
  /** Stamps of all days of events under these rulings and this catalogue. @default worked out */
  readonly stamps?: ReadonlyMap<string, string>
  /** @default the built-in features */
  readonly catalogue?: Catalogue
  /** Called when a day is published. */
  readonly onDay: (day: string) => void
  /** Called when the history has to be made again from the events, with the first day of it. */
  readonly onRebuild?: (day: string) => void
}

/**
 * Makes the features of the given consecutive days, oldest first. Each day sees the history as it stood when the day began, and the hours
 * of the day up to its own; the history is without the token-days that are held on that day. What the history was made of is kept by day:
 * where that is missing or damaged, the days before are made again too.
 */
export function buildFeatures(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  options: BuildOptions,
): Promise<void> {
  return inTurn(() => buildDays(engine, workspace, days, options))
}

async function buildDays(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  options: BuildOptions,
): Promise<void> {
  if (days.length === 0) return
  const { catalogue = BUILT_IN } = options
  const stamps = options.stamps ?? stampsByDay(workspace, options.rulings, catalogue)
  const before = new Map([...stamps].filter(([day]) => day < days[0]!))
  const resident = residentAt(engine, workspace, { key: options.key, catalogue }, before)
  if (resident !== undefined) {
    try {
      return await build(engine, workspace, days, resident, stamps, options)
    } catch (error) {
      if (!(error instanceof LostRecord)) throw error
    }
  }
  const all = [...stamps.keys()].filter(day => day <= days.at(-1)!)
  if (all[0] !== days[0]) options.onRebuild?.(all[0]!)
  await build(
    engine,
    workspace,
    all,
    createResident(workspace, { key: options.key, catalogue }),
    stamps,
    options,
  )
}

async function build(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  resident: Resident,
  stamps: ReadonlyMap<string, string>,
  { rulings, onDay }: BuildOptions,
): Promise<void> {
  const { kernel, learned } = resident
  const { tuples } = kernel
  // Until the end it may have given numbers that are published nowhere.
  drop(engine, resident)
  for (const [i, date] of days.entries()) {
    const day = dayNumber(date)
    const stamp = stamps.get(date)!
    const events = await readEvents(engine, workspace, date, resident)
    const tokenDays = kernel.count(day, events)
    const judged = kernel.judgeTokens(day, tokenDays, rulingsByNumber(rulings, date, tuples.entities))
    await publishIds(workspace, date, stamp, resident.keyCheck, tuples, resident.published)
    resident.published = countIds(tuples)
    await publishRecord(workspace, date, stamp, judged.record, tuples)
    await publishDay(workspace, date, judged.table, { tuples, catalogue: resident.catalogue })
    await writeStamp(partition(workspace.activity, date), eventStamp(workspace, date))
    await writeStamp(partition(workspace.features, date), stamp)
    onDay(date)
    resident.judged = { date, stamp, events, tokenDays, ...judged }
    if (i === days.length - 1) continue
    kernel.learn(judged.record)
    learned.set(date, stamp)
  }
  keep(engine, resident)
  removeOldLayout(workspace)
}
