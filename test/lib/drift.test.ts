import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adjustForMany, type Binning, compareSketches } from '../../src/lib/drift.ts'
import { createRandom } from '../../src/lib/random.ts'
import { emptySketch, knotsOf } from '../../src/lib/sketch.ts'
import { chiSquareTail, kolmogorovTail } from '../../src/lib/tail-probability.ts'
import { type Drawn, drawClustered, type Sample, sketchOf } from './sketches.ts'

const coins = (zeros: number, ones: number): Sample => ({
  values: [...Array<number>(zeros).fill(0), ...Array<number>(ones).fill(1)],
})

describe('by hand: 50 of 100 ones become 20 of 100', () => {
  // The design effect of 100 independent rows is 100 / 99, so each sample is worth 99. Half a row is added to each of two bins:
  // shares (49.5 + 0.5) / 100 = 0.5 and (0.8 * 99 + 0.5) / 100 = 0.797.
  const found = compareSketches(sketchOf([0, 1], coins(50, 50)), sketchOf([0, 1], coins(80, 20)))!
  const psi = (0.797 - 0.5) * Math.log(0.797 / 0.5) + (0.203 - 0.5) * Math.log(0.203 / 0.5)

  test('stability index, what chance makes of it, and its probability', () => {
    expect(found.bins).toBe(2)
    expect(found.psi).toBeCloseTo(psi, 12)
    expect(found.psi).toBeCloseTo(0.4062, 4)
    expect(found.psiByChance).toBeCloseTo(2 / 99, 12)
    expect(found.p).toBeCloseTo(chiSquareTail(psi / (2 / 99), 1), 12)
    expect([found.effectiveReference, found.effectivePeriod]).toEqual([
      expect.closeTo(99, 9),
      expect.closeTo(99, 9),
    ])
  })

  test('Kolmogorov-Smirnov: 0.8 - 0.5', () => {
    expect(found.ks).toBeCloseTo(0.3, 12)
    expect(found.ksP).toBeCloseTo(kolmogorovTail(0.3, 99 / 2), 12)
  })
})

describe('compared', () => {
  test('what is alike does not differ', () => {
    const sample = drawClustered(createRandom(1), { clusters: 80, size: 4, own: 0.3 })
    const sketch = sketchOf(knotsOf(sample.values), sample)
    expect(compareSketches(sketch, sketch)).toMatchObject({ psi: 0, p: 1, ks: 0, ksP: 1 })
  })

  test('the gap is the same either way round, the index is not negative, and both have a probability', () => {
    const rows = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 60, maxLength: 120 })
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const [one, other] = [a, b].map(values => sketchOf([0, 1, 2, 3, 4], { values })) as [
          ReturnType<typeof sketchOf>,
          ReturnType<typeof sketchOf>,
        ]
        const [there, back] = [compareSketches(one, other)!, compareSketches(other, one)!]
        expect(there.ks).toBeCloseTo(back.ks, 12)
        for (const { psi, p, ksP } of [there, back]) {
          expect(psi).toBeGreaterThanOrEqual(0)
          for (const share of [p, ksP]) {
            expect(share).toBeGreaterThanOrEqual(0)
            expect(share).toBeLessThanOrEqual(1)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('samples without a common value have a gap of 1, and an index that stays finite', () => {
    const knots = Array.from({ length: 21 }, (_, i) => i)
    const low = Array.from({ length: 200 }, (_, i) => i % 10)
    const found = compareSketches(
      sketchOf(knots, { values: low }),
      sketchOf(knots, { values: low.map(value => value + 10.5) }),
    )!
    expect(found.ks).toBeCloseTo(1, 12)
    expect(found.psi).toBeGreaterThan(5)
    expect(found.psi).toBeLessThan(Number.POSITIVE_INFINITY)
    expect(found.p).toBeLessThan(1e-20)
  })

  test('missing values are drift of the index, and none of the gap between the known ones', () => {
    const known = Array.from({ length: 200 }, (_, i) => i % 2)
    const lost = known.map((value, i) => (i % 4 < 2 ? Number.NaN : value))
    const found = compareSketches(sketchOf([0, 1], { values: known }), sketchOf([0, 1], { values: lost }))!
    expect(found.ks).toBe(0)
    expect(found.psi).toBeGreaterThan(1)
    expect(found.p).toBeLessThan(1e-6)
  })

  test('a period whose rows look independent is worth no more than the clusters of the reference allow', () => {
    // Reference: 40 clusters of 5 equal rows, design effect 5 * 40 / 39. Period: 60 rows without clusters.
    const copies = Array.from({ length: 200 }, (_, row) => Math.floor(row / 5) % 2)
    const reference = sketchOf([0, 1], {
      values: copies,
      labels: copies.map((_, row) => String(Math.floor(row / 5))),
    })
    const found = compareSketches(reference, sketchOf([0, 1], coins(30, 30)))!
    expect(found.effectiveReference).toBeCloseTo(39, 9)
    expect(found.effectivePeriod).toBeCloseTo((60 / 5) * (39 / 40), 9)
  })

  test('nothing can be said without rows', () => {
    const some = sketchOf([0, 1], coins(50, 50))
    expect(compareSketches(some, emptySketch([0, 1]))).toBeNull()
    expect(compareSketches(emptySketch([0, 1]), some)).toBeNull()
  })

  test('a reference in which all values were missing', () => {
    const none = sketchOf([], { values: Array<number>(100).fill(Number.NaN) })
    const known = sketchOf([], { values: Array<number>(100).fill(3) })
    expect(compareSketches(none, none)).toMatchObject({ psi: 0, p: 1, ks: 0 })
    // Rows of a constant column are independent: each is its own cluster.
    expect(compareSketches(none, known)!.p).toBeLessThan(1e-6)
  })

  test('in the upper tenth alone, what moves below it is no drift', () => {
    const values = Array.from({ length: 1000 }, (_, i) => i)
    const knots = knotsOf(values)
    const reference = sketchOf(knots, { values })
    const upper: Binning = { above: 0.9, leastShare: 0.01 }
    const lower = sketchOf(knots, { values: values.map(value => (value < 899 ? value / 2 : value)) })
    expect(compareSketches(reference, lower)!.psi).toBeGreaterThan(1)
    expect(compareSketches(reference, lower, upper)).toMatchObject({ psi: expect.closeTo(0, 9), p: 1 })
    const higher = sketchOf(knots, { values: values.map(value => (value >= 850 ? value + 60 : value)) })
    expect(compareSketches(reference, higher, upper)!.p).toBeLessThan(1e-6)
  })
})

/** Share of repeated comparisons, each with a reference of its own, that call drift at 5 %. */
function alarms(reference: Drawn, period: Drawn, { binning = {}, blind = false, runs = 150 } = {}): number {
  let called = 0
  for (let run = 0; run < runs; run++) {
    const random = createRandom(run).fork('alarms', period.clusters)
    const [before, after] = [drawClustered(random, reference), drawClustered(random, period)]
    const knots = knotsOf(before.values)
    const seen = ({ values, labels }: Required<Sample>) => (blind ? { values } : { values, labels })
    const found = compareSketches(sketchOf(knots, seen(before)), sketchOf(knots, seen(after)), binning)!
    if (found.p <= 0.05) called++
  }
  return called / runs
}

describe('false alarms at 5 % without drift', () => {
  // A share of 0.05 in 150 runs is below 0.093 in 99 % of the times.
  const MOST = 0.093
  const training: Drawn = { clusters: 200, size: 5, own: 0.1 }

  test.each([2, 8, 30, 200])('a period of %i clusters of alike rows', clusters => {
    expect(alarms(training, { ...training, clusters })).toBeLessThan(MOST)
  })

  test('near the nominal level where rows of a cluster are copies, or are independent', () => {
    for (const drawn of [
      { clusters: 200, size: 5, own: 0 },
      { clusters: 600, size: 1, own: 1 },
    ]) {
      const rate = alarms(drawn, drawn)
      expect(rate).toBeGreaterThan(0.01)
      expect(rate).toBeLessThan(MOST)
    }
  })

  test('in the upper tenth', () => {
    const binning: Binning = { above: 0.9, leastShare: 0.01 }
    for (const clusters of [30, 200])
      expect(alarms(training, { ...training, clusters }, { binning })).toBeLessThan(MOST)
  })

  test('the same rows, taken for independent, would cry drift every other time', () => {
    expect(alarms(training, training, { blind: true, runs: 50 })).toBeGreaterThan(0.4)
  })
})

describe('power', () => {
  const training: Drawn = { clusters: 300, size: 6, own: 0.1 }

  test('half a standard deviation is seen with 300 clusters, one and a half with 30', () => {
    expect(alarms(training, { ...training, shift: 0.5 }, { runs: 50 })).toBeGreaterThan(0.9)
    expect(alarms(training, { ...training, clusters: 30, shift: 1.5 }, { runs: 50 })).toBeGreaterThan(0.9)
  })

  test('in the upper tenth, too', () => {
    const binning: Binning = { above: 0.9, leastShare: 0.01 }
    expect(alarms(training, { ...training, shift: 0.5 }, { binning, runs: 50 })).toBeGreaterThan(0.85)
  })

  test('three clusters are too few to tell', () => {
    expect(alarms(training, { ...training, clusters: 3, shift: 0.5 }, { runs: 50 })).toBeLessThan(0.05)
  })
})

describe('many columns', () => {
  test('as Benjamini and Hochberg adjust: p n / rank, growing', () => {
    // Ranks 1, 3, 2, 4: 0.01 4/1, 0.04 4/3, 0.03 4/2 (held down by the 0.0533 above it), 0.5.
    expect(adjustForMany([0.01, 0.04, 0.03, 0.5])).toEqual([
      expect.closeTo(0.04, 12),
      expect.closeTo(0.16 / 3, 12),
      expect.closeTo(0.16 / 3, 12),
      0.5,
    ])
    expect(adjustForMany([])).toEqual([])
    expect(adjustForMany([0.2])).toEqual([0.2])
  })

  test('keeps the order, never lowers, and stays a probability', () => {
    fc.assert(
      // Thousandths: p n / rank rounds by less than what two of them differ by.
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 30 }), thousandths => {
        const p = thousandths.map(value => value / 1000)
        const adjusted = adjustForMany(p)
        p.forEach((value, i) => {
          expect(adjusted[i]).toBeGreaterThan(value - 1e-9)
          expect(adjusted[i]).toBeLessThanOrEqual(1)
          p.forEach((other, j) => {
            if (value < other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!)
          })
        })
      }),
    )
  })
})
