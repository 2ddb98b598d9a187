import { fitForest } from '../detectors/isolation-forest/fit.ts'
import { fitPermissionClusters, type PermissionClusters } from '../detectors/permission-clusters/model.ts'
import { scoreViolations } from '../detectors/permission-clusters/violations.ts'
import { fitTails, scoreTails, type TailModel } from '../detectors/tail-surprise/tail-surprise.ts'
import { timestampLiteral } from '../engine/duckdb.ts'
import { type Matrix, selectColumns, setColumn } from '../lib/matrix.ts'
import type { Config } from '../schema/config.ts'
import { type Detectors, FOREST_FEATURES, modelOutputs } from '../scoring.ts'
import type { WindowBatch } from './batch.ts'
import type { Context } from './context.ts'
import type { Misuse } from './misuse.ts'
import { readUse } from './use.ts'

/** What the models learn from. */
export interface TrainingData {
  /** Days of the training period: their use of permissions is learned. */
  readonly days: readonly string[]
  /** Days whose token-hours `windows` were taken from. */
  readonly fitDays: readonly string[]
  /** Condition over the key columns that bounds the period. */
  readonly where: string
  readonly misuse: Misuse
  /** Token-hours without known misuse. */
  readonly windows: WindowBatch
}

export interface FittedModels extends Pick<Detectors, 'forest' | 'clusters'> {
  readonly tails: TailModel
  /** Of the training token-hours: (rows, features whose upper tail is suspicious and MODEL_COLUMNS), nats. */
  readonly surprises: Matrix
}

/** Fits the forest, the permission clusters, and the tails of the features and of what both models say. */
export async function fitModels(
  { engine, workspace, progress }: Pick<Context, 'engine' | 'workspace' | 'progress'>,
  { days, fitDays, where, misuse, windows }: TrainingData,
  { seed, forest: forestOptions }: Pick<Config, 'forest'> & { seed: number },
): Promise<FittedModels> {
  const forest = fitForest(selectColumns(windows.features, FOREST_FEATURES), { ...forestOptions, seed })
  progress.step(1, 'forest')
  const clustersOf = async (some: readonly string[], bound: string) =>
    fitPermissionClusters(await readUse(engine, workspace, some, bound, misuse), { seed })
  const clusters = await clustersOf(days, where)
  const half = fitDays[Math.floor(fitDays.length / 2)]!
  const start = Date.parse(half)
  const middle = timestampLiteral(new Date(start))
  const early = days.filter(day => day < half)
  const late = days.filter(day => day >= half)
  const { table } = modelOutputs({ forest, clusters }, windows)
  if (early.length > 0 && late.length > 0) {
    const violation = crossFittedViolations(windows, start, {
      early: await clustersOf(early, `${where} AND window_start < ${middle}`),
      late: await clustersOf(late, `${where} AND window_start >= ${middle}`),
    })
    setColumn(table, 'violation', violation)
  }
  progress.step(1, 'permission clusters')
  const tails = fitTails(table)
  const surprises = scoreTails(tails, table)
  progress.step(1, 'tails')
  return { forest, clusters, tails, surprises }
}

/** A model judges what it learned from too kindly: the windows of each half are judged by the clusters of the other. */
function crossFittedViolations(
  { keys, use }: WindowBatch,
  middle: number,
  { early, late }: { early: PermissionClusters; late: PermissionClusters },
): Float64Array {
  const byEarly = scoreViolations(early, use).surprise
  const byLate = scoreViolations(late, use).surprise
  return byLate.map((surprise, row) => (keys.windowStart[row]! >= middle ? byEarly[row]! : surprise))
}
