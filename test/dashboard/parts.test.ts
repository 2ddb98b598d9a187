import { describe, expect, test } from 'vitest'
import { quantity, usual, wordsOf } from '../../src/dashboard/lib/facts.ts'
import { ROUTES } from '../../src/dashboard/routes.ts'
import { type Alert, arrange, OPEN_QUEUE, sectionsOf } from '../../src/dashboard/views/queue/filter.ts'
import {
  type Activity,
  daysOf,
  riskiestHour,
  standingOf,
  type Window,
  weekOf,
} from '../../src/dashboard/views/token/story.ts'

const alert = (alertId: string, firstSeen: string, risk: number, title = 'New place'): Alert =>
  ({
    alertId,
    firstSeen,
    risk,
    score: risk,
    title,
    tokenId: `token of ${alertId}`,
    principalId: 'ann',
    tenantId: 'acme',
    assignee: null,
    reasons: [{ text: 'Country "ZA" was never seen' }],
  }) as unknown as Alert

describe('the queue', () => {
  const alerts = [
    alert('a', '2026-10-04T10:00:00.000Z', 99),
    alert('b', '2026-10-05T01:00:00.000Z', 60),
    alert('c', '2026-10-05T23:00:00.000Z', 80, 'Off hours'),
  ]
  const ids = (found: readonly Alert[]) => found.map(one => one.alertId)

  test('newest day first, within it by risk; or by risk alone', () => {
    expect(ids(arrange(alerts, OPEN_QUEUE))).toEqual(['c', 'b', 'a'])
    expect(ids(arrange(alerts, { ...OPEN_QUEUE, order: 'risk' }))).toEqual(['a', 'c', 'b'])
    const sections = sectionsOf(arrange(alerts, OPEN_QUEUE), 'day')
    expect(sections.map(([day, found]) => [day, ids(found)])).toEqual([
      ['2026-10-05', ['c', 'b']],
      ['2026-10-04', ['a']],
    ])
  })

  test('every word must stand somewhere, in any case', () => {
    expect(ids(arrange(alerts, { ...OPEN_QUEUE, text: 'off ANN' }))).toEqual(['c'])
    expect(ids(arrange(alerts, { ...OPEN_QUEUE, text: '"za" place' }))).toEqual(['b', 'a'])
    expect(ids(arrange(alerts, { ...OPEN_QUEUE, text: 'nowhere' }))).toEqual([])
  })
})

describe('the story of a token', () => {
  const hour = (start: string, requests: number, risk: number | null) =>
    ({ start, requests, risk, reasons: [] }) as unknown as Activity['hours'][number]
  // A Monday.
  const hours = [
    hour('2026-10-05T23:00:00.000Z', 4, 20),
    hour('2026-10-12T23:00:00.000Z', 6, 90),
    hour('2026-10-13T01:00:00.000Z', 1, 90),
  ]
  const windows = [
    { from: new Date('2026-10-12T23:00Z'), to: new Date('2026-10-13T00:00Z') },
  ] as unknown as Window[]

  test('hours of the week, on the clock of the token', () => {
    expect(weekOf(hours, windows, 0)).toEqual([
      { weekday: 0, hour: 23, requests: 10, isAlerted: true },
      { weekday: 1, hour: 1, requests: 1, isAlerted: false },
    ])
    expect(weekOf(hours, [], 8)[0]).toMatchObject({ weekday: 1, hour: 7 })
    expect(weekOf(hours, [], -4)[1]).toMatchObject({ weekday: 0, hour: 21 })
    expect(weekOf(hours, [], 5.5)[0]).toMatchObject({ weekday: 1, hour: 4 })
  })

  test('the riskiest hour, the last of equal ones; without scores the last', () => {
    expect(riskiestHour(hours)).toBe('2026-10-13T01:00:00.000Z')
    expect(riskiestHour([hour('2026-10-05T23:00:00.000Z', 4, null)])).toBe('2026-10-05T23:00:00.000Z')
    expect(riskiestHour([])).toBeNull()
  })

  test('days, end left out', () => {
    const subject = {
      from: '2026-02-27T00:00:00.000Z',
      to: '2026-03-02T00:00:00.000Z',
    } as Activity['subject']
    expect(daysOf(subject)).toEqual(['2026-02-27', '2026-02-28', '2026-03-01'])
  })

  test.each([
    [0.8, 5, 'usual'],
    [0.2, 5, 'rare'],
    [0, 5, 'outside'],
    [0.8, 0, 'unused'],
    [null, 5, 'unknown'],
  ])('an operation of %s of its cluster, used %i times, is %s', (clusterShare, requests, standing) => {
    expect(standingOf({ clusterShare, requests } as Parameters<typeof standingOf>[0])).toBe(standing)
  })
})

describe('facts', () => {
  test('values with their units, beside what is usual', () => {
    expect(wordsOf('unusual_net')).toBe('Net')
    expect(quantity(4_200_000, 'bytes')).toBe('4.2 MB')
    expect(quantity(2, 'deviations')).toBe('2.0 sd')
    expect(quantity(null)).toBe('–')
    const fact = {
      code: 'x',
      feature: 'x',
      actual: 67,
      typical: 0,
      frame: 'self' as const,
      contribution: 1,
      text: '',
    }
    expect(usual(fact, 'self')).toBe('0')
    expect(usual(fact, 'peer')).toBe('–')
    const framed = { ...fact, frames: [{ frame: 'peer' as const, typical: 3, highest: 96 }] }
    expect(usual(framed, 'peer')).toBe('3, at most 96')
    expect(usual(framed, 'self')).toBe('–')
  })
})

test('views: addresses, keys and titles are each one view’s', () => {
  for (const of of [
    ROUTES.map(route => route.path),
    ROUTES.map(route => route.title),
    ROUTES.flatMap(route => route.nav?.key ?? []),
  ]) {
    expect(new Set(of).size).toBe(of.length)
  }
  for (const route of ROUTES) expect(route.path.includes(':')).toBe(route.sample !== undefined)
})
