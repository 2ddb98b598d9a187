import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/lib/random.ts'
import { selectNth, sortFloats } from '../../src/lib/selection.ts'
import { median, quantile, quantileSorted, sortedFinite } from '../../src/lib/stats.ts'

const numbers = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: 0, max: 3 })), {
  minLength: 1,
})

describe('selection', () => {
  test('finds what sorting finds, and parts the smaller from the larger', () => {
    fc.assert(
      fc.property(numbers, fc.nat(), (values, any) => {
        const k = any % values.length
        const sorted = Float64Array.from(values).sort()
        const parted = Float64Array.from(values)
        // Zeros of both signs are equal, and selection does not order them.
        expect(selectNth(parted, k) + 0).toBe(sorted[k]! + 0)
        expect(parted.subarray(0, k).every(value => value <= sorted[k]!)).toBe(true)
        expect(parted.subarray(k).every(value => value >= sorted[k]!)).toBe(true)
        expect(parted.sort()).toEqual(sorted)
      }),
    )
  })

  test('takes orders in which the pivots of a plain quickselect are the worst', () => {
    const n = 20_000
    const orders: ((i: number) => number)[] = [
      i => i,
      i => -i,
      () => 7,
      i => (i % 2 === 0 ? i : n - i),
      i => Math.min(i, n - i),
    ]
    for (const order of orders) {
      const values = Float64Array.from({ length: n }, (_, i) => order(i))
      expect(selectNth(values.slice(), 12_345)).toBe(values.slice().sort()[12_345])
    }
  })

  test('gives the quantiles that sorting gives, to the last bit', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, p) => {
        const finite = values.filter(Number.isFinite)
        const expected = quantileSorted(sortedFinite(finite), p)
        expect(quantile([...values, Number.NaN], p) + 0).toBe(expected + 0)
      }),
    )
    expect(median(Float32Array.of(3, 1, 2, Number.NaN, 10))).toBe(2.5)
  })
})

describe('sorting floats by their bits', () => {
  test('orders as comparing does, negative values, zeros, subnormal and infinite ones included', () => {
    const random = createRandom(1)
    const values = Float32Array.from({ length: 5000 }, (_, i) =>
      i % 7 === 0 ? 0 : (random.next() - 0.5) * 10 ** (random.next() * 80 - 40),
    )
    values.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1.4e-45, -1.4e-45])
    const sorted = sortFloats(values.slice())
    expect(Array.from(sorted, value => value + 0)).toEqual(
      Array.from(values.slice().sort(), value => value + 0),
    )
  })

  test('works within a larger buffer', () => {
    const buffer = new Float32Array(3000).map((_, i) => 3000 - i)
    sortFloats(buffer.subarray(1000, 2500))
    expect([buffer[999], buffer[1000], buffer[2499], buffer[2500]]).toEqual([2001, 501, 2000, 500])
  })
})
