import { describe, expect, test } from 'vitest'
import { SIGNALS, type Signal } from '../../src/detectors/signals/catalogue.ts'
import { scoreSignals, signalFeatures } from '../../src/detectors/signals/signals.ts'
import { FEATURES } from '../../src/features/catalogue.ts'
import { fromColumns } from '../../src/lib/matrix.ts'

const signal: Signal = {
  name: 'made_up',
  title: 'Made up',
  techniques: [],
  terms: [
    { features: ['a', 'b'], weight: 1 },
    { features: ['c', 'absent'], weight: 0.5 },
  ],
}

describe('scoreSignals', () => {
  test('by hand: the largest of each term, added by weight', () => {
    const table = fromColumns({ a: [2, 0, Number.NaN], b: [3, 0, 1], c: [4, 0, Number.NaN], d: [9, 9, 9] })
    expect([...scoreSignals([signal], table).data]).toEqual([3 + 2, 0, 1])
  })

  test('one feature twice in a term counts once', () => {
    const double: Signal = { ...signal, terms: [{ features: ['a', 'a', 'b'], weight: 1 }] }
    expect([...scoreSignals([double], fromColumns({ a: [2], b: [1] })).data]).toEqual([2])
  })
})

describe('the catalogue of signals', () => {
  const worse = new Set(FEATURES.filter(f => f.higherIs === 'worse').map(f => f.name))

  test('reads only features that exist and of which more is worse', () => {
    expect(signalFeatures(SIGNALS).filter(name => !worse.has(name))).toEqual([])
  })

  test('has each name once, in snake case, with a title and techniques in their usual form', () => {
    expect(new Set(SIGNALS.map(one => one.name)).size).toBe(SIGNALS.length)
    for (const { name, title, techniques, terms } of SIGNALS) {
      expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/)
      expect(title).toMatch(/^[A-Z]/)
      expect(techniques.length, name).toBeGreaterThan(0)
      for (const technique of techniques) expect(technique).toMatch(/^(T\d{4}(\.\d{3})?|API\d{1,2}:2023)$/)
      for (const term of terms) expect(term.weight).toBeGreaterThan(0)
    }
  })
})
