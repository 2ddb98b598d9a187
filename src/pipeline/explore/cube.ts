import { statSync } from 'node:fs'
import type { Engine } from '../../sql/duckdb.ts'
import { listDays, listParquet, partition, type Workspace } from '../../sql/workspace.ts'
import type { Cube } from './explore.ts'
import { createDictionaries, readSegment, type Segment } from './segment.ts'

/**
 * Token-hours kept at most, the newest days: measured at about 100 bytes each with five operations an hour, 300 MB in all.
 * Days before these are left out, and the answer says how many.
 */
const MOST_WINDOWS = 3_000_000

/** Keeps the cube of a workspace up to date: days whose files changed are read anew, all others stay. */
export interface CubeKeeper {
  /** The cube of what is published now. */
  current(engine: Engine): Promise<Cube>
  /** Whether {@link current} would have nothing to read. */
  isCurrent(): boolean
}

export function keepCube(workspace: Workspace, mostWindows = MOST_WINDOWS): CubeKeeper {
  const dictionaries = createDictionaries()
  const known = new Map<string, { stamp: string; segment: Segment }>()
  let kept: { stamp: string; cube: Cube } | null = null
  return {
    isCurrent: () => kept?.stamp === workspaceStamp(workspace),
    async current(engine) {
      const stamp = workspaceStamp(workspace)
      if (kept?.stamp === stamp) return kept.cube
      const days = listDays(workspace.scores)
      for (const day of known.keys()) if (!days.includes(day)) known.delete(day)
      let windows = 0
      let first = days.length
      while (first > 0 && windows < mostWindows) {
        const day = days[first - 1]!
        const dayStamp = stampOfDay(workspace, day)
        let entry = known.get(day)
        if (entry?.stamp !== dayStamp) {
          entry = { stamp: dayStamp, segment: await readSegment(engine, workspace, day, dictionaries) }
          known.set(day, entry)
        }
        windows += entry.segment.rows
        // Whole days only; but the newest is never left out.
        if (windows > mostWindows && first < days.length) break
        first--
      }
      for (const day of days.slice(0, first)) known.delete(day)
      const segments = days.slice(first).map(day => known.get(day)!.segment)
      kept = { stamp, cube: { dictionaries, segments, daysLeftOut: first } }
      return kept.cube
    },
  }
}

function workspaceStamp(workspace: Workspace): string {
  return listDays(workspace.scores)
    .map(day => `${day} ${stampOfDay(workspace, day)}`)
    .join('\n')
}

/** Changes whenever a file of the day is published anew: that gives it another inode, time or size. */
function stampOfDay({ scores, activity, facets }: Workspace, day: string): string {
  return [scores, activity, facets]
    .flatMap(folder => listParquet(partition(folder, day)))
    .map(file => {
      const found = statSync(file, { throwIfNoEntry: false })
      return `${file} ${found?.ino} ${found?.mtimeMs} ${found?.size}`
    })
    .join('\n')
}
