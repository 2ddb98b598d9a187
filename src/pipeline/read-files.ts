import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { getCheckpoints, setCheckpoint } from '../state/checkpoints.ts'
import { withState } from '../state/state.ts'
import type { Context } from './context.ts'

const keyOf = (path: string) => `ingested ${resolve(path)}`

/** Size and moment of the last change: what a file that was read before has kept, unless somebody wrote to it. */
function versionOf(path: string): string {
  const { size, mtimeMs } = statSync(path)
  return `${size} bytes, ${Math.round(mtimeMs)}`
}

/** Those of the files that were not read before, or changed since; with the version that they have now. */
export async function unreadFiles(
  { workspace }: Pick<Context, 'workspace'>,
  paths: readonly string[],
): Promise<string[]> {
  const known = await withState(workspace, state => getCheckpoints(state, paths.map(keyOf)))
  return paths.filter(path => known.get(keyOf(path)) !== versionOf(path))
}

/** What files are now, to be noted as read once their events are in place. */
export function versionsOf(paths: readonly string[]): Map<string, string> {
  return new Map(paths.map(path => [path, versionOf(path)]))
}

export async function noteRead(
  { workspace, now }: Pick<Context, 'workspace' | 'now'>,
  versions: ReadonlyMap<string, string>,
): Promise<void> {
  await withState(workspace, async state => {
    for (const [path, version] of versions) await setCheckpoint(state, keyOf(path), version, now)
  })
}
