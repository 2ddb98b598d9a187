import { expect, test } from 'vitest'
import { fillColumns } from '../../../scripts/bench/quality/ablation.ts'
import { renderQuality } from '../../../scripts/bench/quality/html.ts'
import { recoverRoles } from '../../../scripts/bench/quality/role-mining.ts'
import { type QualityPart, type QualityRow, signed, verdictOf } from '../../../scripts/bench/quality/row.ts'
import { fromColumns } from '../../../src/lib/matrix.ts'

test('a figure is judged by its goal, without one by its reference', () => {
  const reference = { value: 0.5, of: 'others' }
  expect(verdictOf({ value: 0.45, goal: { is: 'at least', value: 0.45 } })).toBe('reached')
  expect(verdictOf({ value: 0.449, goal: { is: 'at least', value: 0.45 } })).toBe('not reached')
  expect(verdictOf({ value: 3, goal: { is: 'at most', value: 3 } })).toBe('reached')
  // The goal decides, though the reference is missed.
  expect(verdictOf({ value: 0.46, goal: { is: 'at least', value: 0.45 }, reference })).toBe('reached')
  expect(verdictOf({ value: 0.46, reference })).toBe('below reference')
  expect(verdictOf({ value: 0.54, reference })).toBe('above reference')
  expect(verdictOf({ value: 0.5, reference })).toBe('like reference')
  expect(verdictOf({ value: 0.48, reference: { ...reference, within: 0.03 } })).toBe('like reference')
  expect(verdictOf({ value: Number.NaN, reference })).toBe('below reference')
  expect(verdictOf({ value: 0.9 })).toBe('no goal')
})

test('a change has a sign, nothing has none', () => {
  expect([signed(-0.0123), signed(0.5), signed(-0.0004), signed(0)]).toEqual([
    '−0.012',
    '+0.500',
    '0.000',
    '0.000',
  ])
})

test('leaving columns out changes a copy, and only those', () => {
  const table = fromColumns({ a: [1, 2], b: [3, 4] })
  expect(Array.from(fillColumns(table, new Set(['b', 'c']), 0).data)).toEqual([1, 0, 2, 0])
  expect(Array.from(table.data)).toEqual([1, 3, 2, 4])
})

test('a role with one permission too few is not recovered', () => {
  const planted = new Map([
    ['r1', ['a', 'b']],
    ['r2', ['c', 'd', 'e']],
  ])
  const users = new Map([
    ['u1', ['a', 'b']],
    ['u2', ['c', 'd', 'e']],
    ['u3', ['a', 'b', 'c', 'd', 'e']],
  ])
  expect(recoverRoles(users, planted)).toEqual({ planted: 2, found: 2, exact: 2, f1: 1 })
  const other = new Map([
    ['r1', ['a', 'b']],
    ['r2', ['c', 'd']],
  ])
  expect(recoverRoles(users, other)).toEqual({ planted: 2, found: 2, exact: 1, f1: 0.5 })
})

const ROW: QualityRow = {
  subject: 'tokens <all>',
  measure: 'AP',
  kind: 'share',
  value: 0.5,
  range: { low: 0.4, high: 0.6, of: '95 % interval' },
  goal: { is: 'at least', value: 0.45 },
  isHeadline: true,
}

const PART: QualityPart = {
  name: 'one',
  title: 'One part',
  about: 'About it.',
  seconds: 3,
  measuredOn: '2026-11-21',
  rows: [
    ROW,
    { ...ROW, measure: 'recall', value: 0.1, isHeadline: false },
    { ...ROW, measure: 'precision', value: 0.9, isHeadline: false },
  ],
  tables: [{ title: 'A table', rows: [{ set: 'x', n: 1 }] }],
  effects: [
    {
      title: 'Without',
      measures: ['AP'],
      rows: [{ name: 'rate', facts: 4, changes: [{ mean: -0.02, low: -0.05, high: 0.01 }] }],
    },
  ],
  curves: [],
}

test('the page counts goals, shows headline figures first, names what is missing, and needs nothing from outside', () => {
  const page = renderQuality([PART], [{ title: 'Web bots', dataset: 'webbot_sessions' }], '2026-11-21')
  expect(page).toContain('2 of 3 goals reached')
  expect(page).toContain('Web bots (webbot_sessions is not there)')
  expect(page).toContain('tokens &lt;all&gt;')
  expect(page.indexOf('href="#one"')).toBeLessThan(page.indexOf('id="one"'))
  // A missed goal is shown first as well, a reached one that is no headline is not.
  expect(page.match(/>recall</g)?.length).toBe(2)
  expect(page.match(/>precision</g)?.length).toBe(1)
  expect(page).toContain('−0.020')
  expect(page).not.toMatch(/<script|<link|<img|url\(|(src|href)="(?!#)/)
})
