import { expect, test } from 'vitest'
import { countAlike } from '../../src/pipeline/alike.ts'
import { asIfJudgedInTime, verdictLabels } from '../../src/pipeline/filter-labels.ts'
import { likenessOf } from '../../src/pipeline/likeness.ts'
import type { Reason } from '../../src/schema/scores.ts'
import type { VerdictRecord } from '../../src/state/verdicts.ts'

const DAY = 86_400_000
const reason = (code: string, detector: string, actual: string | number, contribution: number): Reason => ({
  code,
  detector,
  feature: code,
  actual,
  typical: null,
  frame: 'self',
  contribution,
  text: '',
})
const likeness = likenessOf([
  reason('unusual_net', 'new_place', '203.0.113.0/24', 0.5),
  reason('unusual_hour', 'off_hours', '03:00 UTC', 0.3),
  reason('unusual_requests', 'rate', 900, 0.2),
])
const record = (over: Partial<VerdictRecord> = {}) => ({
  alertId: 'a',
  verdict: 'false_positive' as const,
  note: null,
  who: 'ann',
  at: new Date(70 * DAY),
  tenantId: 'acme',
  tokenId: 't1',
  reasonCode: likeness.reasonCode,
  source: 'analyst' as const,
  shown: 'queue' as const,
  model: null,
  seenAt: new Date(70 * DAY),
  detectors: likeness.detectors,
  values: likeness.values,
  ...over,
})
const count = (over: Partial<VerdictRecord>, tokenId = 't1', time = 100 * DAY) =>
  countAlike([record(over)], { tenantId: 'acme', tokenId, time, likeness })

test('likeness: chief reason, the two strongest detectors, values that name a thing; not hours, not numbers', () => {
  expect(likeness).toEqual({
    reasonCode: 'unusual_net',
    detectors: 'new_place+off_hours',
    values: ['unusual_net=203.0.113.0/24'],
  })
  expect(likenessOf([])).toEqual({ reasonCode: null, detectors: null, values: [] })
})

test('a verdict of 30 days ago counts half, on the same token in every way but as another token', () => {
  expect(count({})).toEqual({
    past_false_positive: 0.5,
    past_true_positive: 0,
    past_benign_trigger: 0,
    alike_benign: 0.5,
    alike_misuse: 0,
    token_benign: 0.5,
    token_misuse: 0,
    value_benign: 0,
    value_misuse: 0,
    title_benign: 0.5,
    title_misuse: 0,
  })
})

test('another token of the tenant with the same network is alike by value', () => {
  expect(count({ verdict: 'true_positive' }, 't2')).toMatchObject({
    value_misuse: 0.5,
    token_misuse: 0,
    alike_misuse: 0,
  })
})

test('the same token for another reason is alike by token only', () => {
  const other = { reasonCode: 'unusual_client', values: [], detectors: 'new_client' }
  expect(count(other)).toMatchObject({
    token_benign: 0.5,
    alike_benign: 0,
    title_benign: 0,
    past_false_positive: 0,
  })
})

test('nothing counts of another tenant, of later, or of a duplicate', () => {
  const none = Object.values(count({ tenantId: 'zeta' }))
  expect(none.every(value => value === 0)).toBe(true)
  expect(Object.values(count({}, 't1', 70 * DAY)).every(value => value === 0)).toBe(true)
  expect(Object.values(count({ verdict: 'duplicate' })).every(value => value === 0)).toBe(true)
})

test('labels by verdict: duplicates give none, misuse outweighs, provenance is kept', () => {
  const key = JSON.stringify(['acme', 't1', 70])
  expect(verdictLabels([record({ verdict: 'duplicate' }) as never]).size).toBe(0)
  expect(verdictLabels([record({ verdict: 'benign_trigger', shown: 'sampled' }) as never]).get(key)).toEqual({
    label: 0,
    origin: 'sampled',
  })
  const both = [record({ verdict: 'true_positive', source: 'simulated' }), record({ shown: 'explored' })]
  expect(verdictLabels(both as never).get(key)).toEqual({ label: 1, origin: 'simulated' })
})

test('for training, a verdict given weeks late counts from the end of the day of its alert', () => {
  const late = record({ seenAt: new Date(70 * DAY + 5), at: new Date(90 * DAY) })
  expect(asIfJudgedInTime([late as never])[0]!.at.getTime()).toBe(71 * DAY - 1)
})
