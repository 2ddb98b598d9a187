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
  const folder = partition(workspace.events, date)
  const versions = new Set(eventVersions(workspace, date))
  const events =
    (await readGrown(engine, folder, resident, versions)) ??
    copyEvents(await resident.reader.read(engine, listParquet(folder)))
  resident.read = { folder, versions, events }
  return events
}

async function readGrown(
  engine: Engine,
  folder: string,
  { read, reader, kernel }: Resident,
  versions: ReadonlySet<string>,
): Promise<DayEvents | null> {
  // A name and a size tell a file in its folder only: workspaces beside one another have files alike.
  if (read?.folder !== folder || [...read.versions].some(version => !versions.has(version))) return null
  const added = [...versions].filter(version => !read.versions.has(version))
  if (added.length === 0) return read.events
  const files = added.map(version => join(folder, fileOf(version)))
  return mergeEvents(read.events, await reader.read(engine, files), kernel.tuples.whoToken)
}

/** Name of the file that a version is of. */
export function fileOf(version: string): string {
  return version.slice(0, version.lastIndexOf(' '))
}
