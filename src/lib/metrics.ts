/**
 * How good a ranking is, how sure we are of it, and how far two samples lie apart. Higher score = more anomalous, everywhere.
 * Scores that tie are one step: neither the order of rows nor a sort decides between them. A score that is NaN ranks last.
 */
import type { Random } from './random.ts'
import { lowerBound, quantileSorted, sortedFinite } from './stats.ts'

/** Truth of each row: 1 or true is positive. */
export type Truth = ArrayLike<number | boolean>

/** Rows from the highest score to the lowest. Rank once, then evaluate under many weights. */
export interface Ranking {
  /** Row numbers by descending score, (n); rows that tie keep their order. */
  readonly order: Uint32Array
  /** The scores in that order, (n); NaN has become -Infinity. */
  readonly scores: Float64Array
}

export function rank(scores: ArrayLike<number>): Ranking {
  const n = scores.length
  const clean = new Float64Array(n)
  for (let i = 0; i < n; i++) clean[i] = Number.isNaN(scores[i]!) ? Number.NEGATIVE_INFINITY : scores[i]!
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  order.sort((a, b) => (clean[a]! === clean[b]! ? a - b : clean[b]! > clean[a]! ? 1 : -1))
  return { order, scores: Float64Array.from(order, row => clean[row]!) }
}

/**
 * Calls `visit` at the end of every run of tied scores, highest first, with the weight of positives and of negatives at or
 * above it; stops early when it answers false. `last` is the index, within the ranking, of the run's last row.
 */
function walk(
  { order, scores }: Ranking,
  labels: Truth,
  weights: ArrayLike<number> | undefined,
  visit: (positives: number, negatives: number, last: number) => boolean,
): void {
  let positives = 0
  let negatives = 0
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!
    const weight = weights === undefined ? 1 : weights[row]!
    if (labels[row]) positives += weight
    else negatives += weight
    if (i + 1 < order.length && scores[i + 1]! === scores[i]!) continue
    if (!visit(positives, negatives, i)) return
  }
}

/**
 * Area under the ROC curve: the probability that a positive outranks a negative, ties counting one half (Mann-Whitney U).
 * In [0, 1]; NaN when one of the classes is absent. As scikit-learn's `roc_auc_score`.
 */
export function auroc(scores: ArrayLike<number>, labels: Truth): number {
  return aurocOf(rank(scores), labels)
}

/** {@link auroc} of a ranking, optionally with a weight for each row. */
export function aurocOf(ranking: Ranking, labels: Truth, weights?: ArrayLike<number>): number {
  return qualityOf(ranking, labels, weights).auroc
}

/**
 * Average precision: the sum over distinct thresholds of (gain of recall) x precision, without interpolation. In [0, 1];
 * of a random order it is the base rate; NaN without positives. As scikit-learn's `average_precision_score`.
 */
export function averagePrecision(scores: ArrayLike<number>, labels: Truth): number {
  return averagePrecisionOf(rank(scores), labels)
}

/** {@link averagePrecision} of a ranking, optionally with a weight for each row. */
export function averagePrecisionOf(ranking: Ranking, labels: Truth, weights?: ArrayLike<number>): number {
  return qualityOf(ranking, labels, weights).averagePrecision
}

/** Both measures of a ranking in one pass: resampling does this hundreds of times over all rows. */
export function qualityOf(
  { order, scores }: Ranking,
  labels: Truth,
  weights?: ArrayLike<number>,
): { averagePrecision: number; auroc: number } {
  let positives = 0
  let negatives = 0
  let positivesBefore = 0
  let negativesBefore = 0
  let precisions = 0
  let area = 0
  // As `walk`, but inlined: a call for each distinct score would take most of the time.
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!
    const weight = weights === undefined ? 1 : weights[row]!
    if (labels[row]) positives += weight
    else negatives += weight
    if (i + 1 < order.length && scores[i + 1]! === scores[i]!) continue
    if (positives > positivesBefore)
      precisions += ((positives - positivesBefore) * positives) / (positives + negatives)
    area += ((negatives - negativesBefore) * (positives + positivesBefore)) / 2
    positivesBefore = positives
    negativesBefore = negatives
  }
  return {
    averagePrecision: positives > 0 ? precisions / positives : Number.NaN,
    auroc: positives > 0 && negatives > 0 ? area / (positives * negatives) : Number.NaN,
  }
}

/** One point of a precision-recall curve: what flagging every score >= threshold would give. */
export interface PrPoint {
  readonly threshold: number
  readonly precision: number
  readonly recall: number
  /** Rows at or above the threshold. */
  readonly flagged: number
}

/** One point for each distinct score, from the highest threshold down; recall is NaN without positives. */
export function prCurve(scores: ArrayLike<number>, labels: Truth): PrPoint[] {
  const ranking = rank(scores)
  let total = 0
  for (let i = 0; i < labels.length; i++) total += labels[i] ? 1 : 0
  const points: PrPoint[] = []
  walk(ranking, labels, undefined, (p, n, last) => {
    points.push({
      threshold: ranking.scores[last]!,
      precision: p / (p + n),
      recall: total > 0 ? p / total : Number.NaN,
      flagged: p + n,
    })
    return true
  })
  return points
}

/**
 * Precision at the first threshold, from the highest down, that reaches each recall (ascending, in (0, 1]): the step function whose
 * mean average precision is. NaN without positives.
 */
export function precisionAtRecalls(
  { order, scores }: Ranking,
  labels: Truth,
  recalls: readonly number[],
  weights?: ArrayLike<number>,
): number[] {
  let total = 0
  for (let i = 0; i < order.length; i++)
    if (labels[order[i]!]) total += weights === undefined ? 1 : weights[order[i]!]!
  const precisions = new Array<number>(recalls.length).fill(Number.NaN)
  if (total === 0) return precisions
  let positives = 0
  let flagged = 0
  let next = 0
  for (let i = 0; i < order.length && next < recalls.length; i++) {
    const row = order[i]!
    const weight = weights === undefined ? 1 : weights[row]!
    flagged += weight
    if (labels[row]) positives += weight
    if (i + 1 < order.length && scores[i + 1]! === scores[i]!) continue
    // A share of a sum of whole weights: the last recall must be reached in spite of rounding.
    while (next < recalls.length && positives >= recalls[next]! * total - 1e-9)
      precisions[next++] = positives / flagged
  }
  return precisions
}

/** What one threshold gives. */
export interface BudgetPoint {
  /** Rows with a score >= this are alerts; Infinity when even the highest tie is too many. */
  readonly threshold: number
  /** Alerts raised: at most the budget. */
  readonly alerts: number
  readonly truePositives: number
  readonly falsePositives: number
  readonly positives: number
  /** truePositives / alerts; NaN without alerts. */
  readonly precision: number
  /** truePositives / positives; NaN without positives. */
  readonly recall: number
}

/**
 * The lowest threshold that raises at most `budget` alerts, and what it gives. Ties are taken whole or not at all; a row
 * whose score is NaN is never an alert.
 */
export function atBudget(scores: ArrayLike<number>, labels: Truth, budget: number): BudgetPoint {
  return atBudgetOf(rank(scores), labels, budget)
}

/** {@link atBudget} of a ranking, optionally with a weight for each row: the budget is then one of weight. */
export function atBudgetOf(
  ranking: Ranking,
  labels: Truth,
  budget: number,
  weights?: ArrayLike<number>,
): BudgetPoint {
  let positives = 0
  for (let i = 0; i < labels.length; i++) if (labels[i]) positives += weights === undefined ? 1 : weights[i]!
  let threshold = Number.POSITIVE_INFINITY
  let truePositives = 0
  let falsePositives = 0
  walk(ranking, labels, weights, (p, n, last) => {
    if (p + n > budget || ranking.scores[last] === Number.NEGATIVE_INFINITY) return false
    threshold = ranking.scores[last]!
    truePositives = p
    falsePositives = n
    return true
  })
  const alerts = truePositives + falsePositives
  return {
    threshold,
    alerts,
    truePositives,
    falsePositives,
    positives,
    precision: alerts > 0 ? truePositives / alerts : Number.NaN,
    recall: positives > 0 ? truePositives / positives : Number.NaN,
  }
}

/** Share of true alerts among those raised at a budget; NaN when none is raised. */
export function precisionAtBudget(scores: ArrayLike<number>, labels: Truth, budget: number): number {
  return atBudget(scores, labels, budget).precision
}

/** Share of positives found at a budget; NaN without positives. */
export function recallAtBudget(scores: ArrayLike<number>, labels: Truth, budget: number): number {
  return atBudget(scores, labels, budget).recall
}

/** Share of positives: what precision is by chance. NaN if empty. */
export function baseRate(labels: Truth): number {
  let positives = 0
  for (let i = 0; i < labels.length; i++) positives += labels[i] ? 1 : 0
  return labels.length === 0 ? Number.NaN : positives / labels.length
}

export interface Interval {
  readonly low: number
  readonly high: number
}

/** z of a two-sided 95 % interval. */
const Z_95 = 1.959963984540054

/** Interval of a proportion by Wilson's score (1927); keeps its coverage for few trials and at 0 and 1. NaN without trials. */
export function wilsonInterval(successes: number, trials: number, z = Z_95): Interval {
  if (trials <= 0) return { low: Number.NaN, high: Number.NaN }
  const share = successes / trials
  const square = (z * z) / trials
  const centre = share + square / 2
  const half = z * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials))
  return {
    low: successes <= 0 ? 0 : (centre - half) / (1 + square),
    high: successes >= trials ? 1 : (centre + half) / (1 + square),
  }
}

export interface BootstrapOptions {
  readonly random: Random
  /** @default 200: percentiles of a 95 % interval then rest on the 5 outermost replicates of each side. */
  readonly replicates?: number
  /** Coverage, in (0, 1). @default 0.95 */
  readonly level?: number
}

/**
 * Percentile interval by resampling whole clusters with replacement (Efron & Tibshirani 1993, chapters 8 and 13): rows of
 * one token are not independent, tokens are. `clusters` holds each row's cluster number, 0 to k - 1; `statistic` gets how
 * often each row was drawn. Replicates in which the statistic is NaN (no positive drawn) are left out; NaN when all are.
 */
export function bootstrapInterval(
  clusters: ArrayLike<number>,
  statistic: (weights: Float64Array) => number,
  options: BootstrapOptions,
): Interval {
  const { low, high } = bootstrapIntervals(clusters, weights => [statistic(weights)], options)[0]!
  return { low, high }
}

/** {@link bootstrapInterval} of several statistics of the same resamples. */
export function bootstrapIntervals(
  clusters: ArrayLike<number>,
  statistics: (weights: Float64Array) => readonly number[],
  options: BootstrapOptions,
): Interval[] {
  const { random, replicates = 200, level = 0.95 } = options
  let count = 0
  for (let i = 0; i < clusters.length; i++) count = Math.max(count, clusters[i]! + 1)
  const draws = new Float64Array(count)
  const weights = new Float64Array(clusters.length)
  const values: number[][] = []
  for (let replicate = 0; replicate < replicates; replicate++) {
    const stream = random.fork('bootstrap', replicate)
    draws.fill(0)
    for (let i = 0; i < count; i++) draws[stream.int(count)]! += 1
    for (let i = 0; i < weights.length; i++) weights[i] = draws[clusters[i]!]!
    const row = statistics(weights)
    for (let s = 0; s < row.length; s++) {
      values[s] ??= []
      values[s]!.push(row[s]!)
    }
  }
  const tail = (1 - level) / 2
  return values.map(of => {
    const sorted = sortedFinite(of)
    return { low: quantileSorted(sorted, tail), high: quantileSorted(sorted, 1 - tail) }
  })
}

/** Shares below this count as this: the usual floor that keeps the logarithm finite. */
const PSI_FLOOR = 1e-4

/**
 * Population stability index of `actual` against `expected`: sum of (a - e) ln(a / e) over bins at the quantiles of
 * `expected`. A value that holds several quantiles is a bin of its own, and so is "missing" (not finite). By custom below
 * 0.1 is stable and above 0.25 drift (Siddiqi 2006). NaN when one of the two is empty.
 */
export function populationStabilityIndex(
  expected: ArrayLike<number>,
  actual: ArrayLike<number>,
  bins = 10,
): number {
  if (expected.length === 0 || actual.length === 0) return Number.NaN
  const sorted = sortedFinite(expected)
  const edges: number[] = []
  const isAtom: boolean[] = []
  for (let b = 1; b < bins && sorted.length > 0; b++) {
    const edge = quantileSorted(sorted, b / bins)
    if (edge === edges.at(-1)) isAtom[edges.length - 1] = true
    else {
      edges.push(edge)
      isAtom.push(false)
    }
  }
  // Even bins lie between edges, odd ones are single values, the last is "missing".
  const missing = 2 * edges.length + 1
  const shares = (values: ArrayLike<number>) => {
    const share = new Float64Array(missing + 1)
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!
      const at = lowerBound(edges, value)
      const bin = !Number.isFinite(value) ? missing : 2 * at + (isAtom[at] && value === edges[at] ? 1 : 0)
      share[bin]! += 1 / values.length
    }
    return share
  }
  const e = shares(expected)
  const a = shares(actual)
  let sum = 0
  for (let b = 0; b <= missing; b++) {
    const from = Math.max(e[b]!, PSI_FLOOR)
    const to = Math.max(a[b]!, PSI_FLOOR)
    sum += (to - from) * Math.log(to / from)
  }
  return sum
}

/** Two-sample Kolmogorov-Smirnov statistic, the largest gap of the two distribution functions, in [0, 1]; finite values only. */
export function kolmogorovSmirnov(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const x = sortedFinite(a)
  const y = sortedFinite(b)
  if (x.length === 0 || y.length === 0) return Number.NaN
  let gap = 0
  let i = 0
  let j = 0
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i]!, y[j]!)
    while (i < x.length && x[i] === value) i++
    while (j < y.length && y[j] === value) j++
    gap = Math.max(gap, Math.abs(i / x.length - j / y.length))
  }
  return gap
}
