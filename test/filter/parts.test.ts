import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALIKE_WEIGHTS, alikeLogOdds } from '../../src/filter/alike-prior.ts'
import { calibrate, fitCalibration } from '../../src/filter/calibrate.ts'
import { FILTER_CONTEXT } from '../../src/filter/context.ts'
import { mergeNets, netLogits } from '../../src/filter/dense-net.ts'
import { groupedFolds } from '../../src/filter/folds.ts'
import { fitStandardisation, standardise } from '../../src/filter/standardise.ts'
import { chooseThreshold } from '../../src/filter/threshold.ts'
import { fromColumns } from '../../src/lib/matrix.ts'
import { createRandom } from '../../src/lib/random.ts'

describe('standardisation', () => {
  test('median, interquartile range, indicators; by hand', () => {
    const table = fromColumns({ x: [1, 2, 3, 4, 5], flag: [0, 0, 0, 0, 1], gone: [7, Number.NaN, 7, 7, 7] })
    const learned = fitStandardisation(table)
    expect([...learned.centre]).toEqual([3, 0, 7])
    expect(learned.scale[0]).toBeCloseTo(2 / 1.349, 12)
    // A flag's quartiles are equal: the standard deviation, sqrt(0.2 x 0.8).
    expect(learned.scale[1]).toBeCloseTo(0.4, 12)
    expect(learned.scale[2]).toBe(1)
    expect([...learned.indicators]).toEqual([2])
    const inputs = standardise(learned, table)
    expect(inputs[0]).toBeCloseTo(Math.asinh((1 - 3) / (2 / 1.349)), 6)
    expect([inputs[4 + 2], inputs[4 + 3], inputs[3]]).toEqual([0, 1, 0])
  })

  test('a column that is unknown throughout, and infinite values, are survived', () => {
    const table = fromColumns({ x: [Number.NaN, Number.NaN], y: [Number.POSITIVE_INFINITY, 1] })
    expect([...standardise(fitStandardisation(table), table)].every(Number.isFinite)).toBe(true)
  })
})

test('dense net: two inputs, two relu units, one output, by hand', () => {
  const layers = [
    {
      inputs: 2,
      units: 2,
      activation: 'relu',
      kernel: Float32Array.of(1, -1, 2, 0.5),
      bias: Float32Array.of(0, 0.5),
    },
    {
      inputs: 2,
      units: 1,
      activation: 'sigmoid',
      kernel: Float32Array.of(1, -2),
      bias: Float32Array.of(0.25),
    },
  ] as const
  // (3, 1): units 3 + 2 = 5 and relu(-3 + 0.5 + 0.5) = 0, logit 5.25; (-1, 0): units relu(-1) = 0 and 1.5, logit -2.75.
  expect([...netLogits(layers, Float32Array.of(3, 1, -1, 0), 2)]).toEqual([5.25, -2.75])
})

test('merged nets say the mean of their logits', () => {
  const random = createRandom(2)
  const layer = (inputs: number, units: number, activation: 'relu' | 'sigmoid') => ({
    ...{ inputs, units, activation },
    kernel: Float32Array.from({ length: inputs * units }, () => random.normal()),
    bias: Float32Array.from({ length: units }, () => random.normal()),
  })
  const nets = [0, 1, 2].map(() => [layer(4, 3, 'relu'), layer(3, 2, 'relu'), layer(2, 1, 'sigmoid')])
  const inputs = Float32Array.from({ length: 20 }, () => random.normal())
  const merged = netLogits(mergeNets(nets), inputs, 5)
  const apart = nets.map(net => netLogits(net, inputs, 5))
  for (let r = 0; r < 5; r++)
    expect(merged[r]).toBeCloseTo((apart[0]![r]! + apart[1]![r]! + apart[2]![r]!) / 3, 5)
})

test('verdicts on alike alerts: benign ones count against, misuse for, none says nothing', () => {
  const table = fromColumns({ alike_benign: [0, 1, Number.NaN], alike_misuse: [0, 0, 3], other: [9, 9, 9] })
  const odds = alikeLogOdds(table)
  expect(odds[0]).toBe(0)
  expect(odds[1]).toBeCloseTo(ALIKE_WEIGHTS.alike_benign! * Math.log(2), 12)
  expect(odds[2]).toBeCloseTo(ALIKE_WEIGHTS.alike_misuse! * Math.log(4), 12)
  const names: readonly string[] = FILTER_CONTEXT.map(feature => feature.name)
  for (const name of Object.keys(ALIKE_WEIGHTS)) expect(names).toContain(name)
})

describe('calibration', () => {
  test('recovers the slope and intercept that made the labels', () => {
    const random = createRandom(4)
    const logits = Float64Array.from({ length: 20_000 }, () => random.normal(0, 2))
    const labels = logits.map(z => (random.chance(calibrate({ slope: 0.5, intercept: -1 }, z)) ? 1 : 0))
    const { slope, intercept } = fitCalibration(logits, labels)
    expect(slope).toBeCloseTo(0.5, 1)
    expect(intercept).toBeCloseTo(-1, 1)
  })

  test('is finite on separable logits, and the base rate where the logits mislead', () => {
    const labels = Array.from({ length: 40 }, (_, r) => (r < 10 ? 1 : 0))
    const right = fitCalibration(
      labels.map(y => (y ? 50 : -50)),
      labels,
    )
    expect(calibrate(right, 50)).toBeGreaterThan(0.9)
    expect(calibrate(right, -50)).toBeLessThan(0.1)
    const wrong = fitCalibration(
      labels.map(y => (y ? -2 : 2)),
      labels,
    )
    expect(wrong.slope).toBe(0)
    expect(calibrate(wrong, 3)).toBeCloseTo(11 / 42, 12)
  })

  test('never turns the order of two alerts round', () => {
    const rows = fc.array(fc.tuple(fc.double({ min: -20, max: 20, noNaN: true }), fc.constantFrom(0, 1)), {
      minLength: 2,
      maxLength: 40,
    })
    fc.assert(
      fc.property(rows, data => {
        const learned = fitCalibration(
          data.map(([z]) => z),
          data.map(([, y]) => y),
        )
        const p = data.map(([z]) => calibrate(learned, z))
        return data.every(
          ([a], i) => data.every(([b], j) => a <= b === false || p[i]! <= p[j]!) && p[i]! >= 0 && p[i]! <= 1,
        )
      }),
    )
  })
})

describe('threshold', () => {
  const spread = (n: number) => Float64Array.from({ length: n }, (_, r) => (r + 1) / (n + 1))

  test('99 positives at 2 %: the second lowest, of which one may be lost', () => {
    expect(chooseThreshold(spread(99), new Array(99).fill(1), 0.02)).toEqual({
      threshold: 0.02,
      bounded: true,
    })
  })

  test('48 positives are one too few for a bound at 2 %; 49 suffice', () => {
    expect(chooseThreshold(spread(48), new Array(48).fill(1), 0.02).bounded).toBe(false)
    expect(chooseThreshold(spread(49), new Array(49).fill(1), 0.02).bounded).toBe(true)
  })

  test('with 24 positives it lies ln 2 logits below the lowest', () => {
    // 0.02 x 25 = 0.5: odds of the lowest, 1/24, halved.
    const { threshold } = chooseThreshold(spread(24), new Array(24).fill(1), 0.02)
    expect(threshold / (1 - threshold)).toBeCloseTo(1 / 48, 12)
  })

  test('rises with the loss allowed, and negatives do not move it', () => {
    const labels = Array.from({ length: 200 }, (_, r) => r % 2)
    const at = (loss: number) => chooseThreshold(spread(200), labels, loss).threshold
    const losses = [0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1]
    for (let l = 1; l < losses.length; l++) expect(at(losses[l]!)).toBeGreaterThanOrEqual(at(losses[l - 1]!))
    expect(at(0)).toBe(0)
    const only = spread(200).filter((_, r) => labels[r] === 1)
    expect(chooseThreshold(only, new Array(100).fill(1), 0.05).threshold).toBe(at(0.05))
  })
})

test('folds keep groups together and spread positives', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(20), fc.constantFrom(0, 1)), { minLength: 10, maxLength: 80 }),
      rows => {
        const groups = rows.map(([group]) => group)
        const fold = groupedFolds(
          rows.map(([, y]) => y),
          groups,
          4,
          createRandom(1),
        )
        return rows.every((_, r) => rows.every((_, s) => groups[r] !== groups[s] || fold[r] === fold[s]))
      },
    ),
  )
  const labels = Array.from({ length: 100 }, (_, r) => (r < 20 ? 1 : 0))
  const fold = groupedFolds(labels, undefined, 5, createRandom(1))
  for (let f = 0; f < 5; f++) {
    expect(labels.filter((y, r) => y === 1 && fold[r] === f)).toHaveLength(4)
    expect(labels.filter((_, r) => fold[r] === f)).toHaveLength(20)
  }
})

test('context features are named once and explained', () => {
  const names = FILTER_CONTEXT.map(feature => feature.name)
  expect(new Set(names).size).toBe(names.length)
  for (const { name, doc } of FILTER_CONTEXT) {
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
    expect(doc.length).toBeGreaterThan(10)
  }
})
