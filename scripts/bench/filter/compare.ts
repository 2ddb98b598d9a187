import { bootstrapIntervals } from '../../../src/lib/metrics.ts'
import { createRandom } from '../../../src/lib/random.ts'
import type { Estimate } from '../../../src/schema/evaluation.ts'

/** A token-day of the second week. */
export interface TokenDay {
  /** World and token: what is resampled. */
  readonly cluster: string
  readonly isMisuse: boolean
  readonly incident: string | null
  /** Highest of its hours, before and after the filter. */
  readonly score: number
  readonly risk: number
  /** The filter takes it under the alert risk. */
  readonly isHeldBack: boolean
}

/** What a queue held. */
export interface Queue {
  readonly alerts: number
  readonly truePositives: number
  readonly incidents: number
  readonly precision: number
}

/** One budget, before and after. */
export interface Comparison {
  readonly perDay: number
  readonly before: Queue
  /** The same alerts without those that the filter holds back: a shorter queue. */
  readonly after: Queue
  /** The budget filled again with the next alerts by risk. */
  readonly refilled: Queue
  /** (precision after / before) - 1. */
  readonly precisionGain: Estimate
  /** 1 - (true positives after / before). */
  readonly recallLoss: Estimate
  readonly refilledGain: Estimate
  /** The gain were every false alert held back: the room there is. */
  readonly room: number
  /**
   * Gain of precision if the line were drawn, knowing the truth, where these shares of the true alerts are kept: by the order of the
   * score, and by that of the filter. No threshold can do better with that order.
   */
  readonly attainable: readonly {
    readonly kept: number
    readonly byScore: number
    readonly byFilter: number
  }[]
}

/** Resamples behind each interval: 25 lie outside each end. */
const REPLICATES = 1000

/** Compares the queues of one or several worlds at a budget; intervals by resampling tokens. */
export function compareQueues(
  worlds: readonly (readonly TokenDay[])[],
  perDay: number,
  days: number,
): Comparison {
  const size = Math.round(perDay * days)
  const rows = worlds.flat()
  const beforeSet = new Set<TokenDay>()
  const refilledSet = new Set<TokenDay>()
  for (const world of worlds) {
    for (const row of [...world].sort((a, b) => b.score - a.score).slice(0, size)) beforeSet.add(row)
    const eligible = world.filter(row => !row.isHeldBack)
    for (const row of eligible.sort((a, b) => b.risk - a.risk).slice(0, size)) refilledSet.add(row)
  }
  const afterSet = new Set([...beforeSet].filter(row => !row.isHeldBack))
  const numbers = new Map<string, number>()
  const clusters = rows.map(({ cluster }) => {
    if (!numbers.has(cluster)) numbers.set(cluster, numbers.size)
    return numbers.get(cluster)!
  })
  const statistics = (weights: ArrayLike<number>) => {
    const tally = (set: ReadonlySet<TokenDay>) => {
      let [alerts, hits] = [0, 0]
      rows.forEach((row, r) => {
        if (!set.has(row)) return
        alerts += weights[r]!
        if (row.isMisuse) hits += weights[r]!
      })
      return { hits, precision: hits / alerts }
    }
    const [before, after, refilled] = [tally(beforeSet), tally(afterSet), tally(refilledSet)]
    return [
      after.precision / before.precision - 1,
      1 - after.hits / before.hits,
      refilled.precision / before.precision - 1,
    ]
  }
  const values = statistics(new Float64Array(rows.length).fill(1))
  const intervals = bootstrapIntervals(clusters, statistics, {
    random: createRandom(1).fork('filter-bench', perDay),
    replicates: REPLICATES,
  })
  const estimate = (s: number): Estimate => ({ value: values[s]!, ...intervals[s]! })
  const before = queueOf(beforeSet)
  return {
    perDay,
    before,
    after: queueOf(afterSet),
    refilled: queueOf(refilledSet),
    precisionGain: estimate(0),
    recallLoss: estimate(1),
    refilledGain: estimate(2),
    room: 1 / before.precision - 1,
    attainable: KEPT.map(kept => ({
      kept,
      byScore: attainableGain(beforeSet, row => row.score, kept),
      byFilter: attainableGain(beforeSet, row => row.risk, kept),
    })),
  }
}

/** Shares of the true alerts kept: all, the 98 % of the goal, nine and eight of ten. */
const KEPT = [1, 0.98, 0.9, 0.8]

/** Gain of precision of the shortest head of a queue, in an order, that holds a share of its true alerts. */
function attainableGain(
  queue: ReadonlySet<TokenDay>,
  order: (row: TokenDay) => number,
  kept: number,
): number {
  const sorted = [...queue].sort((a, b) => order(b) - order(a))
  const all = sorted.filter(row => row.isMisuse).length
  let hits = 0
  for (const [r, row] of sorted.entries()) {
    if (row.isMisuse) hits++
    if (hits >= kept * all) return hits / (r + 1) / (all / sorted.length) - 1
  }
  return 0
}

function queueOf(rows: ReadonlySet<TokenDay>): Queue {
  const misuse = [...rows].filter(row => row.isMisuse)
  return {
    alerts: rows.size,
    truePositives: misuse.length,
    incidents: new Set(misuse.map(row => `${row.cluster.split(' ')[0]} ${row.incident}`)).size,
    precision: misuse.length / rows.size,
  }
}
