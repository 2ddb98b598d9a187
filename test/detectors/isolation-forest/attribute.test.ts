import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attributeForest } from '../../../src/detectors/isolation-forest/attribute.ts'
import { fitForest } from '../../../src/detectors/isolation-forest/fit.ts'
import { averagePathLength } from '../../../src/detectors/isolation-forest/forest.ts'
import { scoreForest } from '../../../src/detectors/isolation-forest/score.ts'
import { createMatrix, fromColumns } from '../../../src/lib/matrix.ts'
import { createRandom } from '../../../src/lib/random.ts'

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0)

test('derived by hand: two equal rows and one other, and a constant column that gets nothing', () => {
  const forest = fitForest(fromColumns({ x: [0, 0, 1], constant: [4, 4, 4] }))
  // c(3) = 1.2073923577; the other is reached at depth 1, the two at 1 + c(2) = 2.
  const [other, constant] = attributeForest(forest, [1, 4]) as unknown as [number, number]
  expect(other).toBeCloseTo(1.2073923577 - 1, 9)
  expect(constant).toBe(0)
  expect(attributeForest(forest, [0, 4])[0]).toBeCloseTo(1.2073923577 - 2, 9)
})

test('adds up to the depth deficit, so the score follows from it, with missing and categorical columns too', () => {
  const random = createRandom(4)
  const names = ['a', 'b', 'code', 'd']
  const table = createMatrix(700, names)
  for (let i = 0; i < table.data.length; i++) {
    if (i % 4 === 2) table.data[i] = random.int(12)
    else table.data[i] = random.chance(0.1) ? Number.NaN : random.normal()
  }
  const forest = fitForest(table, { categorical: ['code'] })
  const c = averagePathLength(forest.sampleRows)
  const cell = fc.oneof(fc.double({ min: -10, max: 10, noNaN: true }), fc.constant(Number.NaN))
  fc.assert(
    fc.property(cell, cell, fc.integer({ min: 0, max: 30 }), cell, (a, b, code, d) => {
      const attribution = attributeForest(forest, [a, b, code, d])
      const [score] = scoreForest(forest, fromColumns({ a: [a], b: [b], code: [code], d: [d] }))
      expect(2 ** (-1 + sum(attribution) / c)).toBeCloseTo(score!, 6)
    }),
    { numRuns: 200 },
  )
})

test('the column that sets a row apart gets the most', () => {
  const random = createRandom(6)
  const table = createMatrix(1000, ['a', 'b', 'c', 'd', 'e'])
  for (let i = 0; i < table.data.length; i++) table.data[i] = random.normal()
  const forest = fitForest(table)
  for (let c = 0; c < 5; c++) {
    const row = [0.1, -0.2, 0.1, 0, 0.2]
    row[c] = 6
    const attribution = attributeForest(forest, row)
    expect(attribution.indexOf(Math.max(...attribution))).toBe(c)
    expect(attribution[c]).toBeGreaterThan(0)
  }
})

test('a row of another length is refused', () => {
  expect(() => attributeForest(fitForest(fromColumns({ x: [1, 2], y: [3, 4] })), [1])).toThrow(
    /1 values.*takes 2: x, y/,
  )
})
