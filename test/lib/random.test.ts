import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/lib/random.ts'
import { mean } from '../../src/lib/stats.ts'

const draw = (count: number, next: () => number) => Float64Array.from({ length: count }, next)
const variance = (values: Float64Array) => {
  const centre = mean(values)
  return mean(values.map(v => (v - centre) ** 2))
}

test('same seed, same numbers; near seeds, other numbers', () => {
  const first = draw(20, createRandom(1).next)
  expect(draw(20, createRandom(1).next)).toEqual(first)
  const heads = new Set(Array.from({ length: 1000 }, (_, seed) => createRandom(seed).next()))
  expect(heads.size).toBe(1000)
})

test('a fork depends on seed and labels alone, not on what was drawn', () => {
  const fresh = createRandom(5)
  const used = createRandom(5)
  for (let i = 0; i < 100; i++) used.next()
  expect(used.fork('tree', 7).next()).toBe(fresh.fork('tree', 7).next())
  expect(fresh.fork('tree', 7).next()).not.toBe(fresh.fork('tree', 8).next())
  expect(fresh.fork('tree', 7).next()).not.toBe(fresh.fork('tree', '7').next())
  expect(fresh.fork('a', 'b').next()).not.toBe(fresh.fork('ab').next())
})

test('forks by number do not collide and are uniform among each other', () => {
  const firsts = Float64Array.from({ length: 10_000 }, (_, i) => createRandom(3).fork('tree', i).next())
  expect(new Set(firsts).size).toBeGreaterThan(9990)
  expect(mean(firsts)).toBeCloseTo(0.5, 1)
  expect(variance(firsts)).toBeCloseTo(1 / 12, 2)
})

describe('distributions have the mean and variance they promise', () => {
  const random = createRandom(11)
  test.each<[string, () => number, number, number]>([
    ['uniform on [0, 1)', random.next, 1 / 2, 1 / 12],
    ['uniform on [-2, 4)', () => random.uniform(-2, 4), 1, 3],
    ['chance 0.3', () => +random.chance(0.3), 0.3, 0.21],
    ['int 6', () => random.int(6), 2.5, 35 / 12],
    ['normal(2, 0.5)', () => random.normal(2, 0.5), 2, 0.25],
    ['exponential(2)', () => random.exponential(2), 0.5, 0.25],
    ['poisson(3)', () => random.poisson(3), 3, 3],
    ['poisson(100)', () => random.poisson(100), 100, 100],
    ['weighted 1:0:3', () => random.weighted([1, 0, 3]), 1.5, 0.75],
  ])('%s', (_, next, expectedMean, expectedVariance) => {
    const values = draw(40_000, next)
    // 5 standard errors of the mean; 6 % of the variance.
    expect(Math.abs(mean(values) - expectedMean)).toBeLessThan(5 * Math.sqrt(expectedVariance / 40_000))
    expect(variance(values) / expectedVariance).toBeGreaterThan(0.94)
    expect(variance(values) / expectedVariance).toBeLessThan(1.06)
  })
})

test('numbers stay in their bounds', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 1_000_000 }), (seed, n) => {
      const random = createRandom(seed)
      const integer = random.int(n)
      expect(Number.isInteger(integer) && integer >= 0 && integer < n).toBe(true)
      const unit = random.next()
      expect(unit >= 0 && unit < 1).toBe(true)
      expect(random.exponential(1)).toBeGreaterThanOrEqual(0)
      expect(random.poisson(-1)).toBe(0)
    }),
  )
})

test('shuffle keeps the items, works in place and reaches every order', () => {
  const random = createRandom(2)
  const seen = new Map<string, number>()
  for (let i = 0; i < 6000; i++) {
    const items = [1, 2, 3]
    expect(random.shuffle(items)).toBe(items)
    seen.set(items.join(''), (seen.get(items.join('')) ?? 0) + 1)
  }
  expect([...seen.keys()].sort()).toEqual(['123', '132', '213', '231', '312', '321'])
  for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
})

test('pick and weighted choose among what is there', () => {
  const random = createRandom(2)
  expect(['a', 'b']).toContain(random.pick(['a', 'b']))
  for (let i = 0; i < 100; i++) expect(random.weighted([0, 5, 0])).toBe(1)
})
