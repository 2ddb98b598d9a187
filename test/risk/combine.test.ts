import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Combination, combineEvidence, combineRows, type Evidence } from '../../src/risk/combine.ts'

const DETECTORS = ['rate', 'off_hours', 'new_place', 'isolation_forest']
const nats = fc.double({ min: 0, max: 18, noNaN: true })
const combination: fc.Arbitrary<Combination> = fc.record({
  freeNats: fc.double({ min: 0, max: 5, noNaN: true }),
  weights: fc
    .array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 })
    .map(list => Object.fromEntries(DETECTORS.map((name, i) => [name, list[i]!]))),
})
const evidence: fc.Arbitrary<Evidence[]> = fc.array(
  fc.record({ detector: fc.constantFrom(...DETECTORS, 'unheard_of'), nats }),
  { maxLength: 12 },
)

describe('combineEvidence', () => {
  test('by hand: weight times what lies beyond the free nats', () => {
    const two: Combination = { freeNats: 3, weights: { rate: 1, off_hours: 0.5 } }
    const score = combineEvidence(two, [
      { detector: 'rate', nats: 7 },
      { detector: 'off_hours', nats: 5 },
      { detector: 'unheard_of', nats: 18 },
    ])
    expect(score).toBe(1 * 4 + 0.5 * 2)
    expect(combineEvidence(two, [{ detector: 'rate', nats: 3 }])).toBe(0)
    expect(combineEvidence(two, [])).toBe(0)
  })

  test('more evidence never lowers the score', () => {
    fc.assert(
      fc.property(
        combination,
        evidence,
        fc.constantFrom(...DETECTORS),
        nats,
        (how, list, detector, extra) => {
          expect(combineEvidence(how, [...list, { detector, nats: extra }])).toBeGreaterThanOrEqual(
            combineEvidence(how, list),
          )
        },
      ),
    )
  })

  test('neither the order of the list nor repeats matter', () => {
    fc.assert(
      fc.property(combination, evidence, fc.nat(), (how, list, cut) => {
        const at = list.length === 0 ? 0 : cut % list.length
        const turned = [...list.slice(at), ...list.slice(0, at)]
        expect(combineEvidence(how, turned)).toBe(combineEvidence(how, list))
        expect(combineEvidence(how, turned.toReversed())).toBe(combineEvidence(how, list))
        expect(combineEvidence(how, [...list, ...turned])).toBe(combineEvidence(how, list))
      }),
    )
  })

  test('says of one row what combineRows says of a table, however its columns are ordered', () => {
    fc.assert(
      fc.property(
        combination,
        fc.array(fc.array(nats, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 5 }),
        fc.shuffledSubarray([...DETECTORS, 'unheard_of'], { minLength: 5 }),
        (how, rows, names) => {
          const scores = combineRows(how, {
            data: Float64Array.from(rows.flat()),
            rows: rows.length,
            cols: 5,
            names,
          })
          rows.forEach((row, r) => {
            const list = names.map((detector, d) => ({ detector, nats: row[d]! }))
            // Sums in another order may differ in the last bits.
            expect(scores[r]).toBeCloseTo(combineEvidence(how, list), 10)
          })
        },
      ),
    )
  })
})
