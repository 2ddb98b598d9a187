import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { averagePrecision } from '../../src/lib/metrics.ts'
import { createRandom } from '../../src/lib/random.ts'
import { type Windows, WORSE_FEATURES } from '../../src/scoring.ts'
import { isPlanted, makeBatch, take, withColumns, withFeatures, withoutUse, withTokens } from './batch.ts'
import { DETECTORS_UNDER_TEST, type DetectorUnderTest } from './detectors.ts'

const ROWS = 300
const everyRow = [...Array(ROWS).keys()]

const sums = (scores: { data: ArrayLike<number>; rows: number; cols: number }) =>
  Array.from({ length: scores.rows }, (_, r) => {
    let sum = 0
    for (let c = 0; c < scores.cols; c++) sum += scores.data[r * scores.cols + c]!
    return sum
  })

/** Bytes of everything a batch holds. */
function bytesOf({ features, use }: Windows): string {
  return JSON.stringify([
    [...features.data],
    features.names,
    use.token,
    use.group,
    use.items,
    [...use.offsets],
    [...use.item],
    Array.from(use.n),
  ])
}

/** Unread features in the batch of a detector that reads few. */
const UNREAD = 3

/** A clean batch to fit on and one with planted rows to score, of what the detector reads and a little that it does not. */
function batchesFor({ reads }: DetectorUnderTest): { batch: Windows; fresh: Windows } {
  if (reads === undefined) return { batch: makeBatch(ROWS, 1, { isClean: true }), fresh: makeBatch(ROWS, 2) }
  const unread = WORSE_FEATURES.filter(name => !reads.includes(name)).slice(0, UNREAD)
  const isHigh = (name: string) => reads.includes(name)
  return {
    batch: withColumns(makeBatch(ROWS, 1, { isClean: true }), [...unread, ...reads]),
    fresh: withColumns(makeBatch(ROWS, 2, { isHigh }), [...unread, ...reads]),
  }
}

/** The row of a batch with a feature of it replaced. */
function withCell(batch: Windows, row: number, column: number, value: (before: number) => number): Windows {
  return withFeatures(take(batch, [row]), (_, c) => {
    const before = batch.features.data[row * batch.features.cols + c]!
    return c === column ? value(before) : before
  })
}

describe.each(DETECTORS_UNDER_TEST)('$name', detector => {
  const { batch, fresh } = batchesFor(detector)
  const { cols, names } = fresh.features
  const model = detector.fit(batch, 1)
  const scores = detector.score(model, fresh)

  test('the same seed gives the same model and the same scores', () => {
    const again = detector.fit(batch, 1)
    expect(Buffer.compare(detector.save(again), detector.save(model))).toBe(0)
    expect(detector.score(again, fresh).data).toEqual(scores.data)
    detector.score(model, batch)
    expect(detector.score(model, fresh).data).toEqual(scores.data)
  })

  test('another seed is another model where chance has a say', () => {
    const other = detector.fit(batch, 2)
    const isSame = Buffer.compare(detector.save(other), detector.save(model)) === 0
    expect(isSame).toBe(!detector.isRandom)
  })

  test('fitting and scoring leave their input untouched', () => {
    const before = bytesOf(batch)
    detector.score(detector.fit(batch, 3), batch)
    expect(bytesOf(batch)).toBe(before)
  })

  test('a row has the same score wherever it stands and with whatever it is batched', () => {
    const order = createRandom(5).shuffle([...everyRow])
    const shuffled = detector.score(model, take(fresh, order))
    order.forEach((row, i) => {
      expect(rowOf(shuffled, i)).toEqual(rowOf(scores, row))
    })
    for (const part of [everyRow.slice(0, 1), everyRow.slice(1, 7), everyRow.slice(7)]) {
      const alone = detector.score(model, take(fresh, part))
      part.forEach((row, i) => {
        expect(rowOf(alone, i)).toEqual(rowOf(scores, row))
      })
    }
    expect(detector.score(model, take(fresh, [])).rows).toBe(0)
  })

  test('columns are found by name', () => {
    const { data, rows } = fresh.features
    const turned = {
      ...fresh,
      features: {
        rows,
        cols,
        names: names.toReversed(),
        data: Float64Array.from(data, (_, i) => data[i - (i % cols) + cols - 1 - (i % cols)]!),
      },
    }
    expect(detector.score(model, turned).data).toEqual(scores.data)
  })

  test('saved and loaded it gives the same bits', () => {
    const back = detector.load(detector.save(model))
    expect(detector.score(back, fresh).data).toEqual(scores.data)
    expect(Buffer.compare(detector.save(back), detector.save(model))).toBe(0)
  })

  test('survives constant columns, single rows, and nothing known, in fitting and in scoring', () => {
    const odd = {
      constant: withFeatures(batch, () => 1),
      missing: withoutUse(withFeatures(batch, () => Number.NaN)),
      zero: withFeatures(batch, () => 0),
      infinite: withFeatures(batch, (row, column) =>
        (row + column) % 2 === 0 ? Number.POSITIVE_INFINITY : 1,
      ),
      single: take(batch, [3]),
    }
    for (const [name, training] of Object.entries(odd)) {
      const fitted = detector.fit(training, 1)
      for (const table of [fresh, ...Object.values(odd)])
        expect([...detector.score(fitted, table).data].every(Number.isFinite), name).toBe(true)
    }
  })

  test('any one feature of any row may be unknown, infinite or huge: every score stays finite', () => {
    const { cols } = fresh.features
    const odd = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300)
    fc.assert(
      fc.property(fc.nat(ROWS - 1), fc.nat(cols - 1), odd, (row, at, value) => {
        const one = take(fresh, [row])
        const data = Float64Array.from(one.features.data)
        data[at] = value
        const { data: told } = detector.score(model, { ...one, features: { ...one.features, data } })
        expect([...told].every(Number.isFinite)).toBe(true)
      }),
    )
  })

  test('higher = worse: planted misuse ranks above the rest', () => {
    const truth = everyRow.map(isPlanted)
    expect(averagePrecision(sums(scores), truth)).toBeGreaterThan(0.8)
  })

  test('whatever the features are, scores are finite and not below zero', () => {
    const wild = fc.oneof(
      fc.double(),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE),
    )
    fc.assert(
      fc.property(
        fc.nat(ROWS - 1),
        fc.array(wild, { minLength: 1, maxLength: 12 }),
        fc.nat(),
        (row, values, shift) => {
          const odd = withFeatures(take(fresh, [row]), (_, c) => values[(c + shift) % values.length]!)
          for (const score of detector.score(model, odd).data) {
            expect(Number.isFinite(score)).toBe(true)
            expect(score).toBeGreaterThanOrEqual(0)
          }
        },
      ),
    )
  })

  test("another tenant's token of the same id is another token", () => {
    const renamed = withTokens(batch, token => token.replace('south/token', 'south/visitor'))
    const found = detector.score(detector.fit(renamed, 1), fresh)
    const ours = everyRow.filter(row => fresh.use.token[row]!.startsWith('north/'))
    for (const row of ours) expect(rowOf(found, row)).toEqual(rowOf(scores, row))
  })

  const monotone = [...scores.names.keys()].filter(c => detector.isMonotone(scores.names[c]!))
  const worse = fc.constantFrom(...WORSE_FEATURES.map(name => names.indexOf(name)).filter(c => c >= 0))

  test.skipIf(monotone.length === 0)('raising a feature that is worse when high lowers no score', () => {
    fc.assert(
      fc.property(fc.nat(ROWS - 1), worse, fc.double({ min: 0, max: 50, noNaN: true }), (row, at, more) => {
        const raised = withCell(fresh, row, at, value => (Number.isNaN(value) ? 0 : value) + more)
        const found = rowOf(detector.score(model, raised), 0)
        for (const c of monotone) expect(found[c]).toBeGreaterThanOrEqual(rowOf(scores, row)[c]!)
      }),
    )
  })

  test.skipIf(monotone.length === 0)('what is not known is held against nobody', () => {
    fc.assert(
      fc.property(fc.nat(ROWS - 1), worse, (row, at) => {
        const unknown = detector.score(
          model,
          withCell(fresh, row, at, () => Number.NaN),
        )
        for (const c of monotone) expect(rowOf(unknown, 0)[c]).toBeLessThanOrEqual(rowOf(scores, row)[c]!)
      }),
    )
  })

  test.skipIf(detector.reads === undefined)('hears each feature that it reads, and no other', () => {
    const calm = withFeatures(take(fresh, [0]), () => 0)
    const silence = rowOf(detector.score(model, calm), 0)
    for (const [c, name] of names.entries()) {
      const [score] = rowOf(
        detector.score(
          model,
          withCell(calm, 0, c, () => 50),
        ),
        0,
      )
      if (detector.reads!.includes(name)) expect(score, name).toBeGreaterThan(silence[0]! + 1)
      else expect(score, name).toBe(silence[0])
    }
  })
})

function rowOf({ data, cols }: { data: ArrayLike<number>; cols: number }, row: number): number[] {
  return Array.from({ length: cols }, (_, c) => data[row * cols + c]!)
}
