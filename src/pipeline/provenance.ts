import { join } from 'node:path'
import type { Engine } from '../sql/duckdb.ts'
import { readStamp } from '../sql/stamp.ts'
import { listParquet, partition, readMetadata, type Workspace } from '../sql/workspace.ts'
import type { Model } from './models.ts'

/** What a day's scores and alerts were made with, kept in the footer of its scores: enough to make them again, or to say why not. */
export interface Provenance {
  /** name@version. */
  readonly model: string
  readonly contentId: string
  readonly budgetPerDay: number
  /** Whether the model's filter was applied: without one, or switched off, it was not. */
  readonly isFiltered: boolean
  /** Stamp of the features that were read. */
  readonly featureStamp: string
}

/** Under which a day's scores name the activity that they were made of: later events change it. */
export const ACTIVITY_STAMP = 'keyhound.activity_stamp'

/** Under which they name the moment up to which the log was scored, traffic or none. */
export const SCORED_TO = 'keyhound.scored_to'

/** The file of a day's scores. */
export const scoresFile = (workspace: Workspace, day: string): string =>
  join(partition(workspace.scores, day), 'scores.parquet')

/** `name@version`. */
export const referenceOf = ({ manifest }: Pick<Model, 'manifest'>): string =>
  `${manifest.name}@${manifest.version}`

/** What the footer of a day's scores is to hold. */
export function provenanceMetadata(
  workspace: Workspace,
  day: string,
  { model, budgetPerDay }: { readonly model: Model; readonly budgetPerDay: number },
  scoredTo: Date,
): Record<string, string> {
  return {
    [SCORED_TO]: scoredTo.toISOString(),
    'keyhound.model': referenceOf(model),
    'keyhound.content_id': model.manifest.contentId,
    'keyhound.budget_per_day': String(budgetPerDay),
    'keyhound.filter': model.filter === null ? 'off' : 'on',
    'keyhound.feature_stamp': readStamp(partition(workspace.features, day)) ?? '',
    [ACTIVITY_STAMP]: readStamp(partition(workspace.activity, day)) ?? '',
  }
}

/** What a day's scores say that they were made with; null where there are none, or none that say it. */
export async function readProvenance(
  engine: Engine,
  workspace: Workspace,
  day: string,
): Promise<Provenance | null> {
  const file = scoresFile(workspace, day)
  if (!listParquet(partition(workspace.scores, day)).includes(file)) return null
  const metadata = await readMetadata(engine, file)
  const contentId = metadata.get('keyhound.content_id')
  if (contentId === undefined) return null
  return {
    model: metadata.get('keyhound.model')!,
    contentId,
    budgetPerDay: Number(metadata.get('keyhound.budget_per_day')),
    isFiltered: metadata.get('keyhound.filter') === 'on',
    featureStamp: metadata.get('keyhound.feature_stamp')!,
  }
}
