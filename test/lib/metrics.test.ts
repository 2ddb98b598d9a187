import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  atBudget,
  atBudgetOf,
  auroc,
  aurocOf,
  averagePrecision,
  averagePrecisionOf,
  baseRate,
  bootstrapInterval,
  kolmogorovSmirnov,
  populationStabilityIndex,
  prCurve,
  precisionAtBudget,
  precisionAtRecalls,
  rank,
  recallAtBudget,
  wilsonInterval,
} from '../../src/lib/metrics.ts'
import { createRandom } from '../../src/lib/random.ts'

interface Golden {
  rankings: {
    name: string
    scores: number[]
    labels: number[]
    auroc: number
    ap: number
    precision: number[]
    recall: number[]
    thresholds: number[]
  }[]
  ks: { name: string; a: number[]; b: number[]; statistic: number }[]
}

/** Written by metrics.golden.py with scikit-learn and scipy. */
const golden = JSON.parse(readFileSync(new URL('metrics.golden.json', import.meta.url), 'utf8')) as Golden

const rows = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.boolean()), { minLength: 1, maxLength: 60 })
  .map(pairs => ({ scores: pairs.map(p => p[0]), labels: pairs.map(p => p[1]) }))

describe('against scikit-learn and scipy', () => {
  test.each(golden.rankings)('ranking: $name', ({ scores, labels, ...reference }) => {
    expect(auroc(scores, labels)).toBeCloseTo(reference.auroc, 12)
    expect(averagePrecision(scores, labels)).toBeCloseTo(reference.ap, 12)
    // scikit-learn keeps thresholds below the one of full recall; so do we.
    const curve = prCurve(scores, labels)
    expect(curve.map(p => p.threshold)).toEqual(reference.thresholds)
    curve.forEach((point, i) => {
      expect(point.precision).toBeCloseTo(reference.precision[i]!, 12)
      expect(point.recall).toBeCloseTo(reference.recall[i]!, 12)
    })
  })

  test.each(golden.ks)('Kolmogorov-Smirnov: $name', ({ a, b, statistic }) => {
    expect(kolmogorovSmirnov(a, b)).toBeCloseTo(statistic, 12)
  })
})

describe('by hand', () => {
  test('a perfect, a reversed and an undecided ranking', () => {
    expect(auroc([3, 2, 1], [1, 1, 0])).toBe(1)
    expect(auroc([1, 2, 3], [1, 0, 0])).toBe(0)
    expect(auroc([5, 5, 5, 5], [1, 0, 0, 1])).toBe(0.5)
    expect(averagePrecision([3, 2, 1], [1, 1, 0])).toBe(1)
    expect(averagePrecision([5, 5, 5, 5], [1, 0, 0, 1])).toBe(0.5)
    // Positives at ranks 1 and 3: (1/1 + 2/3) / 2.
    expect(averagePrecision([4, 3, 2, 1], [1, 0, 1, 0])).toBeCloseTo(5 / 6, 12)
  })

  test('one class only, or nothing at all, has no answer', () => {
    expect(auroc([1, 2], [0, 0])).toBeNaN()
    expect(auroc([1, 2], [1, 1])).toBeNaN()
    expect(averagePrecision([1, 2], [0, 0])).toBeNaN()
    expect(averagePrecision([], [])).toBeNaN()
    expect(baseRate([])).toBeNaN()
    expect(prCurve([], [])).toEqual([])
  })

  test('a score that is not a number ranks last and never alerts', () => {
    expect(averagePrecision([Number.NaN, 1, 0], [0, 1, 0])).toBe(1)
    expect([...rank([Number.NaN, 1, 0]).order]).toEqual([1, 2, 0])
    expect(atBudget([Number.NaN, 1, 0], [1, 1, 0], 3)).toMatchObject({ threshold: 0, alerts: 2, recall: 0.5 })
  })

  test('a budget takes ties whole or not at all', () => {
    const scores = [9, 8, 8, 7]
    const labels = [0, 1, 0, 1]
    expect(atBudget(scores, labels, 2)).toEqual({
      threshold: 9,
      alerts: 1,
      truePositives: 0,
      falsePositives: 1,
      positives: 2,
      precision: 0,
      recall: 0,
    })
    expect(atBudget(scores, labels, 3)).toMatchObject({ threshold: 8, alerts: 3, truePositives: 1 })
    expect(precisionAtBudget(scores, labels, 3)).toBeCloseTo(1 / 3, 12)
    expect(recallAtBudget(scores, labels, 3)).toBe(0.5)
    expect(atBudget([1, 1, 1], [1, 0, 0], 2)).toMatchObject({
      threshold: Number.POSITIVE_INFINITY,
      alerts: 0,
    })
    expect(precisionAtBudget([1, 1, 1], [1, 0, 0], 2)).toBeNaN()
  })

  test('Wilson: 8 of 10 lies in [0.4902, 0.9433]; 0 and all stay inside [0, 1]', () => {
    const { low, high } = wilsonInterval(8, 10)
    expect(low).toBeCloseTo(0.4901625, 6)
    expect(high).toBeCloseTo(0.9433178, 6)
    // For 0 of n the upper end is z^2 / (n + z^2).
    expect(wilsonInterval(0, 10).low).toBe(0)
    expect(wilsonInterval(0, 10).high).toBeCloseTo(3.8414588 / 13.8414588, 6)
    expect(wilsonInterval(10, 10).high).toBe(1)
    expect(wilsonInterval(0, 0).low).toBeNaN()
  })

  test('stability index: two equal bins of which one doubles its share', () => {
    // From (1/2, 1/2) to (3/4, 1/4): 0.25 ln 1.5 - 0.25 ln 0.5 = 0.25 ln 3.
    expect(populationStabilityIndex([1, 2, 3, 4], [1, 1, 2, 4], 2)).toBeCloseTo(0.25 * Math.log(3), 12)
    expect(populationStabilityIndex([1, 2, 3, 4], [4, 3, 2, 1])).toBe(0)
    expect(populationStabilityIndex([], [1])).toBeNaN()
  })

  test('stability index sees a constant that moved either way, and values that went missing', () => {
    const constant = new Float64Array(50).fill(7)
    expect(populationStabilityIndex(constant, constant)).toBe(0)
    expect(populationStabilityIndex(constant, new Float64Array(50).fill(6))).toBeGreaterThan(1)
    expect(populationStabilityIndex(constant, new Float64Array(50).fill(8))).toBeGreaterThan(1)
    expect(populationStabilityIndex(constant, new Float64Array(50).fill(Number.NaN))).toBeGreaterThan(1)
  })
})

/** Equal up to rounding, or both without an answer. */
function expectSame(actual: number, expected: number): void {
  if (Number.isNaN(expected)) expect(actual).toBeNaN()
  else expect(actual).toBeCloseTo(expected, 9)
}

describe('properties', () => {
  test('weights are the same as copies of rows', () => {
    fc.assert(
      fc.property(rows, fc.infiniteStream(fc.integer({ min: 0, max: 3 })), ({ scores, labels }, stream) => {
        const weights = scores.map(() => stream.next().value as number)
        const copies = weights.flatMap((weight, row) => new Array<number>(weight).fill(row))
        const copiedScores = copies.map(row => scores[row]!)
        const copiedLabels = copies.map(row => labels[row]!)
        const ranking = rank(scores)
        expectSame(averagePrecisionOf(ranking, labels, weights), averagePrecision(copiedScores, copiedLabels))
        expectSame(aurocOf(ranking, labels, weights), auroc(copiedScores, copiedLabels))
        const weighted = atBudgetOf(ranking, labels, 10, weights)
        const copied = atBudget(copiedScores, copiedLabels, 10)
        expect(weighted.truePositives).toBe(copied.truePositives)
        expect(weighted.alerts).toBe(copied.alerts)
      }),
    )
  })

  test('the order of rows and a rising transform of the scores change nothing', () => {
    fc.assert(
      fc.property(rows, fc.integer(), ({ scores, labels }, seed) => {
        const order = createRandom(seed).shuffle(scores.map((_, i) => i))
        const shuffledScores = order.map(i => Math.exp(scores[i]!))
        const shuffledLabels = order.map(i => labels[i]!)
        expectSame(averagePrecision(shuffledScores, shuffledLabels), averagePrecision(scores, labels))
        expectSame(auroc(shuffledScores, shuffledLabels), auroc(scores, labels))
      }),
    )
  })

  test('a budget is never exceeded, and a larger one never finds less', () => {
    fc.assert(
      fc.property(rows, fc.nat(70), fc.nat(70), ({ scores, labels }, a, b) => {
        const small = atBudget(scores, labels, Math.min(a, b))
        const large = atBudget(scores, labels, Math.max(a, b))
        expect(small.alerts).toBeLessThanOrEqual(Math.min(a, b))
        expect(large.truePositives).toBeGreaterThanOrEqual(small.truePositives)
        expect(small.truePositives + small.falsePositives).toBe(small.alerts)
      }),
    )
  })

  test('the two-sample distance is symmetric and within [0, 1]', () => {
    const sample = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const gap = kolmogorovSmirnov(a, b)
        expect(gap).toBeCloseTo(kolmogorovSmirnov(b, a), 12)
        expect(gap).toBeGreaterThanOrEqual(0)
        expect(gap).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('bootstrap', () => {
  const clusters = Array.from({ length: 400 }, (_, i) => i % 100)
  const mean = (values: readonly number[]) => (weights: Float64Array) => {
    let sum = 0
    let total = 0
    for (let i = 0; i < values.length; i++) {
      sum += weights[i]! * values[i]!
      total += weights[i]!
    }
    return sum / total
  }

  test('the same seed gives the same interval, another seed another', () => {
    const values = clusters.map((_, i) => (i * 7919) % 101)
    const of = (seed: number) => bootstrapInterval(clusters, mean(values), { random: createRandom(seed) })
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
  })

  test('rows of one cluster count as one observation: four copies do not narrow the interval', () => {
    const perCluster = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : 0))
    const values = clusters.map(cluster => perCluster[cluster]!)
    const { low, high } = bootstrapInterval(clusters, mean(values), {
      random: createRandom(3),
      replicates: 1000,
    })
    // A binomial share of 100 has sd 0.05: 0.5 +- 1.96 x 0.05, within the noise of 1,000 replicates.
    expect(low).toBeCloseTo(0.402, 1)
    expect(high).toBeCloseTo(0.598, 1)
    expect(high - low).toBeGreaterThan(0.16)
  })

  test('replicates without an answer are left out; none with one gives none', () => {
    const options = { random: createRandom(1), replicates: 50 }
    expect(bootstrapInterval([0, 1], () => Number.NaN, options).low).toBeNaN()
    expect(bootstrapInterval([], () => 1, options)).toEqual({ low: 1, high: 1 })
  })
})

describe('precision at recalls', () => {
  test('by hand: that of the first threshold that reaches the recall; ties come together', () => {
    // Reached: 1 of 1 right, 1 of 2, then the tie 3 of 4, then 4 of 6.
    const ranking = rank([9, 8, 7, 7, 6, 5])
    const labels = [1, 0, 1, 1, 0, 1]
    expect(precisionAtRecalls(ranking, labels, [0.25, 0.3, 0.75, 1])).toEqual([1, 3 / 4, 3 / 4, 4 / 6])
  })

  test('rows weigh as often as they are drawn', () => {
    const ranking = rank([3, 2, 1])
    expect(precisionAtRecalls(ranking, [0, 1, 1], [0.5, 1], [2, 1, 0])).toEqual([1 / 3, 1 / 3])
    expect(precisionAtRecalls(ranking, [0, 1, 1], [0.5], [1, 0, 0])).toEqual([Number.NaN])
  })

  test('at every recall that a positive reaches, its mean is average precision', () => {
    const row = fc.record({ score: fc.integer({ min: 0, max: 6 }), label: fc.boolean() })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), rows => {
        const labels = rows.map(one => (one.label ? 1 : 0))
        const positives = labels.filter(label => label === 1).length
        fc.pre(positives > 0)
        const scores = rows.map(one => one.score)
        const recalls = Array.from({ length: positives }, (_, i) => (i + 1) / positives)
        const precisions = precisionAtRecalls(rank(scores), labels, recalls)
        const mean = precisions.reduce((sum, precision) => sum + precision, 0) / positives
        expect(mean).toBeCloseTo(averagePrecision(scores, labels), 12)
      }),
    )
  })
})
