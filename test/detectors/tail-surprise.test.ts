import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  fitTails,
  SURPRISE_CAP,
  scoreTails,
  surpriseOf,
} from '../../src/detectors/tail-surprise/tail-surprise.ts'
import { fromColumns } from '../../src/lib/matrix.ts'
import { createRandom } from '../../src/lib/random.ts'

const tailOf = (values: ArrayLike<number>) => fitTails(fromColumns({ x: values })).tails[0]!
const upTo = (n: number) => Float64Array.from({ length: n }, (_, i) => i + 1)

describe('surpriseOf', () => {
  test('by hand: of 1..1000 the 501st has 500 at or above it', () => {
    const tail = tailOf(upTo(1000))
    // Type-7 quantiles of 1..1000 at p lie at 1 + 999 p; knots at 500.5 and 505.495, 500 and 495 values from there on.
    expect(surpriseOf(tail, 500.5)).toBeCloseTo(-Math.log(500.5 / 1000.5), 10)
    expect(surpriseOf(tail, 505.495)).toBeCloseTo(-Math.log(495.5 / 1000.5), 10)
    const share = (501 - 500.5) / (505.495 - 500.5)
    const [low, high] = [-Math.log(500.5 / 1000.5), -Math.log(495.5 / 1000.5)]
    expect(surpriseOf(tail, 501)).toBeCloseTo(low + share * (high - low), 10)
  })

  test('by hand: beyond the last half per cent an exponential tail of the mean excess', () => {
    const tail = tailOf(upTo(1000))
    // The 99.5 % quantile is 995.005; five values lie above it, on average 998 - 995.005 = 2.995.
    const atLast = -Math.log(5.5 / 1000.5)
    expect(surpriseOf(tail, 995.005)).toBeCloseTo(atLast, 10)
    expect(surpriseOf(tail, 998)).toBeCloseTo(atLast + 1, 8)
    expect(surpriseOf(tail, 995.005 + 3 * 2.995)).toBeCloseTo(atLast + 3, 8)
  })

  test('by hand: of a count that is hardly ever more than zero, the first one is the surprise', () => {
    // 4 of 2000 leave zero, by 1, 1, 2 and 4, 2 on average; the 99.5 % quantile is zero.
    const tail = tailOf([...new Float64Array(1996), 1, 1, 2, 4])
    const leaving = -Math.log(4.5 / 2000.5)
    expect(surpriseOf(tail, 0)).toBe(0)
    expect(surpriseOf(tail, 1)).toBeCloseTo(leaving, 10)
    expect(surpriseOf(tail, 3)).toBeCloseTo(leaving + 1, 10)
  })

  test('by hand: that none of 99 left zero is worth ten looks, not a hundred', () => {
    expect(surpriseOf(tailOf(new Float64Array(99)), 1)).toBeCloseTo(Math.log(10), 10)
  })

  test('is zero at and below the lowest value, for missing ones, and without any training value', () => {
    const tail = tailOf(upTo(10))
    expect([1, 0, -5, Number.NaN, Number.NEGATIVE_INFINITY].map(x => surpriseOf(tail, x))).toEqual([
      0, 0, 0, 0, 0,
    ])
    expect(surpriseOf(tailOf([Number.NaN, Number.NaN]), 7)).toBe(0)
  })

  test('is capped, also for infinity', () => {
    expect(surpriseOf(tailOf(upTo(100)), 1e12)).toBe(SURPRISE_CAP)
    expect(surpriseOf(tailOf(upTo(100)), Number.POSITIVE_INFINITY)).toBe(SURPRISE_CAP)
  })

  test('of a column that never varied: nothing at its value, more beyond', () => {
    const tail = tailOf(new Float64Array(50).fill(2))
    expect(surpriseOf(tail, 2)).toBe(0)
    expect(surpriseOf(tail, 4)).toBeGreaterThan(surpriseOf(tail, 3))
    expect(surpriseOf(tail, 3)).toBeGreaterThan(0)
  })

  test('never falls as the value rises, whatever the training values', () => {
    const value = fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.integer({ min: 0, max: 4 }),
      fc.constant(Number.NaN),
    )
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), value, value, (training, a, b) => {
        const tail = tailOf(Float64Array.from(training))
        expect(tail.surprises).toEqual([...tail.surprises].sort((x, y) => x - y))
        for (const x of [a, b]) {
          expect(surpriseOf(tail, x)).toBeGreaterThanOrEqual(0)
          expect(surpriseOf(tail, x)).toBeLessThanOrEqual(SURPRISE_CAP)
        }
        if (a <= b) expect(surpriseOf(tail, a)).toBeLessThanOrEqual(surpriseOf(tail, b))
      }),
    )
  })

  test('is calibrated: one in e^t values of the same kind reaches t nats', () => {
    const random = createRandom(4)
    const draw = () => Float64Array.from({ length: 20_000 }, () => random.exponential(1))
    const tail = tailOf(draw())
    const fresh = draw()
    for (const nats of [1, 3, 5, 7]) {
      const reached = fresh.filter(x => surpriseOf(tail, x) >= nats).length
      const expected = fresh.length * Math.exp(-nats)
      // Two samples of counts: five standard deviations of their difference.
      expect(Math.abs(reached - expected)).toBeLessThan(5 * Math.sqrt(2 * expected))
    }
  })
})

describe('scoreTails', () => {
  test('finds columns by name; an absent one surprises nobody', () => {
    const model = fitTails(fromColumns({ a: upTo(100), b: upTo(100) }))
    const scores = scoreTails(model, fromColumns({ other: [1, 2], b: [1, 90] }))
    expect(scores.names).toEqual(['a', 'b'])
    expect([...scores.data]).toEqual([0, 0, 0, surpriseOf(model.tails[1]!, 90)])
  })
})
