import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { StateDatabase } from '../schema/config.ts'
import type { Column } from '../schema/event.ts'
import { type Engine, quoteName, quoteText } from './duckdb.ts'
import { type FileColumn, parquetOf } from './parquet.ts'

/** Where a workspace keeps what. All tables are Parquet below `data/`, partitioned by date where they grow. */
export interface Workspace {
  readonly root: string
  readonly events: string
  readonly rejects: string
  readonly activity: string
  readonly facets: string
  /** Operations and scopes of each token-hour: the facets that permissions are learned from. */
  readonly use: string
  readonly features: string
  readonly history: string
  readonly scores: string
  readonly alerts: string
  readonly models: string
  /** Secret for hashing raw tokens; 32 bytes, base64url, mode 0600. */
  readonly keyFile: string
  /** Embedded database of verdicts, suppressions, keys, checkpoints and the audit trail. */
  readonly stateFile: string
  /** Where these are kept instead, when several machines share them. */
  readonly stateDatabase?: StateDatabase
}

/** What is made of the events of a day, in the order in which it is published: the features say that all of it is there. */
export const DAY_TABLES = [
  'activity',
  'use',
  'history',
  'features',
] as const satisfies readonly (keyof Workspace)[]

/** The places of a workspace; its state is the file below `root` unless a database is named. */
export function openWorkspace(root: string, stateDatabase?: StateDatabase): Workspace {
  const data = join(root, 'data')
  return {
    root,
    events: join(data, 'events'),
    rejects: join(data, 'rejects'),
    activity: join(data, 'activity', 'counts'),
    facets: join(data, 'activity', 'facets'),
    use: join(data, 'activity', 'use'),
    features: join(data, 'features'),
    history: join(data, 'activity', 'history'),
    scores: join(data, 'scores'),
    alerts: join(data, 'alerts'),
    models: join(root, 'models'),
    keyFile: join(root, 'workspace.key'),
    stateFile: join(root, 'state.db'),
    ...(stateDatabase && { stateDatabase }),
  }
}

/** UTC day of a moment, as in partition names: 2026-10-05. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10)
}

export function partition(folder: string, day: string): string {
  return join(folder, `date=${day}`)
}

/** What the events of a day are, file by file: equal versions are equal events. */
export function eventVersions(workspace: Workspace, day: string): string[] {
  return listParquet(partition(workspace.events, day)).map(path => `${basename(path)} ${statSync(path).size}`)
}

/** Days that have a partition, whatever lies in it, ascending. */
export function listPartitions(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter(name => /^date=\d{4}-\d{2}-\d{2}$/.test(name))
    .map(name => name.slice('date='.length))
    .sort()
}

/** Days that have a partition with at least one Parquet file, ascending. */
export function listDays(folder: string): string[] {
  return listPartitions(folder).filter(day => listParquet(partition(folder, day)).length > 0)
}

/** Parquet files of one folder, sorted, as full paths. Names that begin with a dot are work in progress and left out. */
export function listParquet(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter(name => name.endsWith('.parquet') && !name.startsWith('.'))
    .sort()
    .map(name => join(folder, name))
}

/** A name for work in progress in a folder: hidden, and known by the process that is at it. */
export function temporaryPath(folder: string): string {
  return join(folder, `.${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
}

/**
 * Removes the work in progress that killed processes left in a folder (and below it). To be called by whoever is alone at writing there:
 * what another living process of this machine is at stays all the same, and what bears the caller's own number was its namesake's.
 */
export function removeLeftovers(folder: string, recursive: boolean): void {
  if (!existsSync(folder)) return
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    const writer = /^\.(?:(\d+)-)?[0-9a-f]{12}\.tmp$/.exec(entry.name)
    if (writer !== null) {
      if (writer[1] === undefined || !isOtherAlive(Number(writer[1])))
        rmSync(path, { force: true, recursive: true })
    } else if (recursive && entry.isDirectory()) {
      removeLeftovers(path, true)
    }
  }
}

/** Whether another process of this machine has the number. In containers the same numbers come again and again. */
export function isOtherAlive(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Runs `write(temporaryPath)` and renames the result into place: readers see the old file or the new one, never half. */
export async function publish(
  path: string,
  write: (temporary: string) => Promise<void> | void,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = temporaryPath(dirname(path))
  try {
    await write(temporary)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true, recursive: true })
    throw error
  }
}

/** Publishes the answer of a query as one Parquet file; `metadata` is kept in its footer, beside the columns. */
export async function publishQuery(
  engine: Engine,
  sql: string,
  path: string,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const pairs = Object.entries(metadata).map(([key, value]) => `${quoteName(key)}: ${quoteText(value)}`)
  const footer = pairs.length === 0 ? '' : `, KV_METADATA {${pairs.join(', ')}}`
  await publish(path, temporary =>
    engine.run(
      `COPY (${sql}) TO ${quoteText(temporary)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1${footer})`,
    ),
  )
}

/** Publishes columns as one Parquet file. */
export async function publishColumns(
  path: string,
  columns: Readonly<Record<string, FileColumn>>,
  rows: number,
): Promise<void> {
  const bytes = await parquetOf(columns, rows)
  await publish(path, temporary => writeFileSync(temporary, bytes))
}

/** What {@link publishQuery} kept in the footer of a Parquet file, with whatever the engine adds. */
export async function readMetadata(engine: Engine, path: string): Promise<Map<string, string>> {
  const rows = await engine.rows<{ key: string; value: string }>(
    `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(${quoteText(path)})`,
  )
  return new Map(rows.map(row => [row.key, row.value]))
}

/**
 * (Re)creates the view `name` over a folder of Parquet: the partition's `date` is dropped, columns are united by name;
 * an empty folder gives an empty view of the columns stated.
 */
export async function createView(
  engine: Engine,
  name: string,
  folder: string,
  columns: readonly Column[],
  days?: readonly string[],
): Promise<void> {
  const present = listDays(folder)
  const wanted = days === undefined ? present : days.filter(day => present.includes(day))
  const files = [
    ...wanted.flatMap(day => listParquet(partition(folder, day))),
    ...(days === undefined ? listParquet(folder) : []),
  ]
  // Files of earlier versions lack newer columns: those are null.
  const empty = `SELECT ${columns.map(c => `NULL::${c.type} AS ${quoteName(c.name)}`).join(', ')} WHERE false`
  const body =
    files.length === 0
      ? empty
      : `${empty} UNION ALL BY NAME SELECT * FROM read_parquet([${files.map(quoteText).join(', ')}], union_by_name = true, hive_partitioning = false)`
  await engine.run(`CREATE OR REPLACE VIEW ${quoteName(name)} AS ${body}`)
}
