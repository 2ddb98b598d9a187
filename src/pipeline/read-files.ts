import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { getCheckpoint, getCheckpoints, setCheckpoint } from '../state/checkpoints.ts'
import { inTransaction, type State, withState } from '../state/state.ts'
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

/** Batches that were begun and never ended, as JSON. */
const BEGUN = 'ingest begun'

/** Notes that a batch is about to be put in place; answers those before it that were killed while they were. */
export async function beginBatch({ workspace, now }: Noting, batch: string): Promise<string[]> {
  return withState(workspace, async state => {
    const begun = await begunBatches(state)
    await setCheckpoint(state, BEGUN, JSON.stringify([...begun, batch]), now)
    return begun
  })
}

/** Notes which files were read; the batch is at its end, and those that it `replaced` are no more. All of it or nothing. */
export async function endBatch(
  { workspace, now }: Noting,
  versions: ReadonlyMap<string, string>,
  batch: string,
  replaced: readonly string[],
): Promise<void> {
  await withState(workspace, whole =>
    inTransaction(whole, async state => {
      for (const [path, version] of versions) await setCheckpoint(state, keyOf(path), version, now)
      const begun = await begunBatches(state)
      if (begun.length === 0) return
      const left = begun.filter(one => one !== batch && !replaced.includes(one))
      await setCheckpoint(state, BEGUN, JSON.stringify(left), now)
    }),
  )
}

async function begunBatches(state: State): Promise<string[]> {
  return JSON.parse((await getCheckpoint(state, BEGUN)) ?? '[]') as string[]
}

type Noting = Pick<Context, 'workspace' | 'now'>
