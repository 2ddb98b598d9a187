import type { Matrix } from '../../lib/matrix.ts'

/** Lloyd moves few rows after this many rounds on unit vectors. */
const MOST_ROUNDS = 30

/** Squared distance that no centroid has moved further than: what is then left to gain is below what single precision tells. */
const STILL = 1e-6

/** Rows sorted to the nearest of some centroids. */
export interface Assigned {
  /** Cluster of each row, 0 .. clusters - 1. */
  readonly cluster: Int32Array
  /** Sum of squared distances to the own centroid. */
  readonly inertia: number
}

/** Moves (clusters, cols) centroids to the means of the rows nearest to them until they stay (Lloyd 1982). One without rows stays where it is. */
export function moveCentroids(table: Matrix, starts: Float64Array): Float64Array {
  let centroids = starts
  let cluster = new Int32Array(table.rows)
  for (let round = 0; round < MOST_ROUNDS; round++) {
    cluster = assign(table, centroids, cluster).cluster
    const moved = meansOf(table, cluster, centroids)
    const isStill = haveStayed(centroids, moved, table.cols)
    centroids = moved
    if (isStill) break
  }
  return centroids
}

/** Nearest centroid of every row; ties go to the lower number. A good `guess` at the clusters saves time and changes nothing. */
export function assign(
  table: Matrix,
  centroids: Float64Array,
  guess = new Int32Array(table.rows),
): Assigned & { cluster: Int32Array<ArrayBuffer> } {
  const { data, rows, cols } = table
  const clusters = centroids.length / cols
  const cluster = new Int32Array(rows)
  let inertia = 0
  for (let r = 0, row = 0; r < rows; r++, row += cols) {
    const first = guess[r]!
    let best = first
    let nearest = squaredDistance(data, row, centroids, first * cols, cols, Number.POSITIVE_INFINITY)
    for (let c = 0; c < clusters; c++) {
      if (c === first) continue
      const distance = squaredDistance(data, row, centroids, c * cols, cols, nearest)
      if (distance > nearest || (distance === nearest && c > best)) continue
      nearest = distance
      best = c
    }
    cluster[r] = best
    inertia += nearest
  }
  return { cluster, inertia }
}

/** Dimensions between two looks at the bound. */
const STRIDE = 8

/** Squared distance of two rows of matrices, or anything above `bound` where it is: squares only add. Six arguments, since it is the inner loop. */
function squaredDistance(
  a: Float32Array | Float64Array,
  atA: number,
  b: Float64Array,
  atB: number,
  cols: number,
  bound: number,
): number {
  let distance = 0
  for (let from = 0; from < cols && distance <= bound; from += STRIDE) {
    const to = Math.min(cols, from + STRIDE)
    for (let d = from; d < to; d++) {
      const step = a[atA + d]! - b[atB + d]!
      distance += step * step
    }
  }
  return distance
}

function meansOf({ data, rows, cols }: Matrix, cluster: Int32Array, before: Float64Array): Float64Array {
  const means = new Float64Array(before.length)
  const sizes = new Float64Array(before.length / cols)
  for (let r = 0, row = 0; r < rows; r++, row += cols) {
    const at = cluster[r]! * cols
    sizes[cluster[r]!]! += 1
    for (let d = 0; d < cols; d++) means[at + d]! += data[row + d]!
  }
  for (let i = 0; i < means.length; i++) {
    const size = sizes[Math.floor(i / cols)]!
    means[i] = size > 0 ? means[i]! / size : before[i]!
  }
  return means
}

function haveStayed(before: Float64Array, after: Float64Array, cols: number): boolean {
  for (let at = 0; at < before.length; at += cols) {
    let distance = 0
    for (let d = 0; d < cols; d++) distance += (after[at + d]! - before[at + d]!) ** 2
    if (distance > STILL) return false
  }
  return true
}
