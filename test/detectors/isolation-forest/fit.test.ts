import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitForest } from '../../../src/detectors/isolation-forest/fit.ts'
import { averagePathLength, type Forest } from '../../../src/detectors/isolation-forest/forest.ts'
import { scoreForest } from '../../../src/detectors/isolation-forest/score.ts'
import { KeyhoundError } from '../../../src/lib/errors.ts'
import { createMatrix, fromColumns, selectRows } from '../../../src/lib/matrix.ts'
import { createRandom } from '../../../src/lib/random.ts'
import { normalTable, reorderColumns } from './tables.ts'

test('c(n) is 0, 1 and 2 H(n - 1) - 2 (n - 1) / n with the logarithm for H, as in scikit-learn', () => {
  expect(averagePathLength(0)).toBe(0)
  expect(averagePathLength(1)).toBe(0)
  expect(averagePathLength(2)).toBe(1)
  // 2 (ln 2 + 0.5772156649) - 4 / 3
  expect(averagePathLength(3)).toBeCloseTo(1.2073923577, 9)
  expect(averagePathLength(256)).toBeCloseTo(10.2447709201, 9)
})

/** Rows at the leaves of one tree: nodes that were reached and did not split. */
function leafSizes(forest: Forest, tree: number): number[] {
  const size = 2 ** (forest.depth + 1)
  const counts = forest.counts.subarray(tree * size, (tree + 1) * size)
  return [...counts].filter((count, node) => count > 0 && !(2 * node < size && counts[2 * node]! > 0))
}

test('each tree is grown on its subsample: leaves add up to it, and no path is longer than log2 of it', () => {
  const forest = fitForest(normalTable(1000, 3), { trees: 20, subsample: 64 })
  expect(forest.depth).toBe(6)
  for (let tree = 0; tree < 20; tree++)
    expect(leafSizes(forest, tree).reduce((sum, n) => sum + n, 0)).toBe(64)
})

test('every split keeps a row on each side', () => {
  const forest = fitForest(normalTable(300, 4), { trees: 10 })
  const size = 2 ** (forest.depth + 1)
  for (let i = 0; i < forest.counts.length; i++) {
    const node = i % size
    if (2 * node >= size || forest.counts[i] === 0) continue
    const left = forest.counts[i + node]!
    const right = forest.counts[i + node + 1]!
    expect(left > 0).toBe(right > 0)
    if (left > 0) expect(left + right).toBe(forest.counts[i])
  }
})

test('same seed, same forest; another seed, another; a longer forest begins with the shorter one', () => {
  const table = normalTable(500, 4)
  const first = fitForest(table, { seed: 7, trees: 10 })
  expect(fitForest(table, { seed: 7, trees: 10 })).toEqual(first)
  expect(fitForest(table, { seed: 8, trees: 10 }).thresholds).not.toEqual(first.thresholds)
  const longer = fitForest(table, { seed: 7, trees: 12 })
  expect(longer.thresholds.subarray(0, first.thresholds.length)).toEqual(first.thresholds)
})

test('the order of columns at training changes no score', () => {
  const table = normalTable(400, 5)
  const forest = fitForest(table, { seed: 3 })
  const other = fitForest(reorderColumns(table, [3, 0, 4, 2, 1]), { seed: 3 })
  expect(scoreForest(other, table)).toEqual(scoreForest(forest, table))
})

test('with no more rows than the subsample, the order of rows at training changes no score', () => {
  const table = normalTable(200, 3)
  const order = createRandom(5).shuffle(Array.from({ length: 200 }, (_, i) => i))
  const forest = fitForest(selectRows(table, order), { seed: 3 })
  expect(scoreForest(forest, table)).toEqual(scoreForest(fitForest(table, { seed: 3 }), table))
})

describe('missing values', () => {
  test('a column of which nothing is known is never split', () => {
    const nothing = new Float64Array(100).fill(Number.NaN)
    const x = Float64Array.from({ length: 100 }, (_, i) => i)
    const forest = fitForest(fromColumns({ x, nothing }), { trees: 30 })
    const without = fitForest(fromColumns({ x }), { trees: 30 })
    expect([...forest.slots].every(slot => slot === 0)).toBe(true)
    expect(forest.sampleRows).toBe(without.sampleRows)
  })

  test('they go where the share of known rows sends them: right in about 9 of 10 roots', () => {
    // Known values 0 (once) and 1 (nine times): the only split sends nine tenths right.
    const x = Float64Array.from({ length: 10 }, (_, i) => (i === 0 ? 0 : 1))
    const forest = fitForest(fromColumns({ x }), { trees: 2000, maxDepth: 1 })
    const right = [...forest.missingRight].filter((_, i) => i % 2 === 1).reduce((sum, bit) => sum + bit, 0)
    expect(right / 2000).toBeCloseTo(0.9, 1)
  })

  test('being missing is not anomalous: an unknown far-out value scores like the middle of the crowd', () => {
    const table = normalTable(2000, 4)
    const forest = fitForest(table)
    const probe = createMatrix(3, table.names)
    probe.data.set([8, 0, 0, 0], 4)
    probe.data.set([Number.NaN, 0, 0, 0], 8)
    const [middle, far, unknown] = scoreForest(forest, probe) as unknown as [number, number, number]
    expect(far).toBeGreaterThan(middle + 0.05)
    expect(Math.abs(unknown - middle)).toBeLessThan(0.03)
  })
})

describe('categorical columns', () => {
  const random = createRandom(2)
  // Codes 10, 20, 30, equally common, and 25 twice: rare, but between the others.
  const code = Float64Array.from({ length: 512 }, (_, i) => (i < 2 ? 25 : 10 * (1 + random.int(3))))

  test('a rare code stands out even where its number lies among the others', () => {
    const table = fromColumns({ code })
    const scores = scoreForest(fitForest(table, { subsample: 512, categorical: ['code'] }), table)
    expect(scores[0]).toBeGreaterThan(Math.max(...scores.subarray(2)) + 0.05)
  })

  test('renaming the codes does not move the ranking as renumbering an ordered column does', () => {
    const renamed = { code: code.map(c => (c === 25 ? 900_001 : c)) }
    const table = fromColumns(renamed)
    const scores = scoreForest(fitForest(table, { subsample: 512, categorical: ['code'] }), table)
    expect(scores[0]).toBeGreaterThan(Math.max(...scores.subarray(2)) + 0.05)
  })

  test('codes never seen and missing codes score', () => {
    const forest = fitForest(fromColumns({ code }), { categorical: ['code'] })
    const scores = scoreForest(forest, fromColumns({ code: [77, Number.NaN, -3] }))
    for (const score of scores) expect(score).toSatisfy((s: number) => s > 0 && s < 1)
  })

  test('a code that is no whole number is refused with its row', () => {
    expect(() => fitForest(fromColumns({ code: [1, 2.5] }), { categorical: ['code'] })).toThrow(
      /"code" holds 2.5 in row 1/,
    )
  })
})

test('input stays untouched; constant columns, equal rows and one row survive with the score one half', () => {
  const table = fromColumns({ a: [5, 5, 5], b: [1, 1, 1] })
  const before = table.data.slice()
  for (const score of scoreForest(fitForest(table), table)) expect(score).toBeCloseTo(0.5, 7)
  expect(table.data).toEqual(before)
  const single = fromColumns({ a: [5] })
  expect([...scoreForest(fitForest(single), single)]).toEqual([0.5])
})

test('infinite and huge values neither break a tree nor a score', () => {
  const x = Float64Array.from({ length: 50 }, (_, i) => i)
  x[0] = Number.POSITIVE_INFINITY
  x[1] = Number.NEGATIVE_INFINITY
  x[2] = 1e300
  const table = fromColumns({ x })
  const forest = fitForest(table)
  expect([...forest.thresholds].every(Number.isFinite)).toBe(true)
  for (const score of scoreForest(forest, table)) expect(score).toSatisfy((s: number) => s > 0 && s < 1)
})

test('whatever the table, leaves add up to the subsample and scores lie in (0, 1)', () => {
  const cell = fc.oneof(fc.double({ noNaN: false }), fc.integer({ min: -3, max: 3 }), fc.constant(Number.NaN))
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 3 })
        .chain(cols =>
          fc.array(fc.array(cell, { minLength: cols, maxLength: cols }), { minLength: 1, maxLength: 40 }),
        ),
      fc.integer(),
      (rows, seed) => {
        const cols = rows[0]!.length
        const table = createMatrix(
          rows.length,
          Array.from({ length: cols }, (_, c) => `x${c}`),
        )
        table.data.set(rows.flat())
        const forest = fitForest(table, { trees: 5, subsample: 16, seed })
        for (let tree = 0; tree < 5; tree++)
          expect(leafSizes(forest, tree).reduce((sum, n) => sum + n, 0)).toBe(forest.sampleRows)
        for (const score of scoreForest(forest, table)) expect(score > 0 && score < 1).toBe(true)
      },
    ),
    { numRuns: 200 },
  )
})

test.each([
  [{ trees: 0 }, /trees/],
  [{ subsample: 1 }, /subsample/],
  [{ maxDepth: 17 }, /maxDepth/],
  [{ categorical: ['nope'] }, /"nope" is not in the table; found: x0, x1/],
])('options out of range are refused: %o', (options, message) => {
  expect(() => fitForest(normalTable(10, 2), options)).toThrow(message)
  expect(() => fitForest(normalTable(10, 2), options)).toThrow(KeyhoundError)
})

test('an empty table and repeated names are refused', () => {
  expect(() => fitForest(createMatrix(0, ['a']))).toThrow(/at least one row/)
  expect(() => fitForest(createMatrix(2, []))).toThrow(/at least one row and one column/)
  expect(() => fitForest(createMatrix(2, ['a', 'b', 'a']))).toThrow(/"a" is there twice/)
})
