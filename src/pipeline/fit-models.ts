import { fitForest } from '../detectors/isolation-forest/fit.ts'
import { fitPermissionClusters, type PermissionClusters } from '../detectors/permission-clusters/model.ts'
import { fitTails, scoreTails, type TailModel } from '../detectors/tail-surprise/tail-surprise.ts'
import { timestampLiteral } from '../engine/duckdb.ts'
import { type Matrix, selectColumns } from '../lib/matrix.ts'
import type { Config } from '../schema/config.ts'
import { type Detectors, FOREST_FEATURES, modelOutputs } from '../scoring.ts'
import { selectWindows, type WindowBatch } from './batch.ts'
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
  // A model judges what it learned from too kindly: each half is judged by clusters of the other.
  const table =
    early.length === 0 || late.length === 0
      ? modelOutputs({ forest, clusters }, windows).table
      : crossFitted(windows, start, forest, {
          early: await clustersOf(early, `${where} AND window_start < ${middle}`),
          late: await clustersOf(late, `${where} AND window_start >= ${middle}`),
        })
  progress.step(1, 'permission clusters')
  const tails = fitTails(table)
  const surprises = scoreTails(tails, table)
  progress.step(1, 'tails')
  return { forest, clusters, tails, surprises }
}

/** Outputs of the models on windows in order of time, each half's permissions judged by the clusters of the other half. */
function crossFitted(
  windows: WindowBatch,
  middle: number,
  forest: Detectors['forest'],
  clusters: { early: PermissionClusters; late: PermissionClusters },
): Matrix {
  const isLate = (row: number) => windows.keys.windowStart[row]! >= middle
  const first = modelOutputs(
    { forest, clusters: clusters.late },
    selectWindows(windows, row => !isLate(row)),
  )
  const second = modelOutputs({ forest, clusters: clusters.early }, selectWindows(windows, isLate))
  const { names, cols } = first.table
  const data = new Float64Array(first.table.data.length + second.table.data.length)
  data.set(first.table.data)
  data.set(second.table.data, first.table.data.length)
  return { data, rows: first.table.rows + second.table.rows, cols, names }
}
