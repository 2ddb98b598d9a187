import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/lib/random.ts'
import {
  designEffect,
  emptySketch,
  gatherClusters,
  knotAt,
  knotsOf,
  mergeSketches,
  missingShare,
  rowsOf,
  shareAbove,
  sketchColumn,
  sketchQuantile,
} from '../../src/lib/sketch.ts'
import { quantile } from '../../src/lib/stats.ts'
import { drawClustered, sketchOf } from './sketches.ts'

const { NaN: MISSING } = Number

describe('counts, by hand', () => {
  const sketch = sketchOf([0, 10], {
    values: [MISSING, -3, 0, 0, 4, 10, 25, Number.POSITIVE_INFINITY],
    labels: ['a', 'a', 'a', 'b', 'b', 'b', 'b', 'b'],
  })

  test('missing, below, at and above each knot', () => {
    // missing (NaN and infinite), below 0, 0, between, 10, above 10.
    expect(sketch.counts).toEqual([2, 1, 2, 1, 1, 1])
    expect([sketch.low, sketch.high]).toEqual([-3, 25])
    expect(rowsOf(sketch)).toBe(8)
    expect(missingShare(sketch)).toBe(1 / 4)
  })

  test('of clusters', () => {
    // Missing or at most 0: all 3 rows of a, 2 of the 5 of b. At most 10: 3 and 4.
    expect(sketch.clusters).toBe(2)
    expect(sketch.clusterSquares).toBe(9 + 25)
    expect(sketch.squares).toEqual([9 + 4, 9 + 16])
    expect(sketch.products).toEqual([9 + 2 * 5, 9 + 4 * 5])
  })

  test('a column of a matrix is read with its stride', () => {
    const rows = { data: [1, 7, 2, 8, 3, 9], stride: 2, offset: 1 }
    const found = sketchColumn([8], rows, gatherClusters(['a', 'b', 'a']))
    expect(found).toEqual(sketchOf([8], { values: [7, 8, 9], labels: ['a', 'b', 'a'] }))
  })

  test('shares above a knot', () => {
    expect([shareAbove(sketch, 0), shareAbove(sketch, 1)]).toEqual([3 / 8, 1 / 8])
    expect([-1, 1, 5, 8].map(rows => knotAt(sketch, rows / 8))).toEqual([0, 0, 0, 1])
    expect(knotAt(sketch, 0.7)).toBe(1)
  })
})

test('clusters gather rows in the order in which they come up', () => {
  expect(gatherClusters(['x', 'y', 'x', 'z', 'y'])).toEqual({
    order: Uint32Array.of(0, 2, 1, 4, 3),
    first: Uint32Array.of(0, 2, 4, 5),
  })
  expect(gatherClusters([]).first).toEqual(Uint32Array.of(0))
})

describe('knots', () => {
  test('are quantiles of the finite values, once each', () => {
    const values = Array.from({ length: 1001 }, (_, i) => i)
    const knots = knotsOf([...values, MISSING])
    expect(knots).toHaveLength(24)
    expect([knots[0], knots[1], knots[10], knots.at(-2), knots.at(-1)]).toEqual([0, 50, 500, 995, 1000])
    expect(knotsOf([4, 4, 4])).toEqual([4])
    expect(knotsOf([MISSING])).toEqual([])
  })
})

/** Few distinct values, so that rows lie on knots, between them and outside, and some are missing. */
const cell = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -4, max: 14 }) },
  fc.constantFrom(MISSING, Number.NEGATIVE_INFINITY),
)
/** Clusters of cells. */
const days = fc.array(fc.array(cell, { minLength: 1, maxLength: 6 }), { maxLength: 8 })
const KNOTS = [-2, 0, 3, 10]
const sketchDays = (clusters: readonly (readonly number[])[]) =>
  sketchOf(KNOTS, {
    values: clusters.flat(),
    labels: clusters.flatMap((cells, c) => cells.map(() => String(c))),
  })

describe('merging', () => {
  test('is the sketch of the union', () => {
    fc.assert(
      fc.property(days, days, (a, b) => {
        expect(mergeSketches(sketchDays(a), sketchDays(b))).toEqual(sketchDays([...a, ...b]))
      }),
    )
  })

  test('is commutative and associative, and nothing is added by an empty sketch', () => {
    fc.assert(
      fc.property(days, days, days, (...parts) => {
        const [a, b, c] = parts.map(sketchDays) as [
          ReturnType<typeof sketchDays>,
          ReturnType<typeof sketchDays>,
          ReturnType<typeof sketchDays>,
        ]
        expect(mergeSketches(a, b)).toEqual(mergeSketches(b, a))
        expect(mergeSketches(mergeSketches(a, b), c)).toEqual(mergeSketches(a, mergeSketches(b, c)))
        expect(mergeSketches(a, emptySketch(KNOTS))).toEqual(a)
      }),
    )
  })

  test('of other knots is refused', () => {
    expect(() => mergeSketches(emptySketch([1, 2]), emptySketch([1, 3]))).toThrow(RangeError)
    expect(() => mergeSketches(emptySketch([1]), emptySketch([1, 2]))).toThrow(RangeError)
  })

  test('the order of rows within and between clusters does not matter', () => {
    const random = createRandom(3)
    const { values, labels } = drawClustered(random, { clusters: 20, size: 5, own: 0.4 })
    const knots = knotsOf(values)
    const order = random.shuffle(values.map((_, row) => row))
    const shuffled = { values: order.map(row => values[row]!), labels: order.map(row => labels[row]!) }
    expect(sketchOf(knots, shuffled)).toEqual(sketchOf(knots, { values, labels }))
  })
})

describe('quantiles', () => {
  test('by hand: between knots as evenly as the rows allow', () => {
    // Four rows between 0 and 10 in one bin, lowest 2 and highest 8: from 2 to 8 in quarters.
    const sketch = sketchOf([0, 10], { values: [2, 4, 6, 8] })
    expect([0, 0.25, 0.5, 1].map(p => sketchQuantile(sketch, p))).toEqual([2, 3.5, 5, 8])
  })

  test('are exact where they fall on a knot, and missing rows have no part in them', () => {
    const values = [...Array.from({ length: 100 }, () => 5), 1, 9]
    const sketch = sketchOf([1, 5, 9], { values: [...values, MISSING, MISSING] })
    expect([0, 0.1, 0.5, 0.9, 1].map(p => sketchQuantile(sketch, p))).toEqual([1, 5, 5, 5, 9])
    expect(sketchQuantile(sketchOf([1], { values: [MISSING] }), 0.5)).toBeNaN()
    expect(sketchQuantile(emptySketch([]), 0.5)).toBeNaN()
  })

  test('of rows beyond the outer knots lie between the outermost of them', () => {
    const sketch = sketchOf([0, 1], { values: [-100, -50, 200] })
    expect(sketchQuantile(sketch, 0)).toBe(-100)
    expect(sketchQuantile(sketch, 1)).toBe(200)
  })

  test('grow with p, and stray from those of the rows by a twentieth of them at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 50, max: 300 }), (seed, rows) => {
        const random = createRandom(seed)
        const values = Array.from({ length: rows }, () => random.exponential(1))
        const sketch = sketchOf(knotsOf(values), { values })
        let previous = Number.NEGATIVE_INFINITY
        for (let p = 0; p <= 1; p += 0.04) {
          const found = sketchQuantile(sketch, p)
          expect(found).toBeGreaterThanOrEqual(previous)
          expect(found).toBeGreaterThanOrEqual(quantile(values, p - 0.05 - 1 / rows))
          expect(found).toBeLessThanOrEqual(quantile(values, p + 0.05 + 1 / rows))
          previous = found
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('design effect', () => {
  /** 240 rows in clusters of `size` equal rows. */
  const copies = (size: number) => {
    const random = createRandom(size)
    const clusters = Array.from({ length: 240 / size }, () => Array<number>(size).fill(random.normal()))
    const values = clusters.flat()
    return sketchOf(knotsOf(values), {
      values,
      labels: values.map((_, row) => String(Math.floor(row / size))),
    })
  }

  test('of clusters of m equal rows is m, times K / (K - 1) for K clusters', () => {
    for (const size of [1, 2, 5, 12]) {
      const clusters = 240 / size
      expect(designEffect(copies(size))).toBeCloseTo((size * clusters) / (clusters - 1), 9)
    }
  })

  test('of rows that have nothing in common is 1', () => {
    const sample = drawClustered(createRandom(5), { clusters: 1500, size: 6, own: 1 })
    expect(designEffect(sketchOf(knotsOf(sample.values), sample))).toBeCloseTo(1, 1)
  })

  test('grows with what the rows of a cluster have in common', () => {
    const effects = [1, 0.75, 0.5, 0.25, 0].map(own => {
      const sample = drawClustered(createRandom(6), { clusters: 400, size: 6, own })
      return designEffect(sketchOf(knotsOf(sample.values), sample))
    })
    expect(effects).toEqual([...effects].sort((a, b) => a - b))
  })

  test('a single cluster, or a column that never changes, is taken for copies', () => {
    expect(designEffect(sketchOf([0, 1], { values: [0, 1, 0, 1], labels: ['a', 'a', 'a', 'a'] }))).toBe(4)
    expect(designEffect(sketchOf([7], { values: [7, 7, 7, 7, 7, 7], labels: [...'aaabbb'] }))).toBe(3)
    expect(designEffect(emptySketch([1]))).toBe(1)
  })

  test('is never below 1, whatever the rows', () => {
    fc.assert(fc.property(days, clusters => designEffect(sketchDays(clusters)) >= 1))
  })
})
