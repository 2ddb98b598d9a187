import { buildFeatures } from '../engine/build-features.ts'
import type { HeldDay } from '../engine/rulings.ts'
import { staleDays, stampsByDay } from '../engine/stamps.ts'
import { workspaceKey } from '../ingest/identity.ts'
import { KeyhoundError } from '../lib/errors.ts'
import { fitThreads } from '../sql/threads.ts'
import { listDays, listParquet, partition } from '../sql/workspace.ts'
import { readLinkDecisions } from '../state/lineage.ts'
import type { Context } from './context.ts'
import { readHeld } from './held.ts'
import { catalogueOf } from './own-features.ts'

export interface PrepareOptions {
  /** UTC day up to which features are made, inclusive. @default all */
  readonly until?: string
  /** Token-days that the baselines may not learn from yet. @default those of published alerts */
  readonly held?: readonly HeldDay[]
}

/** Brings features, counts and the history up to date with the events: only days that changed, or whose past did. */
export async function prepare(context: Context, options: PrepareOptions = {}): Promise<void> {
  const { engine, workspace, progress } = context
  const known = listDays(workspace.events)
  if (known.length === 0) {
    throw new KeyhoundError(
      'not-found',
      `no events in ${workspace.events}. Bring logs in first: keyhound ingest PATH --workspace ${workspace.root}`,
    )
  }
  const until = options.until ?? known.at(-1)!
  const held = options.held ?? (await readHeld(context))
  const rulings = { held, links: await readLinkDecisions(workspace) }
  const catalogue = catalogueOf(context)
  const stamps = stampsByDay(workspace, rulings, catalogue)
  const days = staleDays(workspace, stamps).filter(day => day <= until)
  if (days.length === 0) return
  const events = days.flatMap(day => listParquet(partition(workspace.events, day)))
  progress.start('features', days.length)
  await fitThreads(engine, events, () =>
    buildFeatures(engine, workspace, days, {
      key: workspaceKey(workspace),
      rulings,
      catalogue,
      stamps,
      onDay: day => progress.step(1, day),
      onRebuild: first =>
        progress.say(`history missing or damaged: made again from the events of ${first} on`),
    }),
  )
  progress.done()
}
