import { type Matrix, selectRows } from '../../lib/matrix.ts'
import type { Random } from '../../lib/random.ts'
import { adjustedRandIndex } from './adjusted-rand.ts'
import { partition, sampleIndices, sampleRows } from './kmeans.ts'
import { assign } from './lloyd.ts'
import { CLUSTER_PSEUDO_TOKENS } from './shrinkage.ts'

/** Sets on which the number of clusters is chosen and the stability measured. */
const SAMPLED_SETS = 600
/** Numbers tried: steps of about a quarter, since neighbouring numbers hardly differ. */
const CANDIDATES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64]
/** Restarts a candidate gets; the chosen one gets the caller's. */
const CANDIDATE_RESTARTS = 2
/** Numbers in a row that fail to improve before the search ends. */
const PATIENCE = 3
/** Fewer clusters are larger and steadier: the smallest number that gets all but this share of the best one's gain is taken. */
const FORGONE_GAIN = 0.02

/** One number of clusters that was tried. */
export interface TriedClusters {
  readonly clusters: number
  /** Leave-one-out loss of predicting a permission set from its cluster, nats a set; lower is better. */
  readonly loss: number
  /** Mean silhouette, -1 .. 1; told, not used. NaN where it is not measured. */
  readonly silhouette: number
}

/**
 * The number of clusters, among 1 .. 64 and at most half the rows, whose clusters best predict the sets they hold, each set
 * left out of its own cluster's shares: the purpose they serve. The silhouette (Rousseeuw 1987) instead picks 2 on sets whose
 * clusters shade into one another (americas_small of role_mining_hp, 259 distinct sets). `sets` are the rows' item indices.
 */
export function chooseClusters(
  table: Matrix,
  sets: readonly Uint32Array[],
  items: number,
  random: Random,
  isMeasured = true,
): { clusters: number; tried: TriedClusters[] } {
  const picked = sampleIndices(table.rows, SAMPLED_SETS, random.fork('choose-sample'))
  const sample = selectRows(table, picked)
  const held = Array.from(picked, row => sets[row]!)
  const distances = isMeasured ? pairDistances(sample) : null
  const tried: TriedClusters[] = []
  let best = Infinity
  let failures = 0
  for (const clusters of CANDIDATES) {
    if (failures >= PATIENCE || clusters > Math.max(1, sample.rows / 2)) break
    const { cluster } = partition(sample, clusters, CANDIDATE_RESTARTS, random.fork('try', clusters))
    const loss = leaveOneOutLoss(held, items, cluster, clusters)
    const apart = distances === null ? Number.NaN : silhouette(distances, cluster, clusters)
    tried.push({ clusters, loss, silhouette: clusters === 1 ? 0 : apart })
    failures = loss < best ? 0 : failures + 1
    best = Math.min(best, loss)
  }
  const enough = best + FORGONE_GAIN * (tried[0]!.loss - best)
  return { clusters: tried.find(({ loss }) => loss <= enough)!.clusters, tried }
}

/**
 * Mean negative log-likelihood of a set, in nats, when each item is predicted from the share of the other sets of its cluster
 * that hold it, shrunk to the share among all other sets as the model does.
 */
export function leaveOneOutLoss(
  sets: readonly Uint32Array[],
  items: number,
  cluster: Int32Array,
  clusters: number,
): number {
  const size = new Float64Array(clusters)
  const users = new Float64Array(clusters * items)
  const all = new Float64Array(items)
  for (let s = 0; s < sets.length; s++) {
    const c = cluster[s]!
    size[c] = size[c]! + 1
    for (const i of sets[s]!) {
      users[c * items + i] = users[c * items + i]! + 1
      all[i] = all[i]! + 1
    }
  }
  let loss = 0
  for (let c = 0; c < clusters; c++) {
    for (let i = 0; i < items; i++) {
      const u = users[c * items + i]!
      const others = size[c]! - 1 + CLUSTER_PSEUDO_TOKENS
      // The set left out holds the item (u such sets) or does not (the rest); its absence shows in both counts.
      const held = (u - 1 + (CLUSTER_PSEUDO_TOKENS * (all[i]! - 0.5)) / sets.length) / others
      const lacked = (u + (CLUSTER_PSEUDO_TOKENS * (all[i]! + 0.5)) / sets.length) / others
      if (u > 0) loss -= u * Math.log(held)
      if (size[c]! > u) loss -= (size[c]! - u) * Math.log1p(-lacked)
    }
  }
  return loss / sets.length
}

/** Mean silhouette of a partition, from the distances (rows, rows); a row alone in its cluster counts 0. */
export function silhouette(distances: Float32Array, cluster: Int32Array, clusters: number): number {
  const rows = cluster.length
  const size = new Float64Array(clusters)
  for (let r = 0; r < rows; r++) size[cluster[r]!] = size[cluster[r]!]! + 1
  const sums = new Float64Array(clusters)
  let total = 0
  for (let r = 0; r < rows; r++) {
    const own = cluster[r]!
    if (size[own]! <= 1) continue
    sums.fill(0)
    for (let s = 0; s < rows; s++) sums[cluster[s]!] = sums[cluster[s]!]! + distances[r * rows + s]!
    const inside = sums[own]! / (size[own]! - 1)
    let outside = Infinity
    for (let c = 0; c < clusters; c++)
      if (c !== own && size[c]! > 0) outside = Math.min(outside, sums[c]! / size[c]!)
    const larger = Math.max(inside, outside)
    if (outside < Infinity && larger > 0) total += (outside - inside) / larger
  }
  return rows === 0 ? 0 : total / rows
}

/**
 * How far the partition can be trusted: mean adjusted Rand index between it and partitions fitted to `rounds` random
 * 80 % subsamples from other starts, each extended to all rows by the nearest centroid (Ben-Hur et al. 2002). 1 = always the same.
 */
export function stability(
  table: Matrix,
  cluster: Int32Array,
  options: { clusters: number; restarts: number; rounds: number; weight: ArrayLike<number> },
  random: Random,
): number {
  if (options.rounds === 0) return Number.NaN
  if (options.clusters < 2) return 1
  let sum = 0
  for (let round = 0; round < options.rounds; round++) {
    const stream = random.fork('stability', round)
    const count = Math.max(options.clusters, Math.min(SAMPLED_SETS, Math.floor(table.rows * 0.8)))
    const { centroids } = partition(
      sampleRows(table, count, stream),
      options.clusters,
      options.restarts,
      stream,
    )
    sum += adjustedRandIndex(cluster, assign(table, centroids).cluster, options.weight)
  }
  return sum / options.rounds
}

/** Euclidean distances between all rows, (rows, rows). */
export function pairDistances(table: Matrix): Float32Array {
  const { rows, cols, data } = table
  const out = new Float32Array(rows * rows)
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b < a; b++) {
      let sum = 0
      for (let d = 0; d < cols; d++) sum += (data[a * cols + d]! - data[b * cols + d]!) ** 2
      out[a * rows + b] = out[b * rows + a] = Math.sqrt(sum)
    }
  }
  return out
}
