import type { Matrix } from '../../lib/matrix.ts'

/** Lloyd moves few rows after this many rounds on unit vectors. */
const MOST_ROUNDS = 30

/** Squared distance of the furthest move after which it is not worth going on; that of ml-kmeans. */
const STILL = 1e-6

/** Rows sorted to the nearest of some centroids. */
export interface Assigned {
  /** Cluster of each row, 0 .. clusters - 1. */
  readonly cluster: Int32Array
  /** Sum of squared distances to the own centroid. */
  readonly inertia: number
}

/** What a round knows of the one before it. */
interface Bounds {
  readonly cluster: Int32Array
  /** No other centroid is nearer to the row than this. */
  readonly others: Float64Array
}

/** Far above the rounding of a distance, far below what tells two centroids apart. */
const SLACK = 1e-9

/**
 * Moves (clusters, cols) centroids to the means of the rows nearest to them until they stay (Lloyd 1982); one without rows stays where
 * it is. Rows that no other centroid can have come nearer to are not compared again (Hamerly 2010): the same clusters, in less time.
 */
export function moveCentroids(table: Matrix, starts: Float64Array): Float64Array {
  const bounds = { cluster: new Int32Array(table.rows), others: new Float64Array(table.rows) }
  let centroids = starts
  for (let round = 0; round < MOST_ROUNDS; round++) {
    assignAgain(table, centroids, bounds)
    const moved = meansOf(table, bounds.cluster, centroids)
    const squared = largestMove(centroids, moved, table.cols)
    centroids = moved
    if (squared <= STILL) break
    const move = Math.sqrt(squared)
    for (let r = 0; r < table.rows; r++) bounds.others[r]! -= move
  }
  return centroids
}

/** Brings clusters and bounds up to date with centroids that moved. */
function assignAgain(table: Matrix, centroids: Float64Array, { cluster, others }: Bounds): void {
  const { data, rows, cols } = table
  const clusters = centroids.length / cols
  for (let r = 0, row = 0; r < rows; r++, row += cols) {
    const first = cluster[r]!
    let best = first
    let nearest = squaredDistance(data, row, centroids, first * cols, cols, Number.POSITIVE_INFINITY)
    if (Math.sqrt(nearest) < others[r]! - SLACK) continue
    let second = Number.POSITIVE_INFINITY
    for (let c = 0; c < clusters; c++) {
      if (c === first) continue
      const distance = squaredDistance(data, row, centroids, c * cols, cols, second)
      if (distance > nearest || (distance === nearest && c > best)) {
        if (distance < second) second = distance
        continue
      }
      second = nearest
      nearest = distance
      best = c
    }
    cluster[r] = best
    others[r] = Math.sqrt(second)
  }
}

/** Nearest centroid of every row; ties go to the lower number. */
export function assign({ data, rows, cols }: Matrix, centroids: Float64Array): Assigned {
  const cluster = new Int32Array(rows)
  let inertia = 0
  for (let r = 0, row = 0; r < rows; r++, row += cols) {
    let nearest = Number.POSITIVE_INFINITY
    for (let c = 0, at = 0; at < centroids.length; c++, at += cols) {
      const distance = squaredDistance(data, row, centroids, at, cols, nearest)
      if (distance >= nearest) continue
      nearest = distance
      cluster[r] = c
    }
    inertia += nearest
  }
  return { cluster, inertia }
}

/** Dimensions between two looks at the bound. */
const STRIDE = 8

/**
 * Squared distance of two rows of matrices, or anything above `bound` where it is: squares only add. Six arguments, and eight squares
 * written out, since it is the inner loop; they add up in the order of the columns.
 */
export function squaredDistance(
  a: Float32Array | Float64Array,
  atA: number,
  b: Float32Array | Float64Array,
  atB: number,
  cols: number,
  bound: number,
): number {
  let distance = 0
  let d = 0
  for (; d + STRIDE <= cols && distance <= bound; d += STRIDE) {
    const i = atA + d
    const j = atB + d
    const s0 = a[i]! - b[j]!
    const s1 = a[i + 1]! - b[j + 1]!
    const s2 = a[i + 2]! - b[j + 2]!
    const s3 = a[i + 3]! - b[j + 3]!
    const s4 = a[i + 4]! - b[j + 4]!
    const s5 = a[i + 5]! - b[j + 5]!
    const s6 = a[i + 6]! - b[j + 6]!
    const s7 = a[i + 7]! - b[j + 7]!
    distance = distance + s0 * s0 + s1 * s1 + s2 * s2 + s3 * s3 + s4 * s4 + s5 * s5 + s6 * s6 + s7 * s7
  }
  for (; d < cols && distance <= bound; d++) {
    const step = a[atA + d]! - b[atB + d]!
    distance += step * step
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

/** Squared distance that the centroid which moved furthest went. */
function largestMove(before: Float64Array, after: Float64Array, cols: number): number {
  let largest = 0
  for (let at = 0; at < before.length; at += cols)
    largest = Math.max(largest, squaredDistance(after, at, before, at, cols, Number.POSITIVE_INFINITY))
  return largest
}
