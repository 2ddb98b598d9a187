import type { Matrix } from '../../lib/matrix.ts'
import type { Random } from '../../lib/random.ts'
import { adjustedRandIndex } from './adjusted-rand.ts'
import { assign, partition, sampleRows } from './kmeans.ts'

/** Rows on which the number of clusters is chosen: the silhouette compares all pairs. */
const SILHOUETTE_ROWS = 800
/** Numbers tried: steps of about a quarter, since neighbouring numbers hardly differ. */
const CANDIDATES = [2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64]
/** Restarts a candidate gets; the chosen one gets the caller's. */
const CANDIDATE_RESTARTS = 2

/** One number of clusters that was tried, and its mean silhouette (-1 .. 1, higher is better). */
export interface TriedClusters {
  readonly clusters: number
  readonly silhouette: number
}

/**
 * The number of clusters of highest mean silhouette (Rousseeuw 1987) on a sample, among 2 .. 64 and at most half the rows;
 * the smallest that comes within 0.01 of the best, since fewer clusters are larger and steadier. 1 when nothing parts (best <= 0).
 */
export function chooseClusters(table: Matrix, random: Random): { clusters: number; tried: TriedClusters[] } {
  const sample = sampleRows(table, SILHOUETTE_ROWS, random.fork('silhouette'))
  const distances = pairDistances(sample)
  const tried = CANDIDATES.filter(clusters => clusters <= sample.rows / 2).map(clusters => {
    const { cluster } = partition(sample, clusters, CANDIDATE_RESTARTS, random.fork('try', clusters))
    return { clusters, silhouette: silhouette(distances, cluster, clusters) }
  })
  const best = Math.max(0, ...tried.map(({ silhouette }) => silhouette))
  const chosen = best === 0 ? undefined : tried.find(({ silhouette }) => silhouette >= best - 0.01)
  return { clusters: chosen?.clusters ?? 1, tried }
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
  if (options.clusters < 2) return 1
  let sum = 0
  for (let round = 0; round < options.rounds; round++) {
    const stream = random.fork('stability', round)
    const count = Math.max(options.clusters, Math.min(SILHOUETTE_ROWS * 2, Math.floor(table.rows * 0.8)))
    const { centroids } = partition(sampleRows(table, count, stream), options.clusters, options.restarts, stream)
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
