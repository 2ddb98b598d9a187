import { describe, expect, test } from 'vitest'
import { DEFINITIONS, type Definitions } from '../../src/kernel/definitions.ts'
import { digestOf, featureFingerprint, fingerprintOf, judgeLog } from '../../src/kernel/fingerprint.ts'
import { goldenLog } from '../../src/kernel/golden-log.ts'
import { reordered } from './reordered.ts'

/** A change here refuses every model trained before: raise CHANGELOG. */
const FINGERPRINT = 'c1469da9fa9c572c'

const { features, metrics } = DEFINITIONS
const NAMES = features.map(feature => feature.name)

/** A definition whose known values are a little larger. */
function mutated<T extends { readonly of: Definitions['features'][number]['of'] }>(one: T): T {
  return { ...one, of: hour => one.of(hour) + 1e-3 }
}

describe('featureFingerprint', () => {
  test('is what it was', () => {
    expect(featureFingerprint()).toBe(FINGERPRINT)
  })

  test('is equal on a second call and in a fresh kernel', () => {
    expect(featureFingerprint()).toBe(featureFingerprint())
    expect(fingerprintOf(DEFINITIONS)).toBe(featureFingerprint())
  })

  test('does not depend on the order in which events of one moment come', () => {
    const shuffled = fingerprintOf(DEFINITIONS, tuples =>
      goldenLog(tuples).map(day => reordered(day, tuples)),
    )
    expect(shuffled).toBe(featureFingerprint())
  })

  test('every feature counts: a value of it that changes changes the fingerprint', () => {
    // The log is judged once by all definitions and their mutants, which then take their places one after another.
    const tables = judgeLog({ features: [...features, ...features.map(mutated)], metrics })
    const digest = (replaced: number) =>
      digestOf(
        NAMES,
        tables.map(table => {
          const columns = table.features.slice(0, features.length)
          if (replaced >= 0) columns[replaced] = table.features[features.length + replaced]!
          return { ...table, features: columns }
        }),
      )
    expect(digest(-1)).toBe(featureFingerprint())
    expect(NAMES.filter((_, at) => digest(at) === featureFingerprint())).toEqual([])
    const one = features.map((feature, at) => (at === 17 ? mutated(feature) : feature))
    expect(fingerprintOf({ features: one, metrics })).toBe(digest(17))
  })

  test('a metric counts, and so do names', () => {
    for (const at of [0, metrics.length - 1]) {
      const one = metrics.map((metric, m) => (m === at ? mutated(metric) : metric))
      expect(fingerprintOf({ features, metrics: one })).not.toBe(featureFingerprint())
    }
    const renamed = features.map((one, i) => (i === 0 ? { ...one, name: 'another_name' } : one))
    expect(fingerprintOf({ features: renamed, metrics })).not.toBe(featureFingerprint())
  })
})

test('every feature takes two values on the golden log that are not null', () => {
  const tables = judgeLog(DEFINITIONS)
  const few = NAMES.filter((_, f) => {
    const values = tables.flatMap(table => [...table.features[f]!].filter(value => !Number.isNaN(value)))
    return new Set(values).size < 2
  })
  expect(few).toEqual([])
})
