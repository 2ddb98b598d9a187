import type { Config } from '../../schema/config.ts'
import type { DigestFilter, DigestModel } from '../../schema/digest.ts'
import type { Context } from '../context.ts'
import { driftUpTo, type ModelDrift } from '../drift/drift.ts'
import { readFilterGuard } from '../filter-guard.ts'
import { loadModel, usedVersion } from '../models.ts'

const COLUMNS_TOLD = 5

/** The model that `score` uses, how far the log has moved from what it was trained on, and what its filter hides. */
export async function readModelState(
  context: Context,
  config: Config,
  lastScoredDay: string | undefined,
): Promise<{ model: DigestModel | null; filter: DigestFilter | null }> {
  const { workspace } = context
  if (usedVersion(workspace, 'default') === undefined) return { model: null, filter: null }
  const loaded = await loadModel(workspace)
  const { name, version, createdAt, training } = loaded.manifest
  const drift = lastScoredDay === undefined ? null : driftUpTo(context, loaded, lastScoredDay)
  const reference = `${name}@${version}`
  const guard = await readFilterGuard(context, reference, loaded.filter !== null, config.filter)
  const { model: _, limit: __, ...filter } = guard
  return {
    model: {
      model: reference,
      trainedFrom: training.from,
      trainedUntil: training.until,
      createdAt,
      hasFilter: loaded.filter !== null,
      drift: drift === null ? null : describe(drift, config),
    },
    filter,
  }
}

function describe(drift: ModelDrift, { drift: { warnAbove } }: Config): NonNullable<DigestModel['drift']> {
  return {
    from: drift.from,
    to: drift.to,
    weighted: drift.weighted,
    warnAbove,
    score: drift.score?.excess ?? null,
    isBeyond: drift.isBeyond,
    columns: drift.columns
      .filter(column => column.kind !== 'score' && column.excess > 0)
      .sort((a, b) => b.weight * b.excess - a.weight * a.excess || (a.name < b.name ? -1 : 1))
      .slice(0, COLUMNS_TOLD)
      .map(({ name, excess, level, trainingMedian, periodMedian }) => ({
        name,
        excess,
        level,
        trainingMedian,
        periodMedian,
      })),
  }
}
