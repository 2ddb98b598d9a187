import { describe, expect, test } from 'vitest'
import { combineEvidence } from '../../src/risk/combine.ts'
import { withFloor } from '../../src/risk/floor.ts'

const learned = {
  knee: 4,
  cap: 8,
  weights: {
    denied_sensitive: { perNat: 0.3, beyondKnee: 0.4 },
    country_surprise: { perNat: 0.2, beyondKnee: 0 },
    address_tenants: { perNat: 0.5, beyondKnee: 0.1 },
  },
}

describe('withFloor', () => {
  const floored = withFloor(learned)
  const score = (source: string, nats: number) => combineEvidence(floored, [{ source, nats }])

  test('what was learned to weigh more stays as it is, and what is not named is left alone', () => {
    expect(floored.weights.denied_sensitive).toEqual(learned.weights.denied_sensitive)
    expect(floored.weights.country_surprise).toEqual(learned.weights.country_surprise)
    expect(score('latency_tail', 8)).toBe(0)
  })

  test('an extreme that nothing was learned about counts beyond the knee only', () => {
    expect(score('deletes_excess', 4)).toBe(0)
    expect(score('deletes_excess', 8)).toBeGreaterThan(0)
  })

  test('what simulated worlds overrate counts less from the first nat on', () => {
    expect(score('address_tenants', 4)).toBeCloseTo(4 * 0.2, 10)
    expect(score('address_tenants', 8)).toBeCloseTo(8 * 0.2 + 4 * 0.1, 10)
  })

  test('hours and handovers count from the first nat', () => {
    expect(score('day_hour_surprise', 1)).toBeCloseTo(0.7, 10)
    expect(score('hour_surprise', 1)).toBeCloseTo(0.2, 10)
    expect(score('three_day_handovers_tail', 1)).toBeCloseTo(0.4, 10)
  })

  test('the strongest signal goes on counting where single facts have reached their cap', () => {
    expect(score('specialist', 4)).toBe(0)
    expect(score('specialist', 16)).toBeGreaterThan(score('specialist', 8))
    expect(score('deletes_excess', 16)).toBe(score('deletes_excess', 8))
  })
})
