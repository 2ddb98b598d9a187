import { describe, expect, test } from 'vitest'
import { chiSquareTail, kolmogorovTail, logGamma } from '../../src/lib/tail-probability.ts'

describe('chi-square', () => {
  test('with two degrees of freedom is e^(-x / 2)', () => {
    for (const x of [0.01, 1, 3, 10, 80]) expect(chiSquareTail(x, 2) / Math.exp(-x / 2)).toBeCloseTo(1, 10)
  })

  test('as tables have its 95th percentile, on either side of the series and the fraction', () => {
    expect(chiSquareTail(3.841459, 1)).toBeCloseTo(0.05, 7)
    expect(chiSquareTail(18.307038, 10)).toBeCloseTo(0.05, 7)
    expect(chiSquareTail(3.940299, 10)).toBeCloseTo(0.95, 7)
  })

  test('is 1 where nothing could differ', () => {
    expect([chiSquareTail(0, 3), chiSquareTail(-1, 3), chiSquareTail(5, 0)]).toEqual([1, 1, 1])
  })
})

test('logarithm of the gamma function: 4! = 24, Gamma(1/2) = sqrt(pi)', () => {
  expect(logGamma(5)).toBeCloseTo(Math.log(24), 12)
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12)
  expect(logGamma(0.25) + logGamma(0.75)).toBeCloseTo(Math.log(Math.PI * Math.SQRT2), 12)
})

describe('Kolmogorov', () => {
  test('critical values of large samples: 1.3581 at 5 %, 1.6276 at 1 %', () => {
    const size = 1e8
    expect(kolmogorovTail(1.358099 / Math.sqrt(size), size)).toBeCloseTo(0.05, 4)
    expect(kolmogorovTail(1.627624 / Math.sqrt(size), size)).toBeCloseTo(0.01, 4)
  })

  test('is 1 without a gap, and next to nothing for samples that share no value', () => {
    expect(kolmogorovTail(0, 50)).toBe(1)
    expect(kolmogorovTail(1, 50)).toBeLessThan(1e-40)
  })
})
