import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  clamp,
  logistic,
  lowerBound,
  mean,
  median,
  quantile,
  quantileSorted,
  robustSd,
  sortedFinite,
} from '../../src/lib/stats.ts'

test('quantiles interpolate between order statistics (type 7)', () => {
  // numpy.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.9, 1]) = 1, 1.75, 3, 6.8, 8
  const values = [8, 1, 4, 2]
  expect([0, 0.25, 0.5, 1].map(p => quantile(values, p))).toEqual([1, 1.75, 3, 8])
  expect(quantile(values, 0.9)).toBeCloseTo(6.8, 12)
  expect(values).toEqual([8, 1, 4, 2])
  expect(quantileSorted([5], 0.3)).toBe(5)
  expect(quantileSorted([1, 2], -1)).toBe(1)
  expect(quantileSorted([1, 2], 2)).toBe(2)
  expect(quantile([], 0.5)).toBeNaN()
})

test('what is not finite is left out', () => {
  expect(sortedFinite([3, Number.NaN, Number.POSITIVE_INFINITY, -10, 2])).toEqual(Float64Array.of(-10, 2, 3))
  expect(median([Number.NaN, 1, 3])).toBe(2)
})

test('the robust deviation of 1..5 is 1.4826 x 1, whatever one outlier does', () => {
  expect(robustSd([1, 2, 3, 4, 5])).toBeCloseTo(1.4826, 12)
  expect(robustSd([1, 2, 3, 4, 5e9])).toBeCloseTo(1.4826, 12)
})

test('mean, clamp and logistic by hand', () => {
  expect(mean([1, 2, 6])).toBe(3)
  expect(mean([])).toBeNaN()
  expect([clamp(-1, 0, 1), clamp(0.5, 0, 1), clamp(7, 0, 1)]).toEqual([0, 0.5, 1])
  expect(logistic(0)).toBe(0.5)
  expect(logistic(Math.log(3))).toBeCloseTo(0.75, 12)
  expect([logistic(-1000), logistic(1000)]).toEqual([0, 1])
})

test('the lower bound parts what is smaller from what is not', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 })),
      fc.integer({ min: -1, max: 21 }),
      (values, key) => {
        const sorted = values.sort((a, b) => a - b)
        expect(lowerBound(sorted, key)).toBe(sorted.filter(value => value < key).length)
      },
    ),
  )
})

test('a quantile lies within the values and rises with p', () => {
  const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), {
    minLength: 1,
  })
  fc.assert(
    fc.property(
      values,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (v, p, q) => {
        const [low, high] = [quantile(v, Math.min(p, q)), quantile(v, Math.max(p, q))]
        // One rounding of the interpolation.
        expect(low).toBeLessThanOrEqual(high + 1e-9)
        expect(low).toBeGreaterThanOrEqual(Math.min(...v) - 1e-9)
        expect(high).toBeLessThanOrEqual(Math.max(...v) + 1e-9)
      },
    ),
  )
})
