import type { Forest } from '../detectors/isolation-forest/forest.ts'
import { scoreForest } from '../detectors/isolation-forest/score.ts'
import { type OwnDetector, ownColumn, scoreOwn } from '../detectors/own-onnx/own-detector.ts'
import type { PermissionClusters } from '../detectors/permission-clusters/model.ts'
import type { WindowUse } from '../detectors/permission-clusters/use-table.ts'
import { scoreViolations } from '../detectors/permission-clusters/violations.ts'
import { SIGNALS } from '../detectors/signals/catalogue.ts'
import { scoreSignals } from '../detectors/signals/signals.ts'
import {
  fitTails,
  NATS_PER_NAT,
  scoreTails,
  surpriseOf,
  type Tail,
  type TailModel,
  valueAt,
} from '../detectors/tail-surprise/tail-surprise.ts'
import { FEATURES } from '../features/catalogue.ts'
import { createMatrix, type DoubleMatrix, type Matrix, selectColumns } from '../lib/matrix.ts'
import { type Combination, combineRows } from '../risk/combine.ts'
import type { Feature } from '../schema/features.ts'

/** Everything that turns features into scores; a plain value, loaded once. */
export interface Detectors {
  readonly forest: Forest
  readonly clusters: PermissionClusters
  /** The user's own models, judged like ours. @default none */
  readonly own?: readonly OwnDetector[]
  /** Own features that they were fitted on beside the built-in ones. @default none */
  readonly ownFeatures?: readonly Feature[]
  /** Upper tails of the features and of what the models say of a token-hour (MODEL_COLUMNS), in training. */
  readonly tails: TailModel
  /** Tails of the signals' raw evidence in training: makes nats of one as rare as nats of another. */
  readonly signalTails: TailModel
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

/** What scoring finds, row for row with the windows. */
export interface Scored {
  /** Log-odds of misuse up to a constant; higher = more anomalous. */
  readonly score: Float64Array
  /** Alerts a day that a threshold at this score would have raised in training. */
  readonly alertsPerDay: Float64Array
  /** (rows, DETECTOR_NAMES and the user's own), calibrated surprise in nats: each detector by itself. */
  readonly evidence: DoubleMatrix
  /** (rows, features, MODEL_COLUMNS and SPECIALIST), tail surprise in nats: what the score is the weighted sum of. */
  readonly surprises: DoubleMatrix
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

/** Names of a model's detectors: DETECTOR_NAMES, and the user's own after them. */
export function detectorNames({ own = [] }: Pick<Detectors, 'own'>): string[] {
  return [...DETECTOR_NAMES, ...own.map(one => ownColumn(one.spec))]
}

/**
 * What the models say of a token-hour, judged like features: forest score, use outside the expected. Items that nobody used in
 * training are left to `operation_surprise`, which knows how many took them up since: a release is not a theft.
 */
export const MODEL_COLUMNS = ['forest_score', 'violation'] as const

/** Source of evidence beside the features and models: the strongest signal of the token-hour, whichever it is. */
export const SPECIALIST = 'specialist'

/** Names of the features that detectors read. */
interface ReadFeatures {
  /** Those whose upper tail is suspicious. */
  readonly worse: readonly string[]
  /** Those that the forest sees: all but context. */
  readonly forest: readonly string[]
  /** Column indices of the surprises, by feature group: one group's facts count once. */
  readonly groups: readonly (readonly number[])[]
}

const BUILT_IN_READ = readOf(FEATURES)

/** Built-in features whose upper tail is suspicious. */
export const WORSE_FEATURES = BUILT_IN_READ.worse

/** Built-in features that the forest sees. */
export const FOREST_FEATURES = BUILT_IN_READ.forest

/** Which features detectors read: the built-in ones, and own features after them. */
export function readFeatures({ ownFeatures = [] }: Pick<Detectors, 'ownFeatures'>): ReadFeatures {
  return ownFeatures.length === 0 ? BUILT_IN_READ : readOf([...FEATURES, ...ownFeatures])
}

function readOf(features: readonly Feature[]): ReadFeatures {
  const worse = features.filter(feature => feature.higherIs === 'worse')
  return {
    worse: worse.map(feature => feature.name),
    forest: features.filter(feature => feature.higherIs !== 'context').map(feature => feature.name),
    groups: [...new Set(worse.map(feature => feature.group))].map(group =>
      worse.flatMap((feature, i) => (feature.group === group ? [i] : [])),
    ),
  }
}

/** Features whose tail is suspicious beside the models' outputs: (rows, features that are worse when higher, MODEL_COLUMNS and the user's own), and the worst items. */
export function modelOutputs(
  { forest, clusters, own = [], ...rest }: Pick<Detectors, 'forest' | 'clusters' | 'own' | 'ownFeatures'>,
  { features, use }: Windows,
): { table: Matrix; worstItem: (string | null)[] } {
  const read = readFeatures(rest)
  const violations = scoreViolations(clusters, use)
  const outputs = [
    scoreForest(forest, selectColumns(features, read.forest)),
    violations.surprise,
    ...own.map(one => scoreOwn(one, features)),
  ]
  const worse = selectColumns(features, read.worse)
  const table = createMatrix(features.rows, [
    ...read.worse,
    ...MODEL_COLUMNS,
    ...own.map(one => ownColumn(one.spec)),
  ])
  for (let r = 0; r < table.rows; r++) {
    table.data.set(worse.data.subarray(r * worse.cols, (r + 1) * worse.cols), r * table.cols)
    outputs.forEach((output, o) => {
      table.data[r * table.cols + worse.cols + o] = output[r]!
    })
  }
  const worstItem = Array.from(violations.worst, item => (item < 0 ? null : use.items[item]!))
  return { table, worstItem }
}

/** Raw evidence of the signals and, last, of the catalogue as a whole: (rows, signals and TAIL_DETECTOR). */
export function signalEvidence(
  surprises: Matrix,
  detectors: Pick<Detectors, 'ownFeatures'> = {},
): DoubleMatrix {
  const { groups } = readFeatures(detectors)
  const signals = scoreSignals(SIGNALS, surprises)
  const raw = createMatrix(surprises.rows, [...signals.names, TAIL_DETECTOR])
  for (let r = 0; r < raw.rows; r++) {
    raw.data.set(signals.data.subarray(r * signals.cols, (r + 1) * signals.cols), r * raw.cols)
    raw.data[r * raw.cols + signals.cols] = groupSurprise(surprises, groups, r)
  }
  return raw
}

/** Tails of the signals' evidence in training; nats of it are worth at most a nat each. */
export function fitSignalTails(surprises: Matrix, detectors: Pick<Detectors, 'ownFeatures'> = {}): TailModel {
  return fitTails(signalEvidence(surprises, detectors), () => NATS_PER_NAT)
}

/** Sum over the feature groups of the group's largest surprise: broad evidence, one fact a group. */
function groupSurprise(surprises: Matrix, groups: ReadFeatures['groups'], row: number): number {
  let sum = 0
  for (const columns of groups) {
    let largest = 0
    for (const column of columns) largest = Math.max(largest, surprises.data[row * surprises.cols + column]!)
    sum += largest
  }
  return sum
}

/** The surprises with one column more: what the strongest signal says, in its calibrated nats. */
export function addSpecialist(surprises: Matrix, signals: Matrix): DoubleMatrix {
  const chosen = SIGNALS.map(signal => signals.names.indexOf(signal.name))
  const out = createMatrix(surprises.rows, [...surprises.names, SPECIALIST])
  for (let r = 0; r < out.rows; r++) {
    out.data.set(surprises.data.subarray(r * surprises.cols, (r + 1) * surprises.cols), r * out.cols)
    let strongest = 0
    for (const column of chosen) strongest = Math.max(strongest, signals.data[r * signals.cols + column]!)
    out.data[r * out.cols + surprises.cols] = strongest
  }
  return out
}

/** Scores token-hours. The same rows give the same numbers to the last bit, however they are batched. */
export function scoreWindows(detectors: Detectors, windows: Windows): Scored {
  const { table, worstItem } = modelOutputs(detectors, windows)
  const tails = scoreTails(detectors.tails, table)
  const signals = scoreTails(detectors.signalTails, signalEvidence(tails, detectors))
  const surprises = addSpecialist(tails, signals)
  const evidence = createMatrix(table.rows, detectorNames(detectors))
  const sources = evidence.names.map(name => DETECTOR_SOURCES[name] ?? name)
  sources.forEach((source, d) => {
    const from = signals.names.includes(source) ? signals : surprises
    const column = from.names.indexOf(source)
    for (let r = 0; r < table.rows; r++)
      evidence.data[r * evidence.cols + d] = from.data[r * from.cols + column]!
  })
  const score = combineRows(detectors.combination, surprises)
  const alertsPerDay = score.map(s => alertsPerDayAt(detectors, s))
  return { score, alertsPerDay, evidence, surprises, worstItem }
}

/** Alerts a day that a threshold at a score would have raised in training. */
export function alertsPerDayAt(
  { scoreTail, tokenDaysPerDay }: Pick<Detectors, 'scoreTail' | 'tokenDaysPerDay'>,
  score: number,
): number {
  return tokenDaysPerDay * Math.exp(-surpriseOf(scoreTail, score))
}

/**
 * The score from which token-days came up `budgetPerDay` times a day in training: the threshold that an alert budget solves
 * to, before the filter. -Infinity when there are fewer token-days than budget, Infinity when no score is that rare.
 */
export function scoreThreshold(
  { scoreTail, tokenDaysPerDay }: Pick<Detectors, 'scoreTail' | 'tokenDaysPerDay'>,
  budgetPerDay: number,
): number {
  return valueAt(scoreTail, Math.log(tokenDaysPerDay / budgetPerDay))
}

/** Detectors that are one column of the surprises. */
const DETECTOR_SOURCES: Readonly<Record<string, string>> = {
  [FOREST_DETECTOR]: 'forest_score',
  [CLUSTER_DETECTOR]: 'violation',
}
