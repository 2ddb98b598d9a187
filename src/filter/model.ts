import { KeyhoundError } from '../lib/errors.ts'
import { type Matrix, selectRows } from '../lib/matrix.ts'
import { auroc, averagePrecision } from '../lib/metrics.ts'
import { createRandom, type Random } from '../lib/random.ts'
import { clamp, median } from '../lib/stats.ts'
import type { ChampionReport } from '../schema/model.ts'
import { alikeLogOdds } from './alike-prior.ts'
import { loadTensorFlow, type TensorFlow } from './backend.ts'
import { type Calibration, calibrate, fitCalibration } from './calibrate.ts'
import { type DenseLayer, mergeNets, netLogits } from './dense-net.ts'
import { groupedFolds } from './folds.ts'
import { fitStandardisation, inputsOf, type Standardisation, standardise } from './standardise.ts'
import { chooseThreshold } from './threshold.ts'
import { type NetOptions, trainNets } from './train-net.ts'

export interface FilterOptions extends Partial<NetOptions> {
  /** Default 1. */
  readonly seed?: number
  /** Parts of the cross-fitting, 2-20. Default 5. */
  readonly folds?: number
  /** Share of the alerts worth an analyst that suppression may lose, 0-1. Default 0.02. */
  readonly maxRecallLoss?: number
  /** Nets whose log-odds are averaged, each from other first weights and another order of rows. Default 5. */
  readonly members?: number
}

export interface FitFilterOptions extends FilterOptions {
  /** How much each row counts, > 0. Default 1. */
  readonly weights?: ArrayLike<number>
  /** Entity of each row: rows of one are never on both sides of a split. Default: each row its own. */
  readonly groups?: ArrayLike<number>
  /** Log-odds over the alert budget of each row before the filter: above 0 it is alerted. Default: 0. */
  readonly offsets?: ArrayLike<number>
  /** Moment of each row, any unit. Default: none, and no comparison over time. */
  readonly times?: ArrayLike<number>
}

/**
 * What the filter adds to the score: `net`, what a net learned from context and evidence, beside the verdicts on alike alerts;
 * `alike`, those alone; `score`, nothing: then it only knows below which score nothing was worth an analyst. With few labels the
 * simpler one is often the better judge.
 */
export type Learner = 'score' | 'alike' | 'net'

/** The false-positive filter: a plain value, applied without TensorFlow.js. */
export interface Filter {
  readonly standardisation: Standardisation
  readonly layers: readonly DenseLayer[]
  readonly learner: Learner
  /** Log-odds that an ordinary (median) alert gets, subtracted: such an alert keeps its risk. */
  readonly centre: number
  /** From log-odds (offset and filter together) to the probability that an alert is worth an analyst. */
  readonly calibration: Calibration
  /** Log-odds (offset and filter together) below which an alert is held back; within +-{@link MOST_LOG_ODDS}. */
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
  /** Of the alerts (rows above the line without the filter): share of the positives kept at the threshold. */
  readonly recall: number
  /** Share of positives among those kept. */
  readonly precision: number
  /** Share of their negatives suppressed: what the filter is for. */
  readonly suppressed: number
  /** Whether the positives suffice to bound the recall lost on new alerts. */
  readonly bounded: boolean
  /** Whether the filter orders alerts better than they were ordered without it; if not it should not be used. */
  readonly champion: ChampionReport
}

/** What the filter says of alerts, (rows) each. */
export interface FilterOutput {
  /** What the filter adds to the log-odds; 0 for an ordinary alert. */
  readonly logOdds: Float64Array
  /** Calibrated probability that the alert is worth an analyst. */
  readonly probability: Float64Array
}

/** Bound of a threshold: e^50 to 1 is beyond any alert. */
const MOST_LOG_ODDS = 50

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
  members: 5,
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
  const { learner, logOdds, champion } = chooseLearner(task)
  const total = withOffsets(task, logOdds)
  const calibration = fitCalibration(total, labels, options.weights)
  const probabilities = total.map(logit => calibrate(calibration, logit))
  // What is below the line is not shown anyway: only alerts can be lost.
  const alerted = Uint32Array.from(probabilities.keys()).filter(r => task.offsets[r]! >= 0)
  const ofAlerts = Float64Array.from(alerted, r => probabilities[r]!)
  const alertLabels = Float64Array.from(alerted, r => labels[r]!)
  const { threshold, bounded } = chooseThreshold(ofAlerts, alertLabels, task.options.maxRecallLoss)

  const everyRow = Uint32Array.from({ length: table.rows }, (_, r) => r)
  const net =
    learner === 'net'
      ? learn(task, everyRow, task.random.fork('final'))
      : { standardisation: fitStandardisation(table), layers: silentNet(fitStandardisation(table)) }
  const centre = median(ownLogOdds({ ...net, learner, centre: 0 }, table))
  // The final net's median is the zero of its log-odds; the cross-fitted ones have theirs.
  const shift = median(logOdds)
  return {
    ...net,
    learner,
    centre,
    calibration: { ...calibration, intercept: calibration.intercept + calibration.slope * shift },
    threshold: logOddsAt(calibration, threshold) - shift,
    metrics: {
      ...measureOrder(probabilities, labels),
      ...measureThreshold(ofAlerts, alertLabels, threshold),
      bounded,
      champion,
    },
    backend: task.tensorflow.backend,
    options: task.options,
  }
}

/** Log-odds that the calibration turns into a probability, bounded. */
function logOddsAt({ slope, intercept }: Calibration, probability: number): number {
  const logit = Math.log(probability / (1 - probability))
  const found = slope > 0 ? (logit - intercept) / slope : Number.NEGATIVE_INFINITY
  return clamp(found, -MOST_LOG_ODDS, MOST_LOG_ODDS)
}

interface Trial {
  readonly learner: Learner
  /** Cross-fitted, (rows). */
  readonly logOdds: Float64Array
  readonly champion: ChampionReport
}

/**
 * The learner that orders held-out alerts best by AUROC, which weighs the foot of the queue, where a filter holds back, as much as its head.
 * Only those stand for election that lower the average precision neither on other tokens nor on later alerts; `score`
 * changes no order and always does. A more complex one has to be better by 0.01.
 */
function chooseLearner(task: Task): Trial {
  let best = tryLearner(task, 'score', new Float64Array(task.table.rows))
  const candidates: [Learner, (canWin: (logOdds: Float64Array) => boolean) => Float64Array | null][] = [
    ['alike', () => alikeLogOdds(task.table)],
    ['net', canWin => crossFit(task, canWin)],
  ]
  for (const [learner, crossFitted] of candidates) {
    const { aurocFiltered } = best.champion
    const canWin = (logOdds: Float64Array) =>
      auroc(withOffsets(task, logOdds), task.labels) - aurocFiltered > LEAST_GAIN
    const logOdds = crossFitted(canWin)
    if (logOdds === null || !canWin(logOdds)) continue
    const trial = tryLearner(task, learner, logOdds)
    if (trial.champion.wins) best = trial
  }
  return best
}

function withOffsets({ offsets }: Task, logOdds: Float64Array): Float64Array {
  return logOdds.map((own, r) => own + offsets[r]!)
}

/** AUROC that a learner has to gain over a simpler one: less is within the noise of a week of verdicts. */
const LEAST_GAIN = 0.01

/** A learner's order against the one without, on rows that it had not seen: other tokens, and later ones. */
function tryLearner(task: Task, learner: Learner, logOdds: Float64Array): Trial {
  const { labels, offsets, times, table } = task
  const total = withOffsets(task, logOdds)
  const unfiltered = averagePrecision(offsets, labels)
  const filtered = averagePrecision(total, labels)
  const later = times === undefined ? null : laterPart(labels, times)
  let [laterUnfiltered, laterFiltered] = [null, null] as [number | null, number | null]
  if (later !== null) {
    const held = selectRows(table, later.after)
    const net =
      learner === 'net'
        ? learn(task, later.before, task.random.fork('later'))
        : { standardisation: fitStandardisation(held), layers: [] }
    const own = ownLogOdds({ ...net, learner, centre: 0 }, held)
    const heldLabels = Float64Array.from(later.after, r => labels[r]!)
    const before = Float64Array.from(later.after, r => offsets[r]!)
    laterUnfiltered = averagePrecision(before, heldLabels)
    laterFiltered = averagePrecision(
      own.map((logit, i) => logit + before[i]!),
      heldLabels,
    )
  }
  const wins = filtered >= unfiltered && (laterFiltered === null || laterFiltered >= laterUnfiltered!)
  const champion = {
    wins,
    learner,
    unfiltered,
    filtered,
    laterUnfiltered,
    laterFiltered,
    aurocUnfiltered: auroc(offsets, labels),
    aurocFiltered: auroc(total, labels),
  }
  return { learner, logOdds, champion }
}

/** Rows of the first three fifths of the period and of the rest; null where either part lacks a class. */
function laterPart(
  labels: ArrayLike<number>,
  times: ArrayLike<number>,
): { before: Uint32Array; after: Uint32Array } | null {
  const order = Array.from({ length: labels.length }, (_, r) => r).sort((a, b) => times[a]! - times[b]!)
  const cut = times[order[Math.floor(0.6 * order.length)]!]!
  const part = (isIn: (time: number) => boolean) => Uint32Array.from(order.filter(r => isIn(times[r]!)))
  const [before, after] = [part(time => time < cut), part(time => time >= cut)]
  const hasBoth = (rows: Uint32Array) => rows.some(r => labels[r] === 1) && rows.some(r => labels[r] === 0)
  return hasBoth(before) && hasBoth(after) ? { before, after } : null
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
  const task = await prepare(table, labels, options)
  const logits = withOffsets(task, crossFit(task, () => true)!)
  const calibration = fitCalibration(logits, labels, options.weights)
  return logits.map(logit => calibrate(calibration, logit))
}

/**
 * Judges alerts: `offsets` (rows) are their log-odds over the budget before the filter, 0 where left out. Columns are matched by
 * name, absent ones are unknown.
 */
export function applyFilter(filter: Filter, table: Matrix, offsets?: ArrayLike<number>): FilterOutput {
  const logOdds = ownLogOdds(filter, table)
  return {
    logOdds,
    probability: logOdds.map((own, r) => calibrate(filter.calibration, own + (offsets?.[r] ?? 0))),
  }
}

/** Log-odds by the verdicts on alike alerts, and by the net where it is used; (rows). */
function ownLogOdds(
  filter: Pick<Filter, 'standardisation' | 'layers' | 'learner' | 'centre'>,
  table: Matrix,
): Float64Array {
  if (filter.learner === 'score') return new Float64Array(table.rows).fill(-filter.centre)
  const alike = alikeLogOdds(table)
  const net = filter.learner === 'net' ? filterLogits(filter, table) : null
  return alike.map((own, r) => own + (net?.[r] ?? 0) - filter.centre)
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
  readonly offsets: Float64Array
  readonly times: ArrayLike<number> | undefined
  readonly options: Required<FilterOptions>
  readonly random: Random
}

async function prepare(table: Matrix, labels: ArrayLike<number>, options: FitFilterOptions): Promise<Task> {
  const { weights, groups, offsets, times, ...given } = options
  const resolved = { ...DEFAULTS, ...given }
  const random = createRandom(resolved.seed).fork('filter')
  return {
    tensorflow: await loadTensorFlow(),
    table,
    labels,
    weights,
    groups,
    offsets: Float64Array.from({ length: table.rows }, (_, r) => offsets?.[r] ?? 0),
    times,
    options: resolved,
    random,
  }
}

/** Standardises and trains on the given rows only: several nets, merged into one that says their mean. */
function learn(task: Task, picked: Uint32Array, random: Random): Pick<Filter, 'standardisation' | 'layers'> {
  const rows = selectRows(task.table, picked)
  const standardisation = fitStandardisation(rows)
  const labels = Float32Array.from(picked, r => task.labels[r]!)
  const alike = alikeLogOdds(rows)
  const training = {
    inputs: standardise(standardisation, rows),
    width: inputsOf(standardisation),
    labels,
    weights: balance(
      labels,
      Float64Array.from(picked, r => task.weights?.[r] ?? 1),
    ),
    offsets: Float32Array.from(picked, (r, i) => task.offsets[r]! + alike[i]!),
  }
  // The fewer rows, the simpler the net has to be.
  const options = { ...task.options, l2: task.options.l2 * Math.max(1, FULL_ROWS / picked.length) }
  const members = Array.from({ length: task.options.members }, (_, m) => random.fork('member', m))
  const nets = trainNets(task.tensorflow, training, options, members)
  return { standardisation, layers: mergeNets(nets) }
}

/** Rows from which on the weight of the squared kernels is the configured one; below it grows in inverse proportion. */
const FULL_ROWS = 500

/** A net that says 0: what a filter without a net is saved with. */
function silentNet(standardisation: Standardisation): DenseLayer[] {
  const inputs = inputsOf(standardisation)
  return [
    { inputs, units: 1, activation: 'sigmoid', kernel: new Float32Array(inputs), bias: new Float32Array(1) },
  ]
}

/** Weights of mean 1 under which both classes weigh the same; calibration restores the base rate afterwards. */
function balance(labels: Float32Array, weights: Float64Array): Float32Array {
  const sum = [0, 0]
  for (let r = 0; r < labels.length; r++) sum[labels[r]!] = sum[labels[r]!]! + weights[r]!
  return Float32Array.from(weights, (w, r) => (w * labels.length) / (2 * sum[labels[r]!]!))
}

/**
 * Log-odds that the filter with its net gives every row, each by a net that learned from the other folds. Null as soon as `canWin` denies
 * it of the folds so far with a perfect order of all other rows: the nets of those are not trained then.
 */
function crossFit(task: Task, canWin: (logOdds: Float64Array) => boolean): Float64Array | null {
  const { labels, groups, options, random } = task
  const fold = groupedFolds(labels, groups, options.folds, random.fork('folds'))
  const logits = Float64Array.from(fold, (_, r) => (labels[r] === 1 ? BEYOND_ALL : -BEYOND_ALL))
  const rows = Uint32Array.from({ length: fold.length }, (_, r) => r)
  for (let f = 0; f < options.folds; f++) {
    const held = rows.filter(r => fold[r] === f)
    if (held.length === 0) continue
    if (!canWin(logits)) return null
    const net = learn(
      task,
      rows.filter(r => fold[r] !== f),
      random.fork('fold', f),
    )
    ownLogOdds({ ...net, learner: 'net', centre: 0 }, selectRows(task.table, held)).forEach((logit, i) => {
      logits[held[i]!] = logit
    })
  }
  return logits
}

/** Log-odds of a row that is ordered right whatever the others have. */
const BEYOND_ALL = 1e300

function measureOrder(probabilities: Float64Array, labels: ArrayLike<number>) {
  const rows = labels.length
  let [positives, squares] = [0, 0]
  for (let r = 0; r < rows; r++) {
    if (labels[r] === 1) positives++
    squares += (probabilities[r]! - labels[r]!) ** 2
  }
  return {
    rows,
    positives,
    averagePrecision: averagePrecision(probabilities, labels),
    baseRate: positives / rows,
    brier: squares / rows,
  }
}

/** Of alerts only: those that lie above the line without the filter. */
function measureThreshold(probabilities: Float64Array, labels: ArrayLike<number>, threshold: number) {
  let [positives, kept, hits] = [0, 0, 0]
  for (let r = 0; r < labels.length; r++) {
    const keep = probabilities[r]! >= threshold
    if (labels[r] === 1) positives++
    if (keep) kept++
    if (keep && labels[r] === 1) hits++
  }
  const negatives = labels.length - positives
  return {
    recall: positives === 0 ? 1 : hits / positives,
    precision: kept === 0 ? 0 : hits / kept,
    suppressed: negatives === 0 ? 0 : 1 - (kept - hits) / negatives,
  }
}

function checkInput(
  table: Matrix,
  labels: ArrayLike<number>,
  { weights, groups, offsets, times }: FitFilterOptions,
): void {
  for (const [name, values] of Object.entries({ labels, weights, groups, offsets, times })) {
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
