import {
  atBudgetOf,
  type BudgetPoint,
  baseRate,
  bootstrapIntervals,
  type Interval,
  type PrPoint,
  prCurve,
  precisionAtRecalls,
  qualityOf,
  type Ranking,
  rank,
  type Truth,
  wilsonInterval,
} from '../../lib/metrics.ts'
import type { Random } from '../../lib/random.ts'
import { median } from '../../lib/stats.ts'
import type {
  AttackTypeReport,
  BandPoint,
  BudgetReport,
  CurvePoint,
  Estimate,
  RankingQuality,
  RankingReport,
} from '../../schema/evaluation.ts'
import { type TokenDays, tokenDayScores } from './token-days.ts'
import { HOUR_MS, type Incident, type World } from './world.ts'

/** A way to order token-hours, beside others on the same windows. */
export interface Ranker {
  readonly name: string
  readonly title: string
  readonly kind: 'keyhound' | 'baseline'
  readonly doc: string
  /** (rows): higher = more anomalous, NaN ranks last. */
  readonly scores: Float64Array
}

export interface RankingOptions {
  /** Alerts a day, ascending. */
  readonly budgets: readonly number[]
  readonly replicates: number
  readonly random: Random
}

/** How one incident fares under one threshold. */
export interface Detection {
  readonly found: boolean
  /** From its first malicious event to the end of the first alerted window; null when missed. */
  readonly seconds: number | null
}

/** Recalls at which the curve is given an interval: every twentieth. */
const BAND_RECALLS = Array.from({ length: 20 }, (_, i) => (i + 1) / 20)

/** Points drawn of a curve: finer than the pixels of a page. */
const CURVE_POINTS = 400

export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

function estimate(value: number, { low, high }: Interval): Estimate {
  return { value: finite(value), low: finite(low), high: finite(high) }
}

/** Judges one ranker by token-hour, by token-day, at each budget and by incident. */
export function evaluateRanker(
  world: World,
  days: TokenDays,
  ranker: Ranker,
  options: RankingOptions,
): RankingReport {
  const { budgets, replicates, random } = options
  const daily = tokenDayScores(days, ranker.scores)
  const sorted = sortByRank(daily, days.positive, days.token)
  const allowed = budgets.map(budget => budget * world.days)
  const points = allowed.map(alerts => atBudgetOf(sorted.ranking, sorted.labels, alerts))
  const quality = qualityOf(sorted.ranking, sorted.labels)
  const recalls = ranker.kind === 'keyhound' ? BAND_RECALLS : []
  const intervals = bootstrapIntervals(
    sorted.clusters,
    weights => {
      const { averagePrecision, auroc } = qualityOf(sorted.ranking, sorted.labels, weights)
      const atBudgets = allowed.flatMap(alerts => {
        const point = atBudgetOf(sorted.ranking, sorted.labels, alerts, weights)
        return [point.precision, point.recall]
      })
      const atRecalls = precisionAtRecalls(sorted.ranking, sorted.labels, recalls, weights)
      return [averagePrecision, auroc, ...atBudgets, ...atRecalls]
    },
    { random: random.fork(ranker.name, 'token-days'), replicates },
  )
  const detections = points.map(point =>
    world.incidents.map(incident => detect(world, days, ranker.scores, incident, point.threshold)),
  )
  return {
    name: ranker.name,
    title: ranker.title,
    kind: ranker.kind,
    doc: ranker.doc,
    tokenHours: tokenHourQuality(world, ranker, options),
    tokenDays: {
      averagePrecision: estimate(quality.averagePrecision, intervals[0]!),
      auroc: estimate(quality.auroc, intervals[1]!),
      baseRate: baseRate(days.positive),
    },
    budgets: points.map((point, b) =>
      budgetReport(world, budgets[b]!, point, detections[b]!, intervals[2 + 2 * b]!, intervals[3 + 2 * b]!),
    ),
    attackTypes: attackTypes(world, days, daily, detections),
    curve: thin(prCurve(daily, days.positive)),
    ...(recalls.length > 0 && { band: bandOf(recalls, intervals.slice(2 + 2 * budgets.length)) }),
  }
}

function bandOf(recalls: readonly number[], intervals: readonly Interval[]): BandPoint[] {
  return recalls
    .map((recall, i) => ({ recall, ...intervals[i]! }))
    .filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high))
}

function tokenHourQuality(world: World, ranker: Ranker, options: RankingOptions): RankingQuality {
  const { ranking, labels, clusters } = sortByRank(ranker.scores, world.positive, world.token)
  const quality = qualityOf(ranking, labels)
  const intervals = bootstrapIntervals(
    clusters,
    weights => {
      const { averagePrecision, auroc } = qualityOf(ranking, labels, weights)
      return [averagePrecision, auroc]
    },
    { random: options.random.fork(ranker.name, 'token-hours'), replicates: options.replicates },
  )
  return {
    averagePrecision: estimate(quality.averagePrecision, intervals[0]!),
    auroc: estimate(quality.auroc, intervals[1]!),
    baseRate: baseRate(world.positive),
  }
}

/** Rows laid out in rank order, so that hundreds of resamples walk memory from front to back. */
function sortByRank(
  scores: Float64Array,
  labels: Uint8Array,
  clusters: Uint32Array,
): { ranking: Ranking; labels: Truth; clusters: Uint32Array } {
  const { order, scores: sorted } = rank(scores)
  return {
    ranking: { order: Uint32Array.from(order.keys()), scores: sorted },
    labels: Uint8Array.from(order, row => labels[row]!),
    clusters: Uint32Array.from(order, row => clusters[row]!),
  }
}

/**
 * Whether one of the incident's token-days reaches the threshold, and when: at the end of the first hour of such a day that
 * reaches it and ends after the incident's first event. A token alerted earlier the same day is on the analyst's table
 * already: 0 seconds.
 */
export function detect(
  world: World,
  days: TokenDays,
  scores: Float64Array,
  incident: Incident,
  threshold: number,
): Detection {
  let found = false
  let first = Number.POSITIVE_INFINITY
  for (const day of incidentDays(days, incident)) {
    for (let r = days.firstRow[day]!; r < days.firstRow[day + 1]!; r++) {
      if (!(scores[r]! >= threshold)) continue
      found = true
      first = Math.min(first, Math.max(incident.firstTime, world.start[r]! + HOUR_MS))
    }
  }
  return { found, seconds: found ? (first - incident.firstTime) / 1000 : null }
}

/** The token-days that an incident touches. */
export function incidentDays(days: TokenDays, incident: Incident): Set<number> {
  return new Set(incident.rows.map(row => days.ofRow[row]!))
}

function budgetReport(
  world: World,
  perDay: number,
  point: BudgetPoint,
  detections: readonly Detection[],
  precision: Interval,
  recall: Interval,
): BudgetReport {
  const found = detections.filter(detection => detection.found).length
  const seconds = detections.flatMap(detection => detection.seconds ?? [])
  return {
    perDay,
    threshold: finite(point.threshold),
    alerts: point.alerts,
    truePositives: point.truePositives,
    falsePositives: point.falsePositives,
    falseAlertsPerDay: point.falsePositives / world.days,
    precision: estimate(point.precision, widenAtEdge(point.truePositives, point.alerts, precision)),
    recall: estimate(point.recall, widenAtEdge(point.truePositives, point.positives, recall)),
    incidentsFound: found,
    incidentRecall: estimate(found / world.incidents.length, wilsonInterval(found, world.incidents.length)),
    medianSecondsToDetect: finite(median(seconds)),
  }
}

/** Resampling none or all of something gives none or all again, and an interval of no width: there, Wilson's stands in. */
function widenAtEdge(successes: number, trials: number, interval: Interval): Interval {
  if (successes > 0 && successes < trials) return interval
  const wilson = wilsonInterval(successes, trials)
  return { low: Math.min(interval.low, wilson.low), high: Math.max(interval.high, wilson.high) }
}

function attackTypes(
  world: World,
  days: TokenDays,
  daily: Float64Array,
  detections: readonly (readonly Detection[])[],
): AttackTypeReport[] {
  const ranks = worstRanks(daily)
  const names = [...new Set(world.incidents.map(incident => incident.attackType))].sort()
  return names.map(attackType => {
    const members = world.incidents.flatMap((incident, i) => (incident.attackType === attackType ? [i] : []))
    const touched = new Set(members.flatMap(i => [...incidentDays(days, world.incidents[i]!)]))
    return {
      attackType,
      incidents: members.length,
      positiveTokenDays: touched.size,
      found: detections.map(of => members.filter(i => of[i]!.found).length),
      bestRank: touched.size === 0 ? null : Math.min(...[...touched].map(day => ranks[day]!)),
    }
  })
}

/** Rank of each score, 1 = highest; all of a tie get its last rank: what an analyst who reads down the list is sure to reach. */
export function worstRanks(scores: Float64Array): Uint32Array {
  const { order, scores: sorted } = rank(scores)
  const ranks = new Uint32Array(scores.length)
  for (let end = order.length, i = order.length - 1; i >= 0; i--) {
    if (i + 1 < order.length && sorted[i] !== sorted[i + 1]) end = i + 1
    ranks[order[i]!] = end
  }
  return ranks
}

/** The points at which recall rises, the only ones that shape the curve, thinned evenly to what can be drawn. */
function thin(points: readonly PrPoint[]): CurvePoint[] {
  const rising = points.filter((point, i) => point.recall > (points[i - 1]?.recall ?? 0))
  const stride = Math.max(1, (rising.length - 1) / (CURVE_POINTS - 1))
  const kept: CurvePoint[] = []
  for (let i = 0; Math.round(i) < rising.length; i += stride) {
    const { threshold, precision, recall, flagged } = rising[Math.round(i)]!
    kept.push({ threshold: finite(threshold), precision, recall, alerts: flagged })
  }
  return kept
}
