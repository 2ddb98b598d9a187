import { existsSync, readFileSync, statSync } from 'node:fs'
import { type Rulings, rulingsOn } from '../../engine/rulings.ts'
import { openStanding, type Standing, stampsUpTo } from '../../engine/standing.ts'
import { prefixFile } from '../../ingest/dictionaries.ts'
import { workspaceKey } from '../../ingest/identity.ts'
import { inventoryFile } from '../../ingest/inventory.ts'
import type { PlainOptions } from '../../ingest/plain-events.ts'
import { readInventoryEntries } from '../../ingest/plain-inventory.ts'
import { listDays, listPartitions, partition, type Workspace } from '../../sql/workspace.ts'
import type { Context } from '../context.ts'
import { readRulings } from '../held.ts'
import type { Model } from '../models.ts'
import { catalogueOf } from '../own-features.ts'
import type { Scorer } from '../score-day.ts'
import { scorerOf } from '../score-events.ts'

/** Lends a context, whose engine nobody else uses meanwhile. */
export type Lend = <T>(work: (context: Context) => Promise<T>) => Promise<T>

/** When ready days are compared with the workspace again; null: before every answer. */
export type Freshness = {
  /** Milliseconds, ascending. */
  readonly now: () => number
  /** From so long after the last look, another one begins, and answers go on meanwhile. */
  readonly lookAfterMs: number
  /** From so long after it, answers wait for it. */
  readonly waitAfterMs: number
} | null

/** A day that stands ready, and the scorer of its rows. */
export interface ReadyDay {
  readonly standing: Standing
  readonly scorer: Scorer
}

/** What records are looked up in: key, inventory and path prefixes of the workspace. */
export type Lookups = Pick<PlainOptions, 'key' | 'inventory' | 'prefixes'>

/** Days that stand ready, kept up with the workspace. */
export interface ReadyDays {
  lookups(): Lookups | Promise<Lookups>
  ready(date: string, model: Model): ReadyDay | Promise<ReadyDay>
  warm(model: Model): Promise<void>
  changed(): void
}

/** The newest day, and others that are asked about: each holds the history in memory. */
const MOST_DAYS = 3

/** A day as it was looked at last. */
interface Day {
  standing: Standing | null
  /** Stamps and rulings that it was made of. */
  basis: string
  /** By content id of the model. */
  scorers: Map<string, { readonly model: Model; readonly scorer: Scorer }>
  /** NaN before the first look, and when something is known to have changed. */
  lookedAt: number
  looking: Promise<void> | null
  /** Of the files at the last whole look, and whether the look before saw the same. */
  mark: string | null
  isSettled: boolean
}

export function createReadyDays(workspace: Workspace, lend: Lend, freshness: Freshness): ReadyDays {
  const days = new Map<string, Day>()
  let read: (Lookups & { readonly basis: string }) | null = null
  let readAt = Number.NaN
  let reading: Promise<Lookups> | null = null
  /** Changes that were reported: a look that began before the last one is out of date. */
  let changes = 0
  // One after the other: each look takes a connection, and some processor time.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: (context: Context) => Promise<T>): Promise<T> => {
    const mine = last.then(() => lend(work))
    last = mine.catch(() => {})
    return mine
  }
  const age = (at: number) => (freshness === null ? Number.NaN : freshness.now() - at)
  const now = () => freshness?.now() ?? Number.NaN

  const look = (date: string, day: Day): Promise<void> => {
    day.looking ??= inTurn(async context => {
      const [began, seen] = [now(), changes]
      await lookAt(context, date, day)
      if (seen === changes) day.lookedAt = began
    }).finally(() => {
      day.looking = null
    })
    return day.looking
  }
  const readAnew = (): Promise<Lookups> => {
    reading ??= inTurn(async context => {
      const [began, seen] = [now(), changes]
      read = await readLookups(context, read)
      if (seen === changes) readAt = began
      return read
    }).finally(() => {
      reading = null
    })
    return reading
  }

  const lookups = () => {
    if (read === null || freshness === null || !(age(readAt) < freshness.waitAfterMs)) return readAnew()
    // If this look fails, the next request that waits for one reports the error.
    if (age(readAt) >= freshness.lookAfterMs) readAnew().catch(() => {})
    return read
  }

  const ready = (date: string, model: Model) => {
    const day = days.get(date) ?? createDay()
    days.delete(date)
    days.set(date, day)
    forgetSome(days)
    const found = readyDay(day, model)
    if (found === null || freshness === null || !(age(day.lookedAt) < freshness.waitAfterMs))
      return waitFor(date, day, model)
    // If this look fails, the next request that waits for one reports the error.
    if (age(day.lookedAt) >= freshness.lookAfterMs) look(date, day).catch(() => {})
    return found
  }

  const waitFor = async (date: string, day: Day, model: Model): Promise<ReadyDay> => {
    const { contentId } = model.manifest
    if (!day.scorers.has(contentId)) {
      const scorer = await inTurn(context => scorerOf(context, model, [date]))
      day.scorers.set(contentId, { model, scorer })
    }
    await look(date, day)
    return readyDay(day, model) ?? waitFor(date, day, model)
  }

  return {
    lookups,
    ready,
    changed() {
      changes++
      readAt = Number.NaN
      // A look that has begun may have missed the change.
      reading = null
      for (const day of days.values()) {
        day.lookedAt = Number.NaN
        day.mark = null
        day.looking = null
      }
    },

    async warm(model) {
      await lookups()
      const newest = listDays(workspace.events).at(-1)
      if (newest !== undefined) await ready(newest, model)
    },
  }
}

function createDay(): Day {
  return {
    standing: null,
    basis: '',
    scorers: new Map(),
    lookedAt: Number.NaN,
    looking: null,
    mark: null,
    isSettled: false,
  }
}

function readyDay({ standing, scorers }: Day, { manifest }: Model): ReadyDay | null {
  const one = scorers.get(manifest.contentId)
  return standing === null || one === undefined ? null : { standing, scorer: one.scorer }
}

/** Lets go of the days that were asked about least lately; the newest one stays. */
function forgetSome(days: Map<string, Day>): void {
  const newest = [...days.keys()].sort().at(-1)
  for (const date of days.keys()) {
    if (days.size <= MOST_DAYS) return
    if (date !== newest) days.delete(date)
  }
}

/** Brings a day up to the workspace. */
async function lookAt(context: Context, date: string, day: Day): Promise<void> {
  const { engine, workspace } = context
  const catalogue = catalogueOf(context)
  const mark = markOf(workspace)
  const isSame = mark !== null && mark === day.mark
  if (isSame && day.isSettled && day.standing !== null) return
  const rulings = await readRulings(context, date)
  const stamps = stampsUpTo(workspace, rulings, date, catalogue)
  const basis = basisOf(stamps, rulings, date)
  if (day.standing === null || day.basis !== basis) {
    const before = day.standing ?? undefined
    const put = (standing: Standing | null) => {
      day.standing = standing
      day.basis = basis
    }
    await openStanding(engine, workspace, date, stamps, {
      making: { key: workspaceKey(workspace), catalogue },
      rulings,
      before,
      put,
    })
  }
  const scorers: Day['scorers'] = new Map()
  for (const [contentId, { model }] of day.scorers)
    scorers.set(contentId, { model, scorer: await scorerOf(context, model, [date]) })
  day.scorers = new Map([...day.scorers, ...scorers].slice(-MOST_MODELS))
  // A file that changed in the same tick of the clock has the same time: after a change the next look is a whole one, too.
  day.isSettled = isSame
  day.mark = mark
}

/** Versions of all files that a day is made of and scored with; null where the state is in another database. */
function markOf(workspace: Workspace): string | null {
  const { events, alerts, stateFile } = workspace
  if (workspace.stateDatabase !== undefined) return null
  const folders = [events, alerts].flatMap(table => [
    table,
    ...listPartitions(table).map(day => partition(table, day)),
  ])
  return [...folders, stateFile, `${stateFile}-wal`].map(versionOf).join(' ')
}

/** Champion, challenger and the one before. */
const MOST_MODELS = 4

function basisOf(stamps: ReadonlyMap<string, string>, rulings: Rulings, date: string): string {
  return JSON.stringify([...stamps, ...rulingsOn(rulings, date)])
}

async function readLookups(
  { engine, workspace }: Context,
  before: (Lookups & { readonly basis: string }) | null,
): Promise<Lookups & { readonly basis: string }> {
  const basis = JSON.stringify(
    [workspace.keyFile, inventoryFile(workspace), prefixFile(workspace)].map(versionOf),
  )
  if (before?.basis === basis) return before
  return {
    basis,
    key: workspaceKey(workspace),
    inventory: await readInventoryEntries(engine, workspace),
    prefixes: readPrefixes(workspace),
  }
}

function versionOf(file: string): string {
  if (!existsSync(file)) return 'none'
  const { size, mtimeMs, ino } = statSync(file)
  return `${size} ${mtimeMs} ${ino}`
}

function readPrefixes(workspace: Workspace): Set<string> {
  const file = prefixFile(workspace)
  return new Set(existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : [])
}
