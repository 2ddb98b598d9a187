import { describe, expect, test } from 'vitest'
import { fitNonnegativeLogistic } from '../../../scripts/fit/nonnegative-logistic.ts'
import { createMatrix, fromColumns } from '../../../src/lib/matrix.ts'
import { createRandom } from '../../../src/lib/random.ts'

const ones = (n: number) => new Float64Array(n).fill(1)

/** Rows of standard normal columns, labelled by chance under the given log-odds. */
function draw(rows: number, intercept: number, truth: readonly number[], seed: number) {
  const random = createRandom(seed)
  const table = createMatrix(
    rows,
    truth.map((_, c) => `x${c}`),
  )
  const isPositive = new Uint8Array(rows)
  for (let r = 0; r < rows; r++) {
    let z = intercept
    for (let c = 0; c < truth.length; c++) {
      const x = random.normal()
      table.data[r * truth.length + c] = x
      z += truth[c]! * x
    }
    isPositive[r] = random.next() < 1 / (1 + Math.exp(-z)) ? 1 : 0
  }
  return { table, isPositive, weights: ones(rows) }
}

describe('non-negative logistic regression', () => {
  test('one yes-or-no column without penalty gives the log-odds ratio of its two by two table', () => {
    // x = 0: 10 of 40 positive, log-odds ln(1/3); x = 1: 30 of 40, ln 3; so the coefficient is ln 9.
    const x = Array.from({ length: 80 }, (_, i) => (i < 40 ? 0 : 1))
    const y = Array.from({ length: 80 }, (_, i) => (i < 10 || i >= 50 ? 1 : 0))
    const fit = fitNonnegativeLogistic(fromColumns({ x }), y, ones(80), { ridge: 1e-9 })
    expect(fit.converged).toBe(true)
    expect(fit.intercept).toBeCloseTo(-Math.log(3), 6)
    expect(fit.coefficients[0]).toBeCloseTo(Math.log(9), 6)
  })

  test('a row of weight 3 is three rows', () => {
    const once = fitNonnegativeLogistic(
      fromColumns({ x: [0, 1, 2, 3] }),
      [0, 1, 0, 1],
      Float64Array.of(3, 1, 1, 2),
      { ridge: 0.1, lasso: 0.1 },
    )
    const repeated = fitNonnegativeLogistic(
      fromColumns({ x: [0, 0, 0, 1, 2, 3, 3] }),
      [0, 0, 0, 1, 0, 1, 1],
      ones(7),
      { ridge: 0.1, lasso: 0.1 },
    )
    expect(once.coefficients[0]).toBeCloseTo(repeated.coefficients[0]!, 8)
    expect(once.objective).toBeCloseTo(repeated.objective, 8)
  })

  test('recovers what is positive, holds at 0 what is negative or nothing', () => {
    const { table, isPositive, weights } = draw(20_000, -2, [1, -1, 0.5, 0, -0.3], 7)
    // The slope of a column that means nothing has a spread of about sqrt(rows p (1 - p)) = 45: the lasso takes three of them.
    const fit = fitNonnegativeLogistic(table, isPositive, weights, { ridge: 1, lasso: 140 })
    // Leaving out a column of slope -1 shrinks the others' slopes (by 1 / sqrt(1 + 0.35 b^2) or so): signs and order remain.
    expect(fit.coefficients[0]).toBeGreaterThan(0.7)
    expect(fit.coefficients[0]).toBeLessThan(1.05)
    expect(fit.coefficients[2]).toBeGreaterThan(0.3)
    expect(fit.coefficients[2]).toBeLessThan(fit.coefficients[0]!)
    expect([fit.coefficients[1], fit.coefficients[3], fit.coefficients[4]]).toEqual([0, 0, 0])
  })

  test.each([1, 2, 3, 4, 5])('optimality conditions hold at the end, seed %i', seed => {
    const random = createRandom(seed)
    const truth = Array.from({ length: 12 }, () => random.normal())
    const { table, isPositive } = draw(1000, -1, truth, seed)
    const weights = Float64Array.from({ length: 1000 }, () => 0.5 + random.next() * 5)
    const fit = fitNonnegativeLogistic(table, isPositive, weights, { ridge: 5, lasso: 2 })
    expect(fit.converged).toBe(true)
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    fit.coefficients.forEach((coefficient, c) => {
      expect(coefficient).toBeGreaterThanOrEqual(0)
      if (coefficient > 0) expect(Math.abs(fit.slopes[c]!)).toBeLessThanOrEqual(1e-8 * total)
      else expect(fit.slopes[c]).toBeGreaterThanOrEqual(-1e-8 * total)
    })
    // Convex: no neighbour is better.
    const objectiveAt = (coefficients: Float64Array) =>
      weights.reduce((sum, weight, r) => {
        let z = fit.intercept
        for (let c = 0; c < 12; c++) z += coefficients[c]! * table.data[r * 12 + c]!
        return sum + weight * Math.log1p(Math.exp(isPositive[r] ? -z : z))
      }, 0) + coefficients.reduce((sum, b) => sum + 2.5 * b * b + 2 * b, 0)
    expect(objectiveAt(fit.coefficients)).toBeCloseTo(fit.objective, 6)
    for (let c = 0; c < 12; c++) {
      for (const change of [-0.01, 0.01]) {
        const near = fit.coefficients.slice()
        near[c] = Math.max(0, near[c]! + change)
        expect(objectiveAt(near)).toBeGreaterThanOrEqual(fit.objective - 1e-9)
      }
    }
  })

  test('a column twice shares its weight, and a column of zeros gets none', () => {
    const { table, isPositive, weights } = draw(2000, 0, [1], 3)
    const fit = fitNonnegativeLogistic(
      fromColumns({ a: table.data, b: table.data, zero: new Float64Array(2000) }),
      isPositive,
      weights,
      { ridge: 1 },
    )
    expect(fit.coefficients[0]).toBeCloseTo(fit.coefficients[1]!, 4)
    expect(fit.coefficients[2]).toBe(0)
  })

  test('separable rows still have an optimum, thanks to the ridge', () => {
    const fit = fitNonnegativeLogistic(fromColumns({ x: [-2, -1, 1, 2] }), [0, 0, 1, 1], ones(4), {
      ridge: 0.01,
    })
    expect(fit.converged).toBe(true)
    expect(fit.intercept).toBeCloseTo(0, 6)
    expect(fit.coefficients[0]).toBeGreaterThan(2)
  })

  test('one class alone is refused', () => {
    expect(() => fitNonnegativeLogistic(fromColumns({ x: [1, 2] }), [1, 1], ones(2), { ridge: 1 })).toThrow(
      RangeError,
    )
  })
})
