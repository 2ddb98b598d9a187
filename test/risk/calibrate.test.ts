import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALERT_RISK, riskAtBudget, riskOf, severityOf } from '../../src/risk/calibrate.ts'
import { SEVERITIES } from '../../src/schema/scores.ts'

const rate = fc.double({ min: 0, max: 1e6, noNaN: true })
const budget = fc.double({ min: 0.1, max: 1e4, noNaN: true })
const probability = fc.double({ min: 0, max: 1, noNaN: true })

describe('riskOf', () => {
  test('by hand: the budget itself is 50, a tenth of it 91, a hundredth 99', () => {
    expect(riskOf(10, 10)).toBe(50)
    expect(riskOf(1, 10)).toBeCloseTo(1000 / 11, 10)
    expect(riskOf(0.1, 10)).toBeCloseTo(10_000 / 101, 10)
    expect(riskOf(90, 10)).toBeCloseTo(10, 10)
  })

  test('a filter, by hand: log-odds over the threshold count from the line', () => {
    // Even odds at the budget; ln 9 more makes 90.
    expect(riskOf(10, 10, { logOdds: 0, threshold: 0 })).toBeCloseTo(50, 10)
    expect(riskOf(10, 10, { logOdds: Math.log(9), threshold: 0 })).toBeCloseTo(90, 10)
    expect(riskOf(10, 10, { logOdds: -Math.log(9), threshold: 0 })).toBeCloseTo(10, 10)
    // Odds of 9, halved by the filter, against a threshold of odds 9: half of it, 1/3 of 100.
    expect(riskOf(1, 9, { logOdds: -Math.log(2), threshold: Math.log(9) })).toBeCloseTo(100 / 3, 10)
  })

  test('a filter holds back what is below its threshold, keeps the rest above the line, and raises nothing', () => {
    const logOdds = fc.double({ min: -20, max: 20, noNaN: true })
    fc.assert(
      fc.property(rate, budget, logOdds, logOdds, (alerts, perDay, own, threshold) => {
        const before = riskOf(alerts, perDay)
        const after = riskOf(alerts, perDay, { logOdds: own, threshold })
        if (before < ALERT_RISK) expect(after).toBeLessThanOrEqual(before + 1e-9)
        const total =
          Math.log(perDay / Math.max(alerts, Number.MIN_VALUE)) +
          Math.min(Math.max(own, -Math.log(999)), Math.log(999))
        if (before >= ALERT_RISK && total > threshold + 1e-9) expect(after).toBeGreaterThanOrEqual(ALERT_RISK)
        if (before >= ALERT_RISK && total < threshold - 1e-9) expect(after).toBeLessThan(ALERT_RISK)
      }),
    )
  })

  test('a filter never decides alone: certainty is taken as 999 to 1', () => {
    expect(riskOf(10, 10, { logOdds: 100, threshold: 0 })).toBeCloseTo(99.9, 10)
    expect(riskOf(10, 10, { logOdds: -100, threshold: 0 })).toBeCloseTo(0.1, 10)
  })

  test('lies in 0-100 for every input', () => {
    fc.assert(
      fc.property(rate, budget, fc.option(probability), probability, (alerts, perDay, p, threshold) => {
        const risk = riskOf(alerts, perDay, p === null ? undefined : { logOdds: p, threshold })
        expect(risk).toBeGreaterThanOrEqual(0)
        expect(risk).toBeLessThanOrEqual(100)
      }),
    )
    expect(riskOf(0, 10)).toBe(100)
    expect(riskOf(Number.POSITIVE_INFINITY, 10)).toBe(0)
  })

  test('is lower for commoner scores and higher for likelier ones', () => {
    fc.assert(
      fc.property(rate, rate, probability, probability, budget, (a, b, p, q, perDay) => {
        const filter = (value: number) => ({ logOdds: value, threshold: 0.2 })
        expect(riskOf(Math.max(a, b), perDay)).toBeLessThanOrEqual(riskOf(Math.min(a, b), perDay))
        expect(riskOf(a, perDay, filter(Math.min(p, q)))).toBeLessThanOrEqual(
          riskOf(a, perDay, filter(Math.max(p, q))),
        )
      }),
    )
  })
})

describe('severityOf', () => {
  test('steps where its table says', () => {
    const at = (risk: number) => severityOf(risk)
    expect([0, 49.9, 50, 79.9, 80, 94.9, 95, 98.9, 99, 100].map(at)).toEqual([
      'info',
      'info',
      'low',
      'low',
      'medium',
      'medium',
      'high',
      'high',
      'critical',
      'critical',
    ])
    expect(at(ALERT_RISK)).toBe('low')
  })

  test('never falls as risk rises', () => {
    const risk = fc.double({ min: 0, max: 100, noNaN: true })
    fc.assert(
      fc.property(risk, risk, (a, b) => {
        const rank = (value: number) => SEVERITIES.indexOf(severityOf(value))
        expect(rank(Math.min(a, b))).toBeLessThanOrEqual(rank(Math.max(a, b)))
      }),
    )
  })
})

test('risk under another budget is what riskOf says of it, whatever the filter added above the line', () => {
  const added = fc.double({ min: -6, max: 6, noNaN: true })
  const threshold = fc.double({ min: -3, max: 3, noNaN: true })
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 9.9, noNaN: true }),
      added,
      threshold,
      (rate, logOdds, threshold) => {
        const says = { logOdds, threshold }
        const known = { risk: riskOf(rate, 10, says), budgetPerDay: 10 }
        fc.pre(known.risk > 1e-6 && known.risk < 100 - 1e-6)
        expect(riskAtBudget(known, rate, 10, threshold)).toBeCloseTo(known.risk, 6)
        expect(riskAtBudget(known, rate, 3, threshold)).toBeCloseTo(riskOf(rate, 3, says), 4)
      },
    ),
  )
})

test('without a filter another budget scales the odds', () => {
  expect(riskAtBudget({ risk: 90, budgetPerDay: 9 }, 1, 3, null)).toBeCloseTo(75, 12)
})
