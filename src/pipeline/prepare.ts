import { buildActivity, staleActivityDays } from '../activity/activity.ts'
import { fitThreads } from '../engine/threads.ts'
import { listDays, listParquet, partition } from '../engine/workspace.ts'
import { buildFeatures, staleFeatureDays } from '../features/features.ts'
import { KeyhoundError } from '../lib/errors.ts'
import { readLinkDecisions } from '../state/lineage.ts'
import type { Context } from './context.ts'

/** Brings counts, facets and features up to date with the events: only days that changed, or whose past did. */
export async function prepare(context: Context): Promise<void> {
  const { engine, workspace } = context
  const days = listDays(workspace.events)
  if (days.length === 0) {
    throw new KeyhoundError(
      'not-found',
      `no events in ${workspace.events}. Bring logs in first: keyhound ingest PATH --workspace ${workspace.root}`,
    )
  }
  const events = days.flatMap(day => listParquet(partition(workspace.events, day)))
  await fitThreads(engine, events, () => makeStaleDays(context))
}

async function makeStaleDays({ engine, workspace, progress }: Context): Promise<void> {
  const activityDays = staleActivityDays(workspace)
  if (activityDays.length > 0) {
    progress.start('activity', activityDays.length)
    for (const day of activityDays) {
      await buildActivity(engine, workspace, day)
      progress.step(1, day)
    }
    progress.done()
  }
  const decisions = await readLinkDecisions(workspace)
  const featureDays = await staleFeatureDays(workspace, decisions)
  if (featureDays.length > 0) {
    progress.start('features', featureDays.length)
    await buildFeatures(engine, workspace, featureDays, day => progress.step(1, day), decisions)
    progress.done()
  }
}
