import { describe, expect, test } from 'vitest'
import { createRandom, type Random } from '../../../src/lib/random.ts'
import { knotsOf } from '../../../src/lib/sketch.ts'
import { columnAdvice, driftAdvice } from '../../../src/pipeline/drift/advice.ts'
import { measureDrift, weightedDrift } from '../../../src/pipeline/drift/measure.ts'
import type { ColumnDrift, DriftKind, ReferenceColumn } from '../../../src/schema/drift.ts'
import { drawClustered, type Sample, sketchOf } from '../../lib/sketches.ts'

const WEEK = 7
/** Token-hours of 300 token-days. */
const drawn = (random: Random, clusters = 300, shift = 0) =>
  drawClustered(random, { clusters, size: 6, own: 0.3, shift })

/** A column trained on `training`, with its period sketched on the same knots. */
function column(training: Sample, period: Sample, given: Partial<ReferenceColumn> = {}) {
  const knots = knotsOf(training.values)
  const sketch = sketchOf(knots, training)
  const reference: ReferenceColumn = {
    name: 'rate',
    kind: 'feature',
    weight: 1,
    usual: 0,
    usualUpper: 0,
    sketch,
    ...given,
  }
  return { reference, period: sketchOf(knots, period) }
}

function measured(columns: readonly ReturnType<typeof column>[], days = WEEK) {
  return measureDrift(
    columns.map(one => one.reference),
    columns.map(one => one.period),
    days,
  )
}

describe('levels', () => {
  test('a week that moved by a standard deviation has drifted, its twin that did not has not', () => {
    const random = createRandom(1)
    const training = drawn(random)
    const moved = measured([column(training, drawn(random, 300, 1))])
    expect(moved.columns[0]).toMatchObject({ level: 'strong', upperLevel: 'strong' })
    expect(moved.columns[0]!.p).toBeLessThan(0.01)
    expect(moved.weighted).toBeCloseTo(moved.columns[0]!.upperExcess, 12)
    const stayed = measured([column(training, drawn(random, 300))])
    expect(stayed.columns[0]).toMatchObject({ level: 'stable', upperLevel: 'stable' })
    expect(stayed.weighted).toBe(0)
  })

  test('a quiet day cries no drift, however unlike its few rows are', () => {
    const random = createRandom(2)
    const training = drawn(random)
    for (const clusters of [1, 2, 3]) {
      const quiet = measured([column(training, drawn(random, clusters, 3))], 1)
      expect(quiet.columns[0]).toMatchObject({ level: 'stable', upperLevel: 'stable' })
      expect(quiet.weighted).toBe(0)
      expect(quiet.columns[0]!.effectiveRows).toBeLessThan(2 * clusters)
    }
  })

  test('of 60 columns that did not move none is called drifted, at small and at large samples', () => {
    const random = createRandom(3)
    for (const clusters of [3, 12, 60, 300]) {
      const columns = Array.from({ length: 60 }, () => column(drawn(random), drawn(random, clusters)))
      expect(
        measured(columns).columns.filter(
          ({ level, upperLevel }) => `${level}${upperLevel}` !== 'stablestable',
        ),
      ).toEqual([])
    }
  })

  test('a tiny move is none, though a large sample makes it sure', () => {
    const values = Array.from({ length: 40_000 }, (_, i) => i % 100)
    const found = measured([column({ values }, { values: values.map(value => (value < 4 ? 50 : value)) })])
    expect(found.columns[0]!.p).toBeLessThan(1e-6)
    expect(found.columns[0]!.level).toBe('stable')
  })
})

describe('the usual swing of days', () => {
  const random = createRandom(4)
  const [training, period] = [drawn(random), drawn(random, 300, 0.6)]
  const excess = (usual: number, days: number) =>
    measured([column(training, period, { usual, usualUpper: usual })], days).columns[0]!

  test('is taken off whole from single days, and by the number of days from weeks', () => {
    const none = excess(0, 1)
    expect(none.excess).toBeCloseTo(none.psi - none.psiByChance, 12)
    expect(excess(0.1, 6).excess).toBeCloseTo(none.excess - 0.1, 12)
    expect(excess(0.1, 10).excess).toBeCloseTo(none.excess - 0.01, 12)
    expect(excess(0.1, 10).usual).toBeCloseTo(0.01, 12)
    expect(excess(5, 1).excess).toBe(0)
    expect(excess(5, 1).level).toBe('stable')
  })
})

describe('what is told of a column', () => {
  // 0 to 99, ten times each, in training; then the even ones are lost, and the odd ones 50 higher.
  const values = Array.from({ length: 1000 }, (_, i) => i % 100)
  const lost = values.map((value, i) => (i % 2 === 0 ? Number.NaN : value + 50))
  const [found] = measured([column({ values }, { values: lost })]).columns as [ColumnDrift]

  test('medians, the tail of training, and what is missing', () => {
    expect(found.trainingMedian).toBeCloseTo(49.5, 0)
    // Of 51 to 149 the median is 100; the bin beyond the last knot, 99, holds half of them and 149.
    expect(found.periodMedian).toBeCloseTo(100, -0.5)
    // The 99th percentile of training lies just above 98: 99 of 0 to 99, and the 26 odd numbers from 99 on among 100 rows.
    expect([found.trainingTail, found.periodTail]).toEqual([0.01, 0.26])
    expect([found.trainingMissing, found.periodMissing]).toEqual([0, 0.5])
  })

  test('a column that is never known has no median', () => {
    const none = { values: values.map(() => Number.NaN) }
    expect(measured([column(none, none)]).columns[0]).toMatchObject({
      level: 'stable',
      trainingMedian: null,
      periodMedian: null,
      trainingMissing: 1,
      periodMissing: 1,
    })
  })

  test('a period without rows says nothing', () => {
    const empty = measured([column({ values }, { values: [] })])
    expect(empty).toMatchObject({ trainingRows: 1000, periodRows: 0, columns: [], weighted: 0, score: null })
  })
})

test('what weighs comes first, weights multiply, and the score is named', () => {
  const random = createRandom(5)
  const training = drawn(random)
  const [moved, same] = [drawn(random, 300, 1), drawn(random)]
  const found = measured([
    column(training, same, { name: 'still', weight: 0.5 }),
    column(training, moved, { name: 'weightless', weight: 0 }),
    column(training, moved, { name: 'light', weight: 0.1 }),
    column(training, moved, { name: 'heavy', weight: 0.4 }),
    column(training, same, { name: 'score', kind: 'score', weight: 0 }),
  ])
  expect(found.columns.map(one => one.name).slice(0, 3)).toEqual(['heavy', 'light', 'weightless'])
  const [heavy] = found.columns as [ColumnDrift]
  expect(weightedDrift(heavy)).toBeCloseTo(0.4 * heavy.upperExcess, 12)
  expect(found.weighted).toBeCloseTo(0.5 * heavy.upperExcess, 12)
  expect(found.score?.name).toBe('score')
})

describe('advice', () => {
  const [base] = measured([column({ values: [1, 2, 3] }, { values: [1, 2, 3] })]).columns as [ColumnDrift]
  const given = (over: Partial<ColumnDrift>) => columnAdvice({ ...base, ...over })
  const moved = { level: 'strong', upperLevel: 'strong' } as const

  test('is due for what weighs or has lost values, and idle for the rest', () => {
    expect(given({})).toEqual({ isDue: false, text: '' })
    expect(given(moved)).toEqual({ isDue: true, text: 'train anew, then compare' })
    expect(given({ ...moved, weight: 0 })).toEqual({ isDue: false, text: 'adds to no score' })
    expect(given({ ...moved, weight: 0, periodMissing: 0.2 }).text).toContain('has the log lost a field?')
    expect(given({ ...moved, trainingMissing: 0.2 }).text).toContain('often unknown in training')
    expect(given({ level: 'strong' })).toEqual({
      isDue: false,
      text: 'moved only below where it adds to a score',
    })
    expect(given({ ...moved, kind: 'score', weight: 0 }).text).toContain('stray from the budget')
  })

  test('of a model names what made it so: also when only the lower part of its score moved', () => {
    const about = (columns: readonly Partial<ColumnDrift>[], isBeyond = true) =>
      driftAdvice({
        model: 'default@3',
        isBeyond,
        trainingRows: 1,
        periodRows: 1,
        days: 1,
        weighted: 1,
        score: null,
        columns: columns.map(over => ({ ...base, ...over })),
      })
    const score = { name: 'score', kind: 'score' as DriftKind, weight: 0 }
    expect(about([moved], false)).toBeNull()
    expect(about([{ ...moved, name: 'a' }, { name: 'b' }, { ...moved, name: 'c', weight: 0 }])).toBe(
      'what default@3 scores by has drifted from its training (a): see keyhound models drift default@3',
    )
    expect(about([{ ...score, level: 'strong' }])).toContain('(score)')
    expect(given({ ...score, level: 'strong' }).isDue).toBe(true)
    expect(about(['a', 'b', 'c', 'd'].map(name => ({ ...moved, name })))).toContain('(a, b, c)')
  })
})
