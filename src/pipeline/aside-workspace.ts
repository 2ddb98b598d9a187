import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Rulings } from '../engine/rulings.ts'
import { staleFeatureDays } from '../engine/stamps.ts'
import type { Catalogue } from '../features/catalogue.ts'
import { prefixFile } from '../ingest/dictionaries.ts'
import { inventoryFile } from '../ingest/inventory.ts'
import { DAY_TABLES, listPartitions, openWorkspace, partition, type Workspace } from '../sql/workspace.ts'

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
 * A workspace in `folder` that begins as `workspace` is: its state, models and alerts, and what it keeps of each day, by link. What
 * belongs to the days in `touched` is linked file by file, so that more can be put beside it; and whatever `prepare` would make
 * again is left out, so that making it publishes nothing.
 */
export function asideOf(
  workspace: Workspace,
  folder: string,
  touched: readonly string[],
  { rulings, catalogue }: { readonly rulings: Rulings; readonly catalogue: Catalogue },
): Workspace {
  const { keyFile, stateFile, models, scores, alerts } = workspace
  // Only what is read and never made here is shared: a folder that is not named lies in the new place.
  const own = openWorkspace(folder, workspace.stateDatabase)
  const aside: Workspace = { ...own, keyFile, stateFile, models, scores, alerts }
  const staleFeatures = staleFeatureDays(workspace, rulings, catalogue)[0]
  const firstStale = [...touched, staleFeatures ?? '9999-12-31'].sort()[0]!

  link(workspace.events, aside.events, touched, () => true)
  for (const table of DAY_TABLES) link(workspace[table], aside[table], [], day => day < firstStale)
  return aside
}

/** Links days as they are, and file by file those that will be added to: what is published there replaces the link, not the file. */
function link(from: string, to: string, byFile: readonly string[], isWanted: (day: string) => boolean): void {
  mkdirSync(to, { recursive: true })
  for (const day of listPartitions(from).filter(isWanted)) {
    if (byFile.includes(day)) linkFiles(partition(from, day), partition(to, day))
    // Junctions are what Windows lets everybody make; elsewhere the type is ignored.
    else symlinkSync(partition(from, day), partition(to, day), 'junction')
  }
}

function linkFiles(from: string, to: string): void {
  mkdirSync(to)
  // Beside the tables lies what says what they were made from; what ends in .tmp is being written.
  for (const name of readdirSync(from).filter(one => !one.endsWith('.tmp')))
    linkSync(join(from, name), join(to, name))
}
