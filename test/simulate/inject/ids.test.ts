import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../../src/lib/random.ts'
import { createIdMaker } from '../../../src/simulate/inject/ids.ts'

const hex = (random: ReturnType<typeof createRandom>, length: number) =>
  Array.from({ length }, () => random.int(16).toString(16)).join('')

describe('ids in the manner of others', () => {
  test('UUIDs keep their dashes, version and variant', () => {
    const random = createRandom(3)
    const uuids = Array.from(
      { length: 300 },
      () =>
        `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-${'89ab'[random.int(4)]}${hex(random, 3)}-${hex(random, 12)}`,
    )
    const maker = createIdMaker(uuids, new Set(uuids), random)
    expect(maker.rises).toBe(false)
    for (let i = 0; i < 50; i++)
      expect(maker.make(undefined, undefined)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
  })

  test('a prefix stays, and what varies varies as it did', () => {
    const sample = ['evt_b1', 'evt_a2', 'evt_b2', 'evt_a1', 'evt_b3']
    const maker = createIdMaker(sample, new Set(sample), createRandom(1))
    expect(maker.make(undefined, undefined)).toBe('evt_a3')
    // Used up: longer by one, as the last place goes.
    expect(maker.make(undefined, undefined)).toMatch(/^evt_[ab][123][123]$/)
  })

  test('numbers that rise are put between their neighbours; without room that is said', () => {
    const maker = createIdMaker(['10', '20', '35', '99', '120'], new Set(), createRandom(1))
    expect(maker.rises).toBe(true)
    const made = Number(maker.make('99', '120'))
    expect(made).toBeGreaterThan(99)
    expect(made).toBeLessThan(120)
    expect(maker.crowded()).toBe(false)
    maker.make('35', '36')
    expect(maker.crowded()).toBe(true)
  })

  test('texts that rise with time, such as ULIDs, do so with the new ones among them', () => {
    const random = createRandom(5)
    const sample = Array.from(
      { length: 200 },
      (_, i) => `01J${(50_000 + 3 * i).toString(36).toUpperCase()}${hex(random, 8).toUpperCase()}`,
    )
    const maker = createIdMaker(sample, new Set(sample), random)
    expect(maker.rises).toBe(true)
    for (let i = 1; i < 100; i++) {
      const made = maker.make(sample[i - 1], sample[i])
      expect(made > sample[i - 1]! && made < sample[i]!, `${sample[i - 1]} ${made} ${sample[i]}`).toBe(true)
    }
  })

  test('never one that is taken, whatever the ids', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        (sample, seed) => {
          const taken = new Set(sample)
          const maker = createIdMaker(sample, taken, createRandom(seed))
          const made = Array.from({ length: 20 }, () => maker.make(undefined, undefined))
          expect(new Set([...sample, ...made]).size).toBe(sample.length + 20)
        },
      ),
      { numRuns: 100 },
    )
  })
})
