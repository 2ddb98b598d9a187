import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Combination, combineEvidence, combineRows, type Evidence } from '../../src/risk/combine.ts'

const SOURCES = ['requests_tail', 'hour_surprise', 'asn_surprise', 'forest_score']
const nats = fc.double({ min: 0, max: 18, noNaN: true })
const weight = fc.record({
  perNat: fc.double({ min: 0, max: 3, noNaN: true }),
  beyondKnee: fc.double({ min: 0, max: 3, noNaN: true }),
  cap: fc.double({ min: 6, max: 30, noNaN: true }),
})
const combination: fc.Arbitrary<Combination> = fc.record({
  knee: fc.double({ min: 0, max: 6, noNaN: true }),
  cap: fc.double({ min: 6, max: 18, noNaN: true }),
  weights: fc
    .array(weight, { minLength: 4, maxLength: 4 })
    .map(list => Object.fromEntries(SOURCES.map((name, i) => [name, list[i]!]))),
})
const evidence: fc.Arbitrary<Evidence[]> = fc.array(
  fc.record({ source: fc.constantFrom(...SOURCES, 'unheard_of'), nats }),
  { maxLength: 12 },
)

describe('combineEvidence', () => {
  const two: Combination = {
    knee: 4,
    cap: 8,
    weights: {
      requests_tail: { perNat: 1, beyondKnee: 0 },
      hour_surprise: { perNat: 0.5, beyondKnee: 2 },
    },
  }
  const score = (source: string, value: number) => combineEvidence(two, [{ source, nats: value }])

  test('by hand: so much a nat, more beyond the knee, nothing beyond the cap', () => {
    expect(score('requests_tail', 3)).toBe(3)
    expect(score('requests_tail', 20)).toBe(8)
    expect(score('hour_surprise', 4)).toBe(2)
    expect(score('hour_surprise', 6)).toBe(3 + 2 * 2)
    expect(score('hour_surprise', 20)).toBe(4 + 2 * 4)
    expect(score('unheard_of', 18)).toBe(0)
    expect(combineEvidence(two, [])).toBe(0)
  })

  test('by hand: a source with a cap of its own', () => {
    const weights = { specialist: { perNat: 0, beyondKnee: 0.5, cap: 16 } }
    expect(combineEvidence({ ...two, weights }, [{ source: 'specialist', nats: 12 }])).toBe(4)
    expect(combineEvidence({ ...two, weights }, [{ source: 'specialist', nats: 18 }])).toBe(6)
  })

  test('by hand: sources add up', () => {
    const list = [
      { source: 'requests_tail', nats: 3 },
      { source: 'hour_surprise', nats: 6 },
    ]
    expect(combineEvidence(two, list)).toBe(3 + 7)
  })

  test('more evidence never lowers the score', () => {
    fc.assert(
      fc.property(combination, evidence, fc.constantFrom(...SOURCES), nats, (how, list, source, extra) => {
        expect(combineEvidence(how, [...list, { source, nats: extra }])).toBeGreaterThanOrEqual(
          combineEvidence(how, list),
        )
      }),
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
        fc.shuffledSubarray([...SOURCES, 'unheard_of'], { minLength: 5 }),
        (how, rows, names) => {
          const scores = combineRows(how, {
            data: Float64Array.from(rows.flat()),
            rows: rows.length,
            cols: 5,
            names,
          })
          rows.forEach((row, r) => {
            const list = names.map((source, d) => ({ source, nats: row[d]! }))
            // Sums in another order may differ in the last bits.
            expect(scores[r]).toBeCloseTo(combineEvidence(how, list), 10)
          })
        },
      ),
    )
  })
})
