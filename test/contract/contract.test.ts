import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { averagePrecision } from '../../src/lib/metrics.ts'
import { createRandom } from '../../src/lib/random.ts'
import { type Windows, WORSE_FEATURES } from '../../src/scoring.ts'
import { isPlanted, makeBatch, take, withFeatures, withoutUse } from './batch.ts'
import { DETECTORS_UNDER_TEST } from './detectors.ts'

const ROWS = 300
const batch = makeBatch(ROWS, 1, true)
const fresh = makeBatch(ROWS, 2)
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

describe.each(DETECTORS_UNDER_TEST)('$name', detector => {
  const model = detector.fit(batch, 1)
  const scores = detector.score(model, fresh)

  test('the same seed gives the same model and the same scores', () => {
    const again = detector.fit(batch, 1)
    expect(Buffer.compare(detector.save(again), detector.save(model))).toBe(0)
    expect(detector.score(again, fresh).data).toEqual(scores.data)
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
    const { data, rows, cols, names } = fresh.features
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

  test.skipIf(!detector.isMonotone)('raising a feature that is worse when high lowers no score', () => {
    const { cols, names } = fresh.features
    const column = fc.constantFrom(...WORSE_FEATURES.map(name => names.indexOf(name)))
    fc.assert(
      fc.property(fc.nat(ROWS - 1), column, fc.double({ min: 0, max: 50, noNaN: true }), (row, at, more) => {
        const one = take(fresh, [row])
        const data = Float64Array.from(one.features.data)
        data[at] = (Number.isNaN(data[at]!) ? 0 : data[at]!) + more
        const raised = detector.score(model, { ...one, features: { ...one.features, cols, data } })
        raised.data.forEach((score, c) => {
          expect(score).toBeGreaterThanOrEqual(scores.data[row * scores.cols + c]!)
        })
      }),
    )
  })
})

function rowOf({ data, cols }: { data: ArrayLike<number>; cols: number }, row: number): number[] {
  return Array.from({ length: cols }, (_, c) => data[row * cols + c]!)
}
