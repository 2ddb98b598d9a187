import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Engine, quoteText } from '../sql/duckdb.ts'
import { ACTIVITY_TABLES, listParquet, partition, publish, type Workspace } from '../sql/workspace.ts'

/** An event file as it was when activity was made from it: "name size". */
type FileVersion = string

/** Beside a day's counts: what they were made from, as JSON. */
const MADE_FILE = '.made.json'

interface Made {
  readonly files: readonly FileVersion[]
  /** Set while tables are replaced: after a kill, hours from this moment on may hold some events twice. */
  readonly unsureSince: string | null
}

/** What came to a day since its activity was made. */
export interface Growth {
  /** Start of the first hour that changed; null where none did. */
  readonly since: Date | null
  /** Event files to add. */
  readonly added: readonly string[]
  /** Files that the tables were made from. */
  readonly files: readonly FileVersion[]
  /** Whether the tables hold nothing of the added files yet. */
  readonly isSure: boolean
}

/** Whether the day has all tables: an earlier Keyhound made fewer. */
export function hasAllTables(workspace: Workspace, day: string): boolean {
  return ACTIVITY_TABLES.every(table => listParquet(partition(workspace[table], day)).length > 0)
}

export function versionsOf(folder: string): FileVersion[] {
  return listParquet(folder).map(versionOf)
}

function versionOf(path: string): FileVersion {
  return `${basename(path)} ${statSync(path).size}`
}

/** What came to the day; undefined where the whole day is to be made: for the first time, or since a file changed or is gone. */
export async function growthOf(
  engine: Engine,
  workspace: Workspace,
  day: string,
): Promise<Growth | undefined> {
  const file = madeFile(workspace, day)
  if (!existsSync(file) || !hasAllTables(workspace, day)) return undefined
  const { files, unsureSince } = JSON.parse(readFileSync(file, 'utf8')) as Made
  const events = partition(workspace.events, day)
  const versions = new Set(versionsOf(events))
  if (files.some(version => !versions.has(version))) return undefined
  const known = new Set(files)
  const added = listParquet(events).filter(path => !known.has(versionOf(path)))
  const starts = [unsureSince, added.length === 0 ? null : await firstHour(engine, added)]
  const [since] = starts.filter(start => start !== null).sort()
  return { since: since === undefined ? null : new Date(since), added, files, isSure: unsureSince === null }
}

/** ISO 8601. */
async function firstHour(engine: Engine, files: readonly string[]): Promise<string | null> {
  const [row] = await engine.rows<{ first: Date | null }>(
    `SELECT date_trunc('hour', min(time))::TIMESTAMP_MS AS first FROM read_parquet([${files.map(quoteText).join(', ')}], hive_partitioning = false)`,
  )
  return row!.first?.toISOString() ?? null
}

/** Says on disk what the day's tables are made from; with `unsureSince`, that they are about to be replaced from that hour on. */
export async function noteMade(
  workspace: Workspace,
  day: string,
  files: readonly FileVersion[],
  unsureSince: Date | null,
): Promise<void> {
  const made: Made = { files, unsureSince: unsureSince?.toISOString() ?? null }
  await publish(madeFile(workspace, day), temporary => writeFileSync(temporary, JSON.stringify(made)))
}

/** Before the whole day is made: a kill leaves tables of no known files. */
export function forgetMade(workspace: Workspace, day: string): void {
  rmSync(madeFile(workspace, day), { force: true })
}

function madeFile(workspace: Workspace, day: string): string {
  return join(partition(workspace.activity, day), MADE_FILE)
}
