import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binomialCdf, clopperPearsonUpper } from '../../src/lib/binomial.ts'

test('distribution function, by hand: 3 tosses of a fair coin', () => {
  expect(binomialCdf(0, 3, 0.5)).toBeCloseTo(1 / 8, 12)
  expect(binomialCdf(1, 3, 0.5)).toBeCloseTo(4 / 8, 12)
  expect(binomialCdf(3, 3, 0.5)).toBeCloseTo(1, 12)
})

describe('Clopper-Pearson', () => {
  test('without successes it is 1 - 0.05^(1/n); the "rule of three" near n = 100', () => {
    expect(clopperPearsonUpper(0, 30)).toBeCloseTo(1 - 0.05 ** (1 / 30), 10)
    expect(clopperPearsonUpper(0, 100)).toBeCloseTo(0.0295, 3)
  })

  test('as scipy.stats.beta.ppf(0.95, k + 1, n - k)', () => {
    expect(clopperPearsonUpper(1, 30)).toBeCloseTo(0.148596, 5)
    expect(clopperPearsonUpper(2, 30)).toBeCloseTo(0.195325, 5)
    expect(clopperPearsonUpper(3, 20)).toBeCloseTo(0.343664, 5)
  })

  test('nothing is known without trials, nor ruled out when all succeed', () => {
    expect([clopperPearsonUpper(0, 0), clopperPearsonUpper(4, 4)]).toEqual([1, 1])
  })

  test('lies above the share, falls with trials, rises with successes', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 400 }), (k, more) => {
        const n = k + more
        const bound = clopperPearsonUpper(k, n)
        expect(bound).toBeGreaterThan(k / n)
        expect(clopperPearsonUpper(k, n + 1)).toBeLessThanOrEqual(bound)
        expect(clopperPearsonUpper(k + 1, n)).toBeGreaterThanOrEqual(bound)
      }),
    )
  })
})
