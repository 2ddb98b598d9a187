import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SIGNALS, type Signal } from '../../src/detectors/signals/catalogue.ts'
import { scoreSignals, signalFeatures, strongestTerms } from '../../src/detectors/signals/signals.ts'
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

  test('strongest terms add up to the evidence', () => {
    const table = fromColumns({ a: [2], b: [3], c: [8] })
    expect(strongestTerms(signal, table, 0)).toEqual([
      { feature: 'c', evidence: 4 },
      { feature: 'b', evidence: 3 },
    ])
    const nats = fc.double({ min: 0, max: 18, noNaN: true })
    fc.assert(
      fc.property(nats, nats, nats, (a, b, c) => {
        const row = fromColumns({ a: [a], b: [b], c: [c] })
        const sum = strongestTerms(signal, row, 0).reduce((total, term) => total + term.evidence, 0)
        expect(sum).toBeCloseTo(scoreSignals([signal], row).data[0]!, 10)
      }),
    )
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
