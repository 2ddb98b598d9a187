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
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const moved = meansOf(table, assign(table, centroids).cluster, centroids)
    const isStill = haveStayed(centroids, moved, table.cols)
    centroids = moved
    if (isStill) break
  }
  return centroids
}

/** Nearest centroid of every row; ties go to the lower number. */
export function assign({ data, rows, cols }: Matrix, centroids: Float64Array): Assigned {
  const cluster = new Int32Array(rows)
  let inertia = 0
  for (let r = 0, row = 0; r < rows; r++, row += cols) {
    let nearest = Number.POSITIVE_INFINITY
    for (let at = 0, c = 0; at < centroids.length; at += cols, c++) {
      let distance = 0
      // Squares only add: what is beyond the nearest already is not looked at to the end.
      for (let d = 0; d < cols && distance < nearest; d++) {
        const step = data[row + d]! - centroids[at + d]!
        distance += step * step
      }
      if (distance < nearest) {
        nearest = distance
        cluster[r] = c
      }
    }
    inertia += nearest
  }
  return { cluster, inertia }
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
