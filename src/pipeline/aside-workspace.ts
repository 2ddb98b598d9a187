import { copyFileSync, existsSync, linkSync, mkdirSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { staleActivityDays } from '../activity/activity.ts'
import { listDays, listParquet, openWorkspace, partition, type Workspace } from '../engine/workspace.ts'
import { type Rulings, staleFeatureDays } from '../features/features.ts'
import { prefixFile } from '../ingest/dictionaries.ts'
import { inventoryFile } from '../ingest/inventory.ts'

/** An empty workspace in `folder` that reads logs just as `workspace` would: the same key, inventory and learned paths. */
export function intakeOf(workspace: Workspace, folder: string): Workspace {
  const intake = { ...openWorkspace(folder), keyFile: workspace.keyFile }
  mkdirSync(join(folder, 'data'), { recursive: true })
  for (const fileOf of [inventoryFile, prefixFile]) {
    // A copy: what this reading learns is not published.
    if (existsSync(fileOf(workspace))) copyFileSync(fileOf(workspace), fileOf(intake))
  }
  return intake
}

/**
 * A workspace in `folder` that begins as `workspace` is: its state, models and alerts, and what it keeps of each day, by link. The
 * events of the days in `touched` are linked file by file, so that more can be put beside them; and whatever `prepare` would make
 * again is left out, so that making it publishes nothing.
 */
export async function asideOf(
  workspace: Workspace,
  folder: string,
  touched: readonly string[],
  rulings: Rulings,
): Promise<Workspace> {
  const { events, rejects, activity, facets, features, history } = openWorkspace(folder)
  const aside: Workspace = {
    ...workspace,
    root: folder,
    events,
    rejects,
    activity,
    facets,
    features,
    history,
  }
  const staleActivity = new Set([...staleActivityDays(workspace), ...touched])
  const staleFeatures = (await staleFeatureDays(workspace, rulings))[0]
  const firstStale = [...staleActivity, ...(staleFeatures === undefined ? [] : [staleFeatures])].sort()[0]!

  linkDays(workspace.events, aside.events, day => !touched.includes(day))
  for (const day of touched) linkFiles(partition(workspace.events, day), partition(aside.events, day))
  linkDays(workspace.activity, aside.activity, day => !staleActivity.has(day))
  linkDays(workspace.facets, aside.facets, day => !staleActivity.has(day))
  linkDays(workspace.features, aside.features, day => day < firstStale)
  linkDays(workspace.history, aside.history, day => day < firstStale)
  return aside
}

function linkDays(from: string, to: string, isWanted: (day: string) => boolean): void {
  mkdirSync(to, { recursive: true })
  // Junctions are what Windows lets everybody make; elsewhere the type is ignored.
  for (const day of listDays(from).filter(isWanted))
    symlinkSync(partition(from, day), partition(to, day), 'junction')
}

function linkFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const file of listParquet(from)) linkSync(file, join(to, basename(file)))
}
