import { fitForest } from '../detectors/isolation-forest/fit.ts'
import type { OwnDetector } from '../detectors/own-onnx/own-detector.ts'
import { fitPermissionClusters, type PermissionClusters } from '../detectors/permission-clusters/model.ts'
import type { UseTable } from '../detectors/permission-clusters/use-table.ts'
import { scoreViolations } from '../detectors/permission-clusters/violations.ts'
import { fitTails, scoreTails, type TailModel } from '../detectors/tail-surprise/tail-surprise.ts'
import { type Matrix, selectColumns, selectRows, setColumn } from '../lib/matrix.ts'
import type { Config } from '../schema/config.ts'
import { type Detectors, modelOutputs, readFeatures } from '../scoring/score-windows.ts'
import type { WindowBatch } from './batch.ts'
import type { Context } from './context.ts'
import type { HeldAlert } from './held.ts'
import type { Misuse } from './misuse.ts'
import { readDailyUse, useOf } from './use.ts'

/** Where the use of permissions is learned from. */
export interface PermissionPeriod {
  /** Days of the training period. */
  readonly days: readonly string[]
  /** Those of them whose token-hours the other models are fitted on. */
  readonly fitDays: readonly string[]
  /** Condition over the key columns that bounds the period. */
  readonly where: string
  readonly misuse: Misuse
  /** Alerts that nobody has cleared, whose token-hours show no usual permissions. */
  readonly held?: readonly HeldAlert[]
}

export interface PermissionModels {
  /** What the clusters were fitted on. */
  readonly use: UseTable
  readonly clusters: PermissionClusters
  /** Clusters of each half of the period, for judging the other half; null where a half has no days. */
  readonly halves: {
    /** First moment of the later half, ms since the epoch. */
    readonly middle: number
    readonly early: PermissionClusters
    readonly late: PermissionClusters
  } | null
}

export interface FittedModels extends Pick<Detectors, 'forest' | 'clusters' | 'own' | 'ownFeatures'> {
  readonly tails: TailModel
  /** Of the training token-hours: (rows, features whose upper tail is suspicious, MODEL_COLUMNS and the user's own), nats. */
  readonly surprises: Matrix
}

/** Fits the permission clusters of the period and of its halves, on use that is read once. Comes before the token-hours are read: both at once need twice the memory. */
export async function fitPermissions(
  { engine, workspace }: Pick<Context, 'engine' | 'workspace'>,
  { days, fitDays, where, misuse, held }: PermissionPeriod,
  seed: number,
): Promise<PermissionModels> {
  const daily = await readDailyUse(engine, workspace, days, where, misuse, held)
  const use = useOf(daily)
  const clusters = fitPermissionClusters(use, { seed })
  // How steady those of a half are is told nowhere.
  const clustersOf = (half: UseTable) => fitPermissionClusters(half, { seed, stabilityRounds: 0 })
  const half = fitDays[Math.floor(fitDays.length / 2)]!
  if (days.every(day => day >= half) || days.every(day => day < half)) return { use, clusters, halves: null }
  const middle = Date.parse(half)
  return {
    use,
    clusters,
    halves: {
      middle,
      early: clustersOf(useOf(daily, { until: middle })),
      late: clustersOf(useOf(daily, { from: middle })),
    },
  }
}

/**
 * Fits the forest, and the tails of the features and of what both models say, on token-hours without known misuse. Those that are
 * held (1 in `isHeld`, one a row) are judged like the others, but nothing is fitted on them.
 */
export function fitModels(
  windows: WindowBatch,
  { clusters, halves }: PermissionModels,
  { seed, forest: forestOptions }: Pick<Config, 'forest'> & { seed: number },
  isHeld?: Uint8Array,
  own: readonly OwnDetector[] = [],
): FittedModels {
  const learned = (table: Matrix) =>
    isHeld?.includes(1)
      ? selectRows(
          table,
          [...isHeld.keys()].filter(row => isHeld[row] === 0),
        )
      : table
  const ownFeatures = windows.own.length === 0 ? {} : { ownFeatures: windows.own }
  const read = readFeatures(ownFeatures)
  const forest = fitForest(selectColumns(learned(windows.features), read.forest), {
    ...forestOptions,
    seed,
  })
  const { table } = modelOutputs({ forest, clusters, own, ...ownFeatures }, windows)
  if (halves !== null) setColumn(table, 'violation', crossFittedViolations(windows, halves))
  const tails = fitTails(learned(table))
  return {
    forest,
    clusters,
    ...(own.length > 0 && { own }),
    ...ownFeatures,
    tails,
    surprises: scoreTails(tails, table),
  }
}

/** A model judges what it learned from too kindly: the windows of each half are judged by the clusters of the other. */
function crossFittedViolations(
  { keys, use }: WindowBatch,
  { middle, early, late }: NonNullable<PermissionModels['halves']>,
): Float64Array {
  const byEarly = scoreViolations(early, use).surprise
  const byLate = scoreViolations(late, use).surprise
  return byLate.map((surprise, row) => (keys.windowStart[row]! >= middle ? byEarly[row]! : surprise))
}
