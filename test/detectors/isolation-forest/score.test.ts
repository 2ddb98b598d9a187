import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitForest } from '../../../src/detectors/isolation-forest/fit.ts'
import { averagePathLength, type Forest } from '../../../src/detectors/isolation-forest/forest.ts'
import { scoreForest } from '../../../src/detectors/isolation-forest/score.ts'
import { createMatrix, fromColumns, type Matrix, selectRows } from '../../../src/lib/matrix.ts'
import { createRandom } from '../../../src/lib/random.ts'
import { normalTable, reorderColumns, toFloat32 } from './tables.ts'

/** Scores the slow, obvious way: one row, one tree, node by node, from the stored splits and counts. */
function scoreSlowly(forest: Forest, table: Matrix): number[] {
  const half = 2 ** forest.depth
  return Array.from({ length: table.rows }, (_, r) => {
    let sum = 0
    for (let tree = 0; tree < forest.trees; tree++) {
      let node = 1
      let level = 0
      for (; level < forest.depth && forest.counts[2 * (tree * half + node)]! > 0; level++) {
        const at = tree * half + node
        const value = Math.fround(table.data[r * table.cols + forest.slots[at]!]!)
        const right = Number.isNaN(value) ? forest.missingRight[at] === 1 : value >= forest.thresholds[at]!
        node = 2 * node + (right ? 1 : 0)
      }
      sum += level + averagePathLength(forest.counts[2 * tree * half + node]!)
    }
    return 2 ** (-sum / forest.trees / averagePathLength(forest.sampleRows))
  })
}

test('two rows: one split parts them, c(2) = 1, both score one half', () => {
  const table = fromColumns({ x: [0, 1] })
  expect([...scoreForest(fitForest(table), table)]).toEqual([0.5, 0.5])
})

test('two equal rows and one other: every tree parts the other at depth 1 and leaves the two at 1 + c(2) = 2', () => {
  const table = fromColumns({ x: [0, 0, 1], constant: [4, 4, 4] })
  const scores = scoreForest(fitForest(table), table)
  // c(3) = 1.2073923577
  expect(scores[2]).toBeCloseTo(2 ** (-1 / 1.2073923577), 6)
  expect(scores[0]).toBeCloseTo(2 ** (-2 / 1.2073923577), 6)
  expect(scores[1]).toBe(scores[0])
})

test('the far-out row scores highest', () => {
  const table = normalTable(1000, 4)
  const scores = scoreForest(fitForest(table), table)
  expect(scores.indexOf(Math.max(...scores))).toBe(999)
})

test.each([
  ['depth 8, a block and a half, not a multiple of eight', 389, 256],
  ['depth 8, fewer than eight rows', 5, 256],
  ['depth 4', 100, 16],
  ['depth 10', 1100, 1024],
])('the interleaved descent gives what a plain one does: %s', (_, rows, subsample) => {
  const table = normalTable(1100, 6)
  const forest = fitForest(table, { trees: 15, subsample })
  const some = selectRows(
    table,
    Array.from({ length: rows }, (_, i) => i),
  )
  const slow = scoreSlowly(forest, some)
  for (const variant of [some, toFloat32(some)]) {
    const scores = scoreForest(forest, variant)
    for (let r = 0; r < rows; r++) expect(scores[r]).toBeCloseTo(slow[r]!, 6)
  }
})

test('missing values take the branch drawn at training, in float64 and float32 tables alike', () => {
  const table = normalTable(600, 4)
  const random = createRandom(9)
  for (let i = 0; i < table.data.length; i++) if (random.chance(0.2)) table.data[i] = Number.NaN
  const forest = fitForest(table, { trees: 20 })
  const slow = scoreSlowly(forest, table)
  const scores = scoreForest(forest, table)
  expect(scoreForest(forest, toFloat32(table))).toEqual(scores)
  for (let r = 0; r < table.rows; r++) expect(scores[r]).toBeCloseTo(slow[r]!, 6)
})

test('a row scores the same with or without missing values beside it', () => {
  const table = toFloat32(normalTable(300, 4))
  const forest = fitForest(table)
  const holed = { ...table, data: table.data.slice() }
  holed.data[0] = Number.NaN
  expect(scoreForest(forest, holed).subarray(1)).toEqual(scoreForest(forest, table).subarray(1))
})

test('rows are scored each for itself: their order changes nothing', () => {
  const table = normalTable(300, 3)
  const forest = fitForest(table)
  const scores = scoreForest(forest, table)
  fc.assert(
    fc.property(fc.shuffledSubarray(Array.from({ length: 300 }, (_, i) => i)), order => {
      expect([...scoreForest(forest, selectRows(table, order))]).toEqual(order.map(r => scores[r]))
    }),
    { numRuns: 30 },
  )
})

test('a row scores the same bits alone, among few and in a block, with missing values or without', () => {
  const table = toFloat32(normalTable(300, 5))
  const forest = fitForest(table)
  for (let i = 0; i < 200; i += 3) table.data[i * 7] = Number.NaN
  const scores = scoreForest(forest, table)
  for (const size of [1, 3, 5, 9]) {
    for (let first = 0; first + size <= 300; first += size) {
      const some = selectRows(
        table,
        Array.from({ length: size }, (_, i) => first + i),
      )
      expect(scoreForest(forest, some)).toEqual(scores.subarray(first, first + size))
    }
  }
})

test('columns are found by name: order and extra columns change nothing', () => {
  const table = normalTable(100, 4)
  const forest = fitForest(table)
  const wide = fromColumns({
    extra: new Float64Array(100),
    ...Object.fromEntries(
      [2, 0, 3, 1].map(c => [`x${c}`, Float64Array.from({ length: 100 }, (_, r) => table.data[r * 4 + c]!)]),
    ),
  })
  const scores = scoreForest(forest, table)
  expect(scoreForest(forest, wide)).toEqual(scores)
  expect(scoreForest(forest, toFloat32(reorderColumns(table, [1, 2, 3, 0])))).toEqual(scores)
})

test('a missing column is refused by name', () => {
  const forest = fitForest(normalTable(50, 3))
  expect(() => scoreForest(forest, createMatrix(2, ['x0', 'x2']))).toThrow(
    /column "x1".*missing; found: x0, x2/,
  )
})

test('writes to the array given, whatever it held; an empty table gives no scores', () => {
  const table = normalTable(20, 2)
  const forest = fitForest(table)
  const out = new Float64Array(20).fill(123)
  expect(scoreForest(forest, table, { out })).toBe(out)
  expect(out).toEqual(scoreForest(forest, table))
  expect(scoreForest(forest, createMatrix(0, table.names)).length).toBe(0)
  expect(() => scoreForest(forest, table, { out: new Float64Array(3) })).toThrow(/3 places for 20 rows/)
})
