import { KeyhoundError } from '../../lib/errors.ts'
import type { Matrix } from '../../lib/matrix.ts'
import { encodeMissing, encodeRow, hasMissing, isIdentity, resolveColumns } from './encode-rows.ts'
import { averagePathLength, type Forest } from './forest.ts'
import { addPathLengths } from './path-lengths.ts'

/** Rows that go through all trees together: 256 x 64 float32 are 64 kB, which stay in the second-level cache. */
const BLOCK_ROWS = 256

/**
 * Anomaly score s = 2^(-E[h] / c(n)) of each row, in (0, 1), higher = more anomalous (Liu, Ting & Zhou 2008, eq. 2), (rows).
 * Columns are found by name; others are ignored. Numbers are compared as float32. A missing value follows, in each node,
 * the branch drawn at training in proportion to the rows that went there. Writes to `out` when given.
 * Throws KeyhoundError 'bad-input' when a column the forest was trained on is missing.
 */
export function scoreForest(forest: Forest, table: Matrix, out?: Float64Array): Float64Array {
  const scores = out ?? new Float64Array(table.rows)
  if (scores.length !== table.rows)
    throw new KeyhoundError('internal', `out has ${scores.length} places for ${table.rows} rows`)
  sumPathLengths(forest, table, scores)
  const expected = averagePathLength(forest.sampleRows)
  // Eq. 2 as an exponential (half the time of a power). A forest grown on one row knows nothing: 0.5, as in scikit-learn.
  const rate = expected === 0 ? 0 : -Math.LN2 / (forest.trees * expected)
  for (let r = 0; r < table.rows; r++) scores[r] = expected === 0 ? 0.5 : Math.exp(scores[r]! * rate)
  return scores
}

function sumPathLengths(forest: Forest, table: Matrix, sums: Float64Array): void {
  const { lookup } = forest
  const { width } = lookup
  const source = resolveColumns(forest.names, table)
  const asIs = isIdentity(source, table, width)
  const encoded = new Float32Array(asIs ? 0 : BLOCK_ROWS * width)
  let doubled: Float32Array | undefined
  for (let start = 0; start < table.rows; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, table.rows - start)
    let rows: Float32Array = encoded
    if (asIs) {
      rows = table.data.subarray(start * width, (start + count) * width) as Float32Array
    } else {
      for (let r = 0; r < count; r++) {
        const from = (start + r) * table.cols
        encodeRow(table.data, from, source, forest.isCategorical, encoded, r * width)
      }
    }
    const blockSums = sums.subarray(start, start + count)
    blockSums.fill(0)
    if (hasMissing(rows, count * width)) {
      doubled ??= new Float32Array(BLOCK_ROWS * 2 * width)
      encodeMissing(rows, count, width, doubled)
      addPathLengths(lookup.missingTrees, forest.depth, doubled, 2 * width, blockSums)
    } else {
      addPathLengths(lookup.plainTrees, forest.depth, rows, width, blockSums)
    }
  }
}
