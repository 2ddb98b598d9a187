import type { Matrix } from '../../lib/matrix.ts'
import type { Random } from '../../lib/random.ts'
import { squaredDistance } from './lloyd.ts'

/**
 * Rows to start k-means from: k-means++ (Arthur & Vassilvitskii 2007), each next row drawn in proportion to its squared
 * distance from those chosen; of 2 + ln k draws the one that lowers the sum most (as scikit-learn). Length clusters.
 */
export function spreadStarts(table: Matrix, clusters: number, random: Random): number[] {
  const { rows } = table
  const draws = 2 + Math.floor(Math.log(clusters))
  const chosen = [random.int(rows)]
  let nearest = new Float64Array(rows).fill(Infinity)
  let candidate = new Float64Array(rows)
  let best = new Float64Array(rows)
  lowerTo(table, chosen[0]!, nearest, nearest)
  while (chosen.length < clusters) {
    let bestRow = -1
    let bestSum = Infinity
    for (let draw = 0; draw < draws; draw++) {
      const row = random.weighted(nearest)
      const sum = lowerTo(table, row, nearest, candidate)
      if (sum >= bestSum) continue
      bestSum = sum
      bestRow = row
      ;[best, candidate] = [candidate, best]
    }
    chosen.push(bestRow)
    ;[nearest, best] = [best, nearest]
  }
  return chosen
}

/** Writes to `out` the lower of `nearest` and the squared distance to the given row; returns the sum. */
function lowerTo(table: Matrix, row: number, nearest: Float64Array, out: Float64Array): number {
  const { data, rows, cols } = table
  let total = 0
  for (let r = 0; r < rows; r++) {
    const bound = nearest[r]!
    const lower = Math.min(squaredDistance(data, r * cols, data, row * cols, cols, bound), bound)
    out[r] = lower
    total += lower
  }
  return total
}
