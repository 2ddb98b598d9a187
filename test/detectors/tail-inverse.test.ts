import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  fitTails,
  SURPRISE_CAP,
  surpriseOf,
  type Tail,
  valueAt,
} from '../../src/detectors/tail-surprise/tail-surprise.ts'

/** Knots at 1, 3 and 4 with surprises 0, 2 and 3 nats; a nat for every half beyond. */
const tail: Tail = { name: 'x', values: [1, 3, 4], surprises: [0, 2, 3], slope: 2 }

describe('the value at a surprise', () => {
  test.each([
    [1, 2],
    [2, 3],
    [2.5, 3.5],
    [3, 4],
    [5, 5],
  ])('%d nats begin at %d', (nats, value) => {
    expect(valueAt(tail, nats)).toBe(value)
    expect(surpriseOf(tail, value)).toBe(nats)
  })

  test('every value has 0 nats; none has more than the cap, or any under an empty tail', () => {
    expect(valueAt(tail, 0)).toBe(Number.NEGATIVE_INFINITY)
    expect(valueAt(tail, -1)).toBe(Number.NEGATIVE_INFINITY)
    expect(valueAt(tail, SURPRISE_CAP + 0.01)).toBe(Number.POSITIVE_INFINITY)
    expect(valueAt({ ...tail, values: [], surprises: [] }, 1)).toBe(Number.POSITIVE_INFINITY)
  })

  test('turns the surprise of any fitted tail around', () => {
    const numbers = fc.array(fc.double({ min: -5, max: 50, noNaN: true }), { minLength: 3, maxLength: 400 })
    fc.assert(
      fc.property(numbers, fc.double({ min: 0.01, max: SURPRISE_CAP, noNaN: true }), (values, nats) => {
        const table = { data: Float64Array.from(values), rows: values.length, cols: 1, names: ['x'] }
        const fitted = fitTails(table).tails[0]!
        const value = valueAt(fitted, nats)
        expect(surpriseOf(fitted, value + 1e-9 * (1 + Math.abs(value)))).toBeGreaterThanOrEqual(nats - 1e-6)
        expect(surpriseOf(fitted, value - 1e-6 * (1 + Math.abs(value)))).toBeLessThanOrEqual(nats + 1e-6)
      }),
      { numRuns: 200 },
    )
  })
})
