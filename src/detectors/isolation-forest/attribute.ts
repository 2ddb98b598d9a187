import { KeyhoundError } from '../../lib/errors.ts'
import { encodeMissing, encodeRow } from './encode-rows.ts'
import { averagePathLength, type Forest } from './forest.ts'

/**
 * Which columns isolate a row, (cols), in the order of `forest.names`; `row` is in that order too, NaN = missing.
 *
 * Let e(v) = depth(v) + c(n(v)) be the path length expected on reaching node v with n(v) training rows: e(root) = c(n),
 * and e(leaf) = h. A step from v to its child w on column j is worth e(v) - e(w): positive where the row takes the
 * sparser branch. The attribution of j is the sum of its steps over the row's path, averaged over the trees. Steps
 * telescope, so the attributions add up exactly (to rounding) to the row's depth deficit
 *
 *     sum_j a_j = c(n) - E[h]        hence        score = 2^(-1 + sum_j a_j / c(n)):
 *
 * a positive sum lifts the score above one half, and a_j / c(n) is the share of that, in powers of two.
 * (Path attribution after Saabas 2014, "Interpreting random forests", with e(v) from theory in place of leaf means.)
 * Throws KeyhoundError 'bad-input' when the row's length is not the forest's.
 */
export function attributeForest(forest: Forest, row: ArrayLike<number>): Float64Array {
  const { names, trees, depth, counts, thresholds } = forest
  const { width, slotColumn, missingSlots } = forest.lookup
  if (row.length !== names.length)
    throw new KeyhoundError(
      'bad-input',
      `the row has ${row.length} values; the forest takes ${names.length}: ${names.join(', ')}`,
    )
  const encoded = new Float32Array(width)
  encodeRow(row, 0, Int32Array.from(names.keys()), forest.isCategorical, encoded, 0)
  const doubled = new Float32Array(2 * width)
  encodeMissing(encoded, 1, width, doubled)

  const attribution = new Float64Array(names.length)
  const half = 2 ** depth
  for (let tree = 0; tree < trees; tree++) {
    const base = tree * half
    let node = 1
    let expected = averagePathLength(counts[2 * base + 1]!)
    for (let level = 1; level <= depth && counts[2 * (base + node)]! > 0; level++) {
      const column = slotColumn[forest.slots[base + node]!]!
      node = 2 * node + +(doubled[missingSlots[base + node]!]! >= thresholds[base + node]!)
      const next = level + averagePathLength(counts[2 * base + node]!)
      attribution[column]! += expected - next
      expected = next
    }
  }
  for (let c = 0; c < attribution.length; c++) attribution[c]! /= trees
  return attribution
}
