import { buildActivity, staleActivityDays } from '../activity/activity.ts'
import { buildFeatures, type Rulings, staleFeatureDays } from '../features/features.ts'
import type { HeldDay } from '../features/held.ts'
import { KeyhoundError } from '../lib/errors.ts'
import { fitThreads } from '../sql/threads.ts'
import { listDays, listParquet, partition } from '../sql/workspace.ts'
import { readLinkDecisions } from '../state/lineage.ts'
import type { Context } from './context.ts'
import { readHeld } from './held.ts'

export interface PrepareOptions {
  /** UTC day up to which features are made, inclusive. @default all */
  readonly until?: string
  /** Token-days that the baselines may not learn from yet. @default those of published alerts */
  readonly held?: readonly HeldDay[]
}

/** Brings counts, facets and features up to date with the events: only days that changed, or whose past did. */
export async function prepare(context: Context, options: PrepareOptions = {}): Promise<void> {
  const { engine, workspace } = context
  const days = listDays(workspace.events)
  if (days.length === 0) {
    throw new KeyhoundError(
      'not-found',
      `no events in ${workspace.events}. Bring logs in first: keyhound ingest PATH --workspace ${workspace.root}`,
    )
  }
  const activityDays = staleActivityDays(workspace)
  const held = options.held ?? (await readHeld(context))
  const until = options.until ?? days.at(-1)!
  const rulings = { held, links: await readLinkDecisions(workspace) }
  const stale = await staleFeatureDays(workspace, rulings)
  if (activityDays.length === 0 && stale.every(day => day > until)) return
  const events = days.flatMap(day => listParquet(partition(workspace.events, day)))
  await fitThreads(engine, events, async () => {
    await makeActivity(context, activityDays)
    await makeFeatures(context, until, rulings)
  })
}

async function makeActivity({ engine, workspace, progress }: Context, days: readonly string[]) {
  if (days.length === 0) return
  progress.start('activity', days.length)
  for (const day of days) {
    await buildActivity(engine, workspace, day)
    progress.step(1, day)
  }
  progress.done()
}

async function makeFeatures(
  { engine, workspace, progress }: Context,
  until: string,
  rulings: Rulings,
): Promise<void> {
  const days = (await staleFeatureDays(workspace, rulings)).filter(day => day <= until)
  if (days.length === 0) return
  progress.start('features', days.length)
  await buildFeatures(engine, workspace, days, day => progress.step(1, day), rulings)
  progress.done()
}
