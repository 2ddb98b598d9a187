import { describe, expect, test } from 'vitest'
import { type Selectable, selectShown } from '../../src/pipeline/select-alerts.ts'

const alerts = (count: number, over: Partial<Selectable>): Selectable[] =>
  Array.from({ length: count }, (_, i) => ({
    alertId: `a${i}`,
    day: '2026-10-05',
    risk: 60,
    isFiltered: false,
    isBelow: false,
    ...over,
  }))
const selection = { sampleShare: 0.02, explorePerDay: 0, seed: 1 }
const count = (shown: ReadonlyMap<string, string>, what: string) =>
  [...shown.values()].filter(value => value === what).length

describe('alerts held back', () => {
  test('about the share asked for is sampled, the same ones each time, others under another seed', () => {
    const held = alerts(5000, { isFiltered: true })
    const first = selectShown(held, selection)
    // 100 expected, standard deviation 10.
    expect(count(first, 'sampled')).toBeGreaterThan(60)
    expect(count(first, 'sampled')).toBeLessThan(140)
    expect(count(first, 'suppressed')).toBe(5000 - count(first, 'sampled'))
    expect(selectShown([...held].reverse(), selection).get('a17')).toBe(first.get('a17'))
    expect([...selectShown(held, { ...selection, seed: 2 })]).not.toEqual([...first])
  })

  test('a share of 0 samples none, of 1 all', () => {
    const held = alerts(50, { isFiltered: true })
    expect(count(selectShown(held, { ...selection, sampleShare: 0 }), 'sampled')).toBe(0)
    expect(count(selectShown(held, { ...selection, sampleShare: 1 }), 'sampled')).toBe(50)
  })
})

test('the queue is shown whole, whatever the shares', () => {
  expect(count(selectShown(alerts(9, {}), { sampleShare: 0, explorePerDay: 0, seed: 1 }), 'queue')).toBe(9)
})

describe('exploration below the line', () => {
  const below = alerts(100, { isBelow: true }).map((alert, i) => ({ ...alert, risk: 15 + i / 4 }))

  test('takes half of its share nearest to the line, the other half anywhere', () => {
    const shown = selectShown(below, { ...selection, explorePerDay: 6 })
    expect(count(shown, 'explored')).toBe(6)
    for (const id of ['a99', 'a98', 'a97']) expect(shown.get(id)).toBe('explored')
    expect(shown.size).toBe(6)
  })

  test('a fraction of an alert a day is one on such a share of days', () => {
    const days = Array.from({ length: 400 }, (_, d) => ({ ...below[5]!, alertId: `d${d}`, day: `day-${d}` }))
    const found = count(selectShown(days, { ...selection, explorePerDay: 0.3 }), 'explored')
    // 120 expected, standard deviation 9.
    expect(found).toBeGreaterThan(85)
    expect(found).toBeLessThan(155)
  })
})
