import { KeyhoundError } from '../lib/errors.ts'
import { type Matrix, selectRows } from '../lib/matrix.ts'
import { averagePrecision } from '../lib/metrics.ts'
import { createRandom, type Random } from '../lib/random.ts'
import { loadTensorFlow, type TensorFlow } from './backend.ts'
import { type Calibration, calibrate, fitCalibration } from './calibrate.ts'
import { type DenseLayer, netLogits } from './dense-net.ts'
import { groupedFolds } from './folds.ts'
import { fitStandardisation, inputsOf, type Standardisation, standardise } from './standardise.ts'
import { chooseThreshold } from './threshold.ts'
import { type NetOptions, trainNet } from './train-net.ts'

export interface FilterOptions extends Partial<NetOptions> {
  /** Default 1. */
  readonly seed?: number
  /** Parts of the cross-fitting, 2-20. Default 5. */
  readonly folds?: number
  /** Share of the alerts worth an analyst that suppression may lose, 0-1. Default 0.02. */
  readonly maxRecallLoss?: number
}

export interface FitFilterOptions extends FilterOptions {
  /** How much each row counts, > 0. Default 1. */
  readonly weights?: ArrayLike<number>
  /** Entity of each row: rows of one are never on both sides of a split. Default: each row its own. */
  readonly groups?: ArrayLike<number>
}

/** The false-positive filter: a plain value, applied without TensorFlow.js. */
export interface Filter {
  readonly standardisation: Standardisation
  readonly layers: readonly DenseLayer[]
  readonly calibration: Calibration
  /** An alert whose probability is below is suppressed. */
  readonly threshold: number
  readonly metrics: FilterMetrics
  /** Of TensorFlow.js, on which it was trained: backends differ in the seventh digit. */
  readonly backend: string
  readonly options: Required<FilterOptions>
}

/** Measured on rows that the judging net had not seen (out of fold). */
export interface FilterMetrics {
  readonly rows: number
  readonly positives: number
  readonly averagePrecision: number
  /** Share of positives: what a random order would reach. */
  readonly baseRate: number
  /** Mean squared error of the calibrated probability. */
  readonly brier: number
  /** Share of the positives kept at the threshold. */
  readonly recall: number
  /** Share of positives among those kept. */
  readonly precision: number
  /** Share of the negatives suppressed: what the filter is for. */
  readonly suppressed: number
  /** Whether the positives suffice to bound the recall lost on new alerts. */
  readonly bounded: boolean
}

/** Fewer labels than this teach a net nothing that holds on new alerts. */
export const FEWEST_ROWS = 30
export const FEWEST_OF_A_CLASS = 5

/**
 * Defaults: 32-16 units as PERFORMANCE.md measured; the rest by cross-validation on github_bot_accounts, where weighted F1 stayed
 * within 0.896-0.907 over 40-80 epochs, l2 0.003-0.006, dropout 0.2-0.3 and up to 64-32 units (two seeds each): no fine tuning.
 */
const DEFAULTS: Required<FilterOptions> = {
  hidden: [32, 16],
  epochs: 40,
  learningRate: 0.01,
  l2: 0.003,
  inputDropout: 0.2,
  seed: 1,
  folds: 5,
  maxRecallLoss: 0.02,
}

/** Why a filter cannot be trained on these labels, in a sentence for the user; null when it can. */
export function canTrain(labels: ArrayLike<number>, groups?: ArrayLike<number>): string | null {
  const rows = labels.length
  const positive: number[] = []
  const negative: number[] = []
  for (let r = 0; r < rows; r++) (labels[r] === 1 ? positive : negative).push(r)
  if (rows < FEWEST_ROWS) return `${rows} labelled alerts; a filter needs at least ${FEWEST_ROWS}`
  for (const [members, what] of [
    [positive, 'worth an analyst'],
    [negative, 'not worth one'],
  ] as const) {
    if (members.length < FEWEST_OF_A_CLASS)
      return `${members.length} labelled alerts ${what}; a filter needs at least ${FEWEST_OF_A_CLASS}`
    if (groups && new Set(members.map(r => groups[r])).size < 2)
      return `all labelled alerts ${what} belong to one entity; a filter needs at least 2`
  }
  return null
}

/**
 * Trains the filter on labelled alerts: `table` (alerts, cols) of detector scores and context (NaN = unknown), `labels` 1 worth an
 * analyst, 0 not. Calibration, threshold and metrics come from cross-fitting by groups; the net itself then learns from all rows.
 * Null when {@link canTrain} says why not. Throws KeyhoundError 'bad-input' for labels or weights that do not fit.
 */
export async function fitFilter(
  table: Matrix,
  labels: ArrayLike<number>,
  options: FitFilterOptions = {},
): Promise<Filter | null> {
  checkInput(table, labels, options)
  if (canTrain(labels, options.groups) !== null) return null
  const task = await prepare(table, labels, options)
  const logits = crossFit(task)
  const calibration = fitCalibration(logits, labels, options.weights)
  const probabilities = logits.map(logit => calibrate(calibration, logit))
  const { threshold, bounded } = chooseThreshold(probabilities, labels, task.options.maxRecallLoss)

  const everyRow = Uint32Array.from({ length: table.rows }, (_, r) => r)
  return {
    ...learn(task, everyRow, task.random.fork('final')),
    calibration,
    threshold,
    metrics: { ...measure(probabilities, labels, threshold), bounded },
    backend: task.tensorflow.backend,
    options: task.options,
  }
}

/**
 * Out-of-fold probabilities, (rows): each alert judged by a net that learned from other entities only. What {@link fitFilter}
 * measures on, for reports and comparisons. Null and errors as there.
 */
export async function crossFitFilter(
  table: Matrix,
  labels: ArrayLike<number>,
  options: FitFilterOptions = {},
): Promise<Float64Array | null> {
  checkInput(table, labels, options)
  if (canTrain(labels, options.groups) !== null) return null
  const logits = crossFit(await prepare(table, labels, options))
  const calibration = fitCalibration(logits, labels, options.weights)
  return logits.map(logit => calibrate(calibration, logit))
}

/** Calibrated probability that each alert is worth an analyst, (rows); columns are matched by name, absent ones are unknown. */
export function applyFilter(filter: Filter, table: Matrix): Float64Array {
  return filterLogits(filter, table).map(logit => calibrate(filter.calibration, logit))
}

/** What the net says before calibration, (rows). */
export function filterLogits(net: Pick<Filter, 'standardisation' | 'layers'>, table: Matrix): Float64Array {
  return netLogits(net.layers, standardise(net.standardisation, table), table.rows)
}

interface Task {
  readonly tensorflow: TensorFlow
  readonly table: Matrix
  readonly labels: ArrayLike<number>
  readonly weights: ArrayLike<number> | undefined
  readonly groups: ArrayLike<number> | undefined
  readonly options: Required<FilterOptions>
  readonly random: Random
}

async function prepare(table: Matrix, labels: ArrayLike<number>, options: FitFilterOptions): Promise<Task> {
  const { weights, groups, ...given } = options
  const resolved = { ...DEFAULTS, ...given }
  const random = createRandom(resolved.seed).fork('filter')
  return { tensorflow: await loadTensorFlow(), table, labels, weights, groups, options: resolved, random }
}

/** Standardises and trains on the given rows only. */
function learn(task: Task, picked: Uint32Array, random: Random): Pick<Filter, 'standardisation' | 'layers'> {
  const rows = selectRows(task.table, picked)
  const standardisation = fitStandardisation(rows)
  const labels = Float32Array.from(picked, r => task.labels[r]!)
  const layers = trainNet(
    task.tensorflow,
    {
      inputs: standardise(standardisation, rows),
      width: inputsOf(standardisation),
      labels,
      weights: balance(
        labels,
        Float64Array.from(picked, r => task.weights?.[r] ?? 1),
      ),
    },
    task.options,
    random,
  )
  return { standardisation, layers }
}

/** Weights of mean 1 under which both classes weigh the same; calibration restores the base rate afterwards. */
function balance(labels: Float32Array, weights: Float64Array): Float32Array {
  const sum = [0, 0]
  for (let r = 0; r < labels.length; r++) sum[labels[r]!] = sum[labels[r]!]! + weights[r]!
  return Float32Array.from(weights, (w, r) => (w * labels.length) / (2 * sum[labels[r]!]!))
}

/** Logits of every row, each by a net that learned from the other folds. */
function crossFit(task: Task): Float64Array {
  const { labels, groups, options, random } = task
  const fold = groupedFolds(labels, groups, options.folds, random.fork('folds'))
  const logits = new Float64Array(fold.length)
  const rows = Uint32Array.from({ length: fold.length }, (_, r) => r)
  for (let f = 0; f < options.folds; f++) {
    const held = rows.filter(r => fold[r] === f)
    if (held.length === 0) continue
    const net = learn(
      task,
      rows.filter(r => fold[r] !== f),
      random.fork('fold', f),
    )
    filterLogits(net, selectRows(task.table, held)).forEach((logit, i) => {
      logits[held[i]!] = logit
    })
  }
  return logits
}

function measure(probabilities: Float64Array, labels: ArrayLike<number>, threshold: number) {
  const rows = labels.length
  let [positives, kept, hits, squares] = [0, 0, 0, 0]
  for (let r = 0; r < rows; r++) {
    const positive = labels[r] === 1
    const keep = probabilities[r]! >= threshold
    if (positive) positives++
    if (keep) kept++
    if (keep && positive) hits++
    squares += (probabilities[r]! - labels[r]!) ** 2
  }
  return {
    rows,
    positives,
    averagePrecision: averagePrecision(probabilities, labels),
    baseRate: positives / rows,
    brier: squares / rows,
    recall: hits / positives,
    precision: kept === 0 ? 0 : hits / kept,
    suppressed: 1 - (kept - hits) / (rows - positives),
  }
}

function checkInput(
  table: Matrix,
  labels: ArrayLike<number>,
  { weights, groups }: Pick<FitFilterOptions, 'weights' | 'groups'>,
): void {
  for (const [name, values] of Object.entries({ labels, weights, groups })) {
    if (values && values.length !== table.rows)
      throw new KeyhoundError('bad-input', `filter: ${values.length} ${name} for ${table.rows} alerts`)
  }
  for (let r = 0; r < labels.length; r++) {
    if (labels[r] !== 0 && labels[r] !== 1)
      throw new KeyhoundError('bad-input', `filter: label ${labels[r]} of alert ${r} is neither 0 nor 1`)
    if (weights && !(weights[r]! > 0))
      throw new KeyhoundError('bad-input', `filter: weight ${weights[r]} of alert ${r} is not above 0`)
  }
}
