import { join } from 'node:path'
import type { DayEvents } from '../kernel/day-events.ts'
import { copyEvents, mergeEvents } from '../kernel/merge-events.ts'
import type { Engine } from '../sql/duckdb.ts'
import { eventVersions, listParquet, partition, type Workspace } from '../sql/workspace.ts'
import type { Resident } from './resident.ts'

/** The events of a day; only the files that came since it was read, where it was the last one and none of its files is gone. */
export async function readEvents(
  engine: Engine,
  workspace: Workspace,
  date: string,
  resident: Resident,
): Promise<DayEvents> {
  const versions = new Set(eventVersions(workspace, date))
  const events =
    (await readGrown(engine, workspace, date, resident, versions)) ??
    copyEvents(await resident.reader.read(engine, listParquet(partition(workspace.events, date))))
  resident.read = { date, versions, events }
  return events
}

async function readGrown(
  engine: Engine,
  workspace: Workspace,
  date: string,
  { read, reader, kernel }: Resident,
  versions: ReadonlySet<string>,
): Promise<DayEvents | null> {
  if (read?.date !== date || [...read.versions].some(version => !versions.has(version))) return null
  const added = [...versions].filter(version => !read.versions.has(version))
  if (added.length === 0) return read.events
  const files = added.map(version =>
    join(partition(workspace.events, date), version.slice(0, version.lastIndexOf(' '))),
  )
  return mergeEvents(read.events, await reader.read(engine, files), kernel.tuples.whoToken)
}
