import { expect, test } from 'vitest'
import { usualOf } from '../../../src/pipeline/illustrate/metric-frames.ts'
import { byDay, type PastHours } from '../../../src/pipeline/illustrate/past-hours.ts'

const HOUR_MS = 3_600_000
const UNKNOWN = Number.NaN

/** Tokens 0-2 are of tenant t, 3 of u; 0 and 1 have role 7 at last. Hours of two days, one value each. */
const PAST: PastHours = {
  token: Float64Array.of(0, 0, 0, 1, 1, 2, 3),
  start: Float64Array.of(0, 1, 24, 0, 24, 0, 0).map(hour => hour * HOUR_MS),
  role: Float64Array.of(5, 7, UNKNOWN, 7, 7, 5, 7),
  values: new Map([
    ['requests', Float64Array.of(1, 5, 3, 10, 20, 100, 1000)],
    ['day_requests', Float64Array.of(1, 6, UNKNOWN, 10, 20, 100, 1000)],
  ]),
  tokensOf: tenantId => (tenantId === 't' ? [0, 3] : tenantId === 'u' ? [3, 4] : [0, 0]),
  numberOf: (_, tokenId) => Number(tokenId),
}
const asked = (tokenId: string, tenantId = 't') => ({ tenantId, tokenId })
const usual = (frame: 'self' | 'peer' | 'tenant', who: ReturnType<typeof asked>) =>
  usualOf(PAST, PAST, 'requests', frame, who)

test('a number is usual by the median and the largest of the token, its role and its tenant, each without the others', () => {
  expect(usual('self', asked('0'))).toEqual({ typical: 3, highest: 5 })
  expect(usual('peer', asked('0'))).toEqual({ typical: 15, highest: 20 })
  expect(usual('tenant', asked('0'))).toEqual({ typical: 20, highest: 100 })
})

test('where the past says nothing, nothing is said', () => {
  expect(usual('self', asked('-1'))).toBeNull()
  expect(usual('peer', asked('-1'))).toBeNull()
  expect(usual('tenant', asked('-1'))).toEqual({ typical: 7.5, highest: 100 })
  expect(usual('tenant', asked('3', 'u'))).toBeNull()
})

test('running totals are compared by whole days, with the role that the day ended with', () => {
  const daily = byDay(PAST, ['day_requests'])
  expect(daily.values.get('day_requests')).toEqual(Float64Array.of(6, UNKNOWN, 10, 20, 100, 1000))
  expect(daily.role).toEqual(Float64Array.of(7, UNKNOWN, 7, 7, 5, 7))
  expect(usualOf(PAST, daily, 'day_requests', 'self', asked('0'))).toEqual({ typical: 6, highest: 6 })
  expect(usualOf(PAST, daily, 'day_requests', 'peer', asked('1'))).toEqual({ typical: 6, highest: 6 })
})
