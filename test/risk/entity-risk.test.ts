import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decayedRisk, entityRisk } from '../../src/risk/entity-risk.ts'

describe('decayed risk', () => {
  test('halves with every half-life', () => {
    expect(decayedRisk({ risk: 80, ageDays: 0 }, 7)).toBe(80)
    expect(decayedRisk({ risk: 80, ageDays: 7 }, 7)).toBe(40)
    expect(decayedRisk({ risk: 80, ageDays: 21 }, 7)).toBe(10)
    // 2^(-1/2) = 0.70711
    expect(decayedRisk({ risk: 80, ageDays: 3.5 }, 7)).toBeCloseTo(56.569, 3)
  })
  test('what lies ahead counts as now', () => {
    expect(decayedRisk({ risk: 80, ageDays: -3 }, 7)).toBe(80)
  })
})

describe('entity risk', () => {
  test('by hand', () => {
    expect(entityRisk([], 7)).toBe(0)
    expect(entityRisk([{ risk: 60, ageDays: 0 }], 7)).toBeCloseTo(60, 12)
    // 1 - 0.5 * 0.5
    expect(
      entityRisk(
        [
          { risk: 50, ageDays: 0 },
          { risk: 50, ageDays: 0 },
        ],
        7,
      ),
    ).toBeCloseTo(75, 12)
    // 80 -> 40 after one half-life, 60 -> 15 after two: 1 - 0.6 * 0.85
    expect(
      entityRisk(
        [
          { risk: 80, ageDays: 7 },
          { risk: 60, ageDays: 14 },
        ],
        7,
      ),
    ).toBeCloseTo(49, 12)
    expect(
      entityRisk(
        [
          { risk: 100, ageDays: 0 },
          { risk: 3, ageDays: 0 },
        ],
        7,
      ),
    ).toBe(100)
  })

  const alert = fc.record({
    risk: fc.double({ min: 0, max: 100, noNaN: true }),
    ageDays: fc.double({ min: 0, max: 100, noNaN: true }),
  })
  const halfLife = fc.double({ min: 0.1, max: 60, noNaN: true })

  test('lies between the highest decayed risk and 100', () => {
    fc.assert(
      fc.property(fc.array(alert, { minLength: 1 }), halfLife, (alerts, days) => {
        const risk = entityRisk(alerts, days)
        const highest = Math.max(...alerts.map(one => decayedRisk(one, days)))
        expect(risk).toBeGreaterThanOrEqual(highest - 1e-9)
        expect(risk).toBeLessThanOrEqual(100)
      }),
    )
  })
  test('does not depend on the order, to the last bit', () => {
    fc.assert(
      fc.property(fc.array(alert), halfLife, (alerts, days) => {
        expect(entityRisk(alerts.toReversed(), days)).toBe(entityRisk(alerts, days))
      }),
    )
  })
  test('never falls with one more alert, a higher risk or a longer half-life, nor rises with age', () => {
    fc.assert(
      fc.property(fc.array(alert), alert, halfLife, (alerts, more, days) => {
        const risk = entityRisk([...alerts, more], days)
        expect(risk).toBeGreaterThanOrEqual(entityRisk(alerts, days) - 1e-9)
        const higher = { ...more, risk: Math.min(100, more.risk + 5) }
        expect(entityRisk([...alerts, higher], days)).toBeGreaterThanOrEqual(risk - 1e-9)
        expect(entityRisk([...alerts, more], days * 2)).toBeGreaterThanOrEqual(risk - 1e-9)
        const older = { ...more, ageDays: more.ageDays + 1 }
        expect(entityRisk([...alerts, older], days)).toBeLessThanOrEqual(risk + 1e-9)
      }),
    )
  })
})
