import { kmeans } from 'ml-kmeans'
import { type Matrix, selectRows } from '../../lib/matrix.ts'
import type { Random } from '../../lib/random.ts'
import { spreadStarts } from './kmeans-starts.ts'

/** A partition of the rows of a matrix. */
export interface Partition {
  /** Cluster of each row, 0 .. clusters - 1. */
  readonly cluster: Int32Array
  /** Length clusters, each of length cols. */
  readonly centroids: readonly (readonly number[])[]
  /** Sum of squared distances to the own centroid. */
  readonly inertia: number
}

/** Starts are tried on at most this many rows; only the best is run on all. */
const START_ROWS = 1500
/** Lloyd moves few rows after this many rounds on unit vectors. */
const MAX_ITERATIONS = 30

/**
 * k-means (ml-kmeans' Lloyd iterations from our own seeded k-means++ starts: the package's cost more than all its
 * iterations) with several restarts; the partition of least inertia. Needs 1 <= clusters <= distinct rows.
 */
export function partition(table: Matrix, clusters: number, restarts: number, random: Random): Partition {
  const sample = sampleRows(table, START_ROWS, random.fork('sample'))
  const rows = toRows(sample)
  let best: { centroids: number[][]; cluster: Int32Array; inertia: number } | undefined
  for (let r = 0; r < restarts; r++) {
    const initialization = spreadStarts(sample, clusters, random.fork('restart', r)).map(
      start => rows[start]!,
    )
    const { centroids } = kmeans(rows, clusters, { initialization, maxIterations: MAX_ITERATIONS })
    const assigned = assign(sample, centroids)
    if (!best || assigned.inertia < best.inertia) best = { ...assigned, centroids }
  }
  if (sample === table) return best!
  const all = toRows(table)
  const { centroids } = kmeans(all, clusters, {
    initialization: best!.centroids,
    maxIterations: MAX_ITERATIONS,
  })
  return { ...assign(table, centroids), centroids }
}

/** At most `count` rows drawn without replacement, in their old order; the table itself when it is no larger. */
export function sampleRows(table: Matrix, count: number, random: Random): Matrix {
  return table.rows <= count ? table : selectRows(table, sampleIndices(table.rows, count, random))
}

/** `count` of the numbers 0 .. n - 1 (all, if fewer) drawn without replacement, ascending. */
export function sampleIndices(n: number, count: number, random: Random): Uint32Array {
  const all = Uint32Array.from({ length: n }, (_, i) => i)
  return n <= count ? all : random.shuffle(all).slice(0, count).sort()
}

/** Nearest centroid of every row (ties: the lower number), and the sum of the squared distances. */
export function assign(
  table: Matrix,
  centroids: readonly (readonly number[])[],
): { cluster: Int32Array; inertia: number } {
  const { data, rows, cols } = table
  const cluster = new Int32Array(rows)
  let inertia = 0
  for (let r = 0; r < rows; r++) {
    let nearest = Infinity
    for (let c = 0; c < centroids.length; c++) {
      const centroid = centroids[c]!
      let distance = 0
      for (let d = 0; d < cols; d++) distance += (data[r * cols + d]! - centroid[d]!) ** 2
      if (distance < nearest) {
        nearest = distance
        cluster[r] = c
      }
    }
    inertia += nearest
  }
  return { cluster, inertia }
}

/** ml-kmeans takes arrays of arrays: the only place where one exists. */
function toRows(table: Matrix): number[][] {
  const rows: number[][] = []
  for (let r = 0; r < table.rows; r++)
    rows.push(Array.from(table.data.subarray(r * table.cols, (r + 1) * table.cols)))
  return rows
}
