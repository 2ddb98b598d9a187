import type { Forest } from './detectors/isolation-forest/forest.ts'
import { scoreForest } from './detectors/isolation-forest/score.ts'
import type { PermissionClusters } from './detectors/permission-clusters/model.ts'
import type { WindowUse } from './detectors/permission-clusters/use-table.ts'
import { scoreViolations } from './detectors/permission-clusters/violations.ts'
import { SIGNALS } from './detectors/signals/catalogue.ts'
import { scoreSignals } from './detectors/signals/signals.ts'
import { scoreTails, surpriseOf, type Tail, type TailModel } from './detectors/tail-surprise/tail-surprise.ts'
import { FEATURES } from './features/catalogue.ts'
import { createMatrix, type Matrix, selectColumns } from './lib/matrix.ts'
import { type Combination, combineRows } from './risk/combine.ts'

/** Everything that turns features into scores; a plain value, loaded once. */
export interface Detectors {
  readonly tails: TailModel
  readonly forest: Forest
  readonly clusters: PermissionClusters
  /** Tails of the detectors' raw evidence in training: makes nats of one as rare as nats of another. */
  readonly evidenceTails: TailModel
  readonly combination: Combination
  /** Tail of the highest score of a token-day in training. */
  readonly scoreTail: Tail
  /** Token-days of a day in training. */
  readonly tokenDaysPerDay: number
}

/** Token-hours to score, row for row. */
export interface Windows {
  /** (rows, features of the catalogue); columns are found by name. */
  readonly features: Matrix
  /** Operations and scopes used. */
  readonly use: WindowUse
}

/** What scoring finds, row for row with the batch. */
export interface Scored {
  /** Higher = more anomalous. */
  readonly score: Float64Array
  /** Alerts a day that a threshold at this score would have raised in training. */
  readonly alertsPerDay: Float64Array
  /** (rows, detectors), calibrated surprise in nats. */
  readonly evidence: Matrix
  /** (rows, features), tail surprise of each feature in nats. */
  readonly surprises: Matrix
  /** Item outside the expected use that weighed most, per row; null where none. */
  readonly worstItem: readonly (string | null)[]
}

export const FOREST_DETECTOR = 'isolation_forest'
export const CLUSTER_DETECTOR = 'permission_clusters'
export const TAIL_DETECTOR = 'tail_surprise'

/** Names of the detectors, in the order of the `detector_*` columns. */
export const DETECTOR_NAMES: readonly string[] = [
  ...SIGNALS.map(signal => signal.name),
  FOREST_DETECTOR,
  CLUSTER_DETECTOR,
  TAIL_DETECTOR,
]

/** Features whose upper tail is suspicious. */
export const WORSE_FEATURES = FEATURES.filter(feature => feature.higherIs === 'worse').map(
  feature => feature.name,
)

/** Features that the forest sees: all but context. */
export const FOREST_FEATURES = FEATURES.filter(feature => feature.higherIs !== 'context').map(
  feature => feature.name,
)

/** Column indices of the surprises, by feature group: one group's facts count once. */
const GROUP_COLUMNS: readonly (readonly number[])[] = [...new Set(FEATURES.map(feature => feature.group))]
  .map(group =>
    WORSE_FEATURES.flatMap((name, i) => (FEATURES.find(f => f.name === name)!.group === group ? [i] : [])),
  )
  .filter(columns => columns.length > 0)

/**
 * Evidence of every detector before calibration: (rows, detectors).
 */
export function rawEvidence(
  detectors: Pick<Detectors, 'tails' | 'forest' | 'clusters'>,
  { features, use }: Windows,
): { raw: Matrix; surprises: Matrix; worstItem: (string | null)[] } {
  const surprises = scoreTails(detectors.tails, features)
  const signals = scoreSignals(SIGNALS, surprises)
  const forest = scoreForest(detectors.forest, selectColumns(features, FOREST_FEATURES))
  const violations = scoreViolations(detectors.clusters, use)
  const raw = createMatrix(features.rows, DETECTOR_NAMES)
  const first = SIGNALS.length
  for (let r = 0; r < raw.rows; r++) {
    const at = r * raw.cols
    for (let s = 0; s < first; s++) raw.data[at + s] = signals.data[r * signals.cols + s]!
    raw.data[at + first] = forest[r]!
    raw.data[at + first + 1] = violations.surprise[r]!
    raw.data[at + first + 2] = groupSurprise(surprises, r)
  }
  const worstItem = Array.from(violations.worst, item => (item < 0 ? null : use.items[item]!))
  return { raw, surprises, worstItem }
}

/** Sum over the feature groups of the group's largest surprise: broad evidence, one fact a group. */
function groupSurprise(surprises: Matrix, row: number): number {
  let sum = 0
  for (const columns of GROUP_COLUMNS) {
    let largest = 0
    for (const column of columns) largest = Math.max(largest, surprises.data[row * surprises.cols + column]!)
    sum += largest
  }
  return sum
}

/** Scores token-hours. The same rows give the same numbers to the last bit, however they are batched. */
export function scoreWindows(detectors: Detectors, windows: Windows): Scored {
  const { raw, surprises, worstItem } = rawEvidence(detectors, windows)
  const evidence = scoreTails(detectors.evidenceTails, raw)
  const score = combineRows(detectors.combination, evidence)
  const alertsPerDay = score.map(
    s => detectors.tokenDaysPerDay * Math.exp(-surpriseOf(detectors.scoreTail, s)),
  )
  return { score, alertsPerDay, evidence, surprises, worstItem }
}
