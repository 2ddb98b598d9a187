import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { listParquet, listPartitions, partition, type Workspace } from '../sql/workspace.ts'

/**
 * Removes what version 0.1 kept of activity and history: slots, tails, notes of what was counted, and logs as Parquet. To be called when
 * what replaces it is published. The slots go last, since they tell that there is something left to remove.
 */
export function removeOldLayout(workspace: Workspace): void {
  const old = (name: string) => join(workspace.activity, '..', name)
  if (!existsSync(old('slots'))) return
  for (const day of listPartitions(workspace.history))
    for (const file of listParquet(partition(workspace.history, day))) rmSync(file)
  for (const day of listPartitions(workspace.activity))
    rmSync(join(partition(workspace.activity, day), '.made.json'), { force: true })
  for (const name of ['tails', 'slots']) rmSync(old(name), { recursive: true, force: true })
}
