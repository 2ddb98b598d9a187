import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Engine, quoteText, timestampLiteral } from '../engine/duckdb.ts'
import { readStamp, stampOf, writeStamp } from '../engine/stamp.ts'
import {
  listDays,
  listParquet,
  partition,
  publish,
  publishQuery,
  type Workspace,
} from '../engine/workspace.ts'
import { countsSql } from './counts.sql.ts'
import { dayEventsSql } from './day-events.sql.ts'
import { facetsSql } from './facets.sql.ts'
import { tailsSql } from './tails.sql.ts'

/** An event file as it was when activity was made from it: "name size". */
type FileVersion = string

/** Beside a day's counts: the event files that they were made from, as JSON. */
const FILES_FILE = '.files.json'

/** Days whose events changed since their counts and facets were made, ascending. */
export function staleActivityDays(workspace: Workspace): string[] {
  return listDays(workspace.events).filter(
    day =>
      readStamp(partition(workspace.activity, day)) !== stampOf(versionsOf(partition(workspace.events, day))),
  )
}

/**
 * Makes the counts and facets of one UTC day from its events and publishes both. Where files only came to those that the day was made
 * from, the hours before their first event stay as they are: an hour costs what its events cost, whatever the day holds.
 */
export async function buildActivity(engine: Engine, workspace: Workspace, day: string): Promise<void> {
  const events = partition(workspace.events, day)
  const versions = versionsOf(events)
  const since = await changedSince(engine, workspace, day, versions)
  const paths = {
    facets: join(partition(workspace.facets, day), 'facets.parquet'),
    counts: join(partition(workspace.activity, day), 'counts.parquet'),
    tails: join(partition(workspace.tails, day), 'tails.parquet'),
  }
  await engine.run(dayEventsSql(listParquet(events), since && { since, tails: paths.tails }))
  const key = 'ORDER BY window_start, tenant_id, token_id'
  const kept = (path: string) =>
    since === undefined
      ? ''
      : `SELECT * FROM read_parquet(${quoteText(path)}) WHERE window_start < ${timestampLiteral(since)} UNION ALL BY NAME `
  await publishQuery(engine, `${kept(paths.facets)}(${facetsSql()}) ${key}, facet, value`, paths.facets)
  await publishQuery(engine, `${kept(paths.counts)}(${countsSql()}) ${key}`, paths.counts)
  await publishQuery(engine, `${kept(paths.tails)}(${tailsSql()}) ${key}, time, event_id`, paths.tails)
  await publish(join(partition(workspace.activity, day), FILES_FILE), temporary =>
    writeFileSync(temporary, JSON.stringify(versions)),
  )
  await writeStamp(partition(workspace.activity, day), stampOf(versions))
  await engine.run('DROP TABLE day_events')
}

/** Start of the first hour that files came to since the day was made; undefined where the whole day is to be made. */
async function changedSince(
  engine: Engine,
  workspace: Workspace,
  day: string,
  versions: readonly FileVersion[],
): Promise<Date | undefined> {
  const folder = partition(workspace.activity, day)
  const file = join(folder, FILES_FILE)
  if (!existsSync(file) || listParquet(partition(workspace.tails, day)).length === 0) return undefined
  const made = JSON.parse(readFileSync(file, 'utf8')) as FileVersion[]
  // A run that was killed in between, or a file that is gone or another: nothing can be kept.
  if (readStamp(folder) !== stampOf(made) || made.some(version => !versions.includes(version)))
    return undefined
  const added = new Set(versions.filter(version => !made.includes(version)))
  const events = partition(workspace.events, day)
  const paths = listParquet(events).filter(path => added.has(versionOf(path)))
  const [row] = await engine.rows<{ since: Date | null }>(
    `SELECT date_trunc('hour', min(time))::TIMESTAMP_MS AS since FROM read_parquet([${paths.map(quoteText).join(', ')}], hive_partitioning = false)`,
  )
  return row!.since ?? undefined
}

function versionsOf(folder: string): FileVersion[] {
  return listParquet(folder).map(versionOf)
}

function versionOf(path: string): FileVersion {
  return `${basename(path)} ${statSync(path).size}`
}
