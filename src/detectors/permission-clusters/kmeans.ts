import { type Matrix, selectRows } from '../../lib/matrix.ts'
import type { Random } from '../../lib/random.ts'
import { spreadStarts } from './kmeans-starts.ts'
import { type Assigned, assign, moveCentroids } from './lloyd.ts'

/** A partition of the rows of a matrix. */
export interface Partition extends Assigned {
  /** (clusters, cols), row-major. */
  readonly centroids: Float64Array
}

/** Starts are tried on at most this many rows; only the best is run on all. */
const START_ROWS = 1500

/** k-means from seeded k-means++ starts with several restarts; the partition of least inertia. Needs 1 <= clusters <= distinct rows. */
export function partition(table: Matrix, clusters: number, restarts: number, random: Random): Partition {
  const sample = sampleRows(table, START_ROWS, random.fork('sample'))
  let best: Partition | undefined
  for (let r = 0; r < restarts; r++) {
    const starts = spreadStarts(sample, clusters, random.fork('restart', r))
    const centroids = moveCentroids(sample, Float64Array.from(selectRows(sample, starts).data))
    const assigned = assign(sample, centroids)
    if (!best || assigned.inertia < best.inertia) best = { ...assigned, centroids }
  }
  if (sample === table) return best!
  const centroids = moveCentroids(table, best!.centroids)
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
