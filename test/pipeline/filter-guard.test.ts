import { describe, expect, test } from 'vitest'
import { guardFilter } from '../../src/pipeline/filter-guard.ts'
import type { Verdict } from '../../src/schema/labels.ts'
import type { VerdictRecord } from '../../src/state/verdicts.ts'

const LIMITS = { maxMissedShare: 0.15, leastSampled: 30 }
const given = (verdict: Verdict, count: number, over: Partial<VerdictRecord> = {}): VerdictRecord[] =>
  Array.from({ length: count }, (_, i) => ({
    alertId: `${verdict}-${i}`,
    verdict,
    note: null,
    who: 'ann',
    at: new Date(0),
    tenantId: 'acme',
    tokenId: 't',
    reasonCode: null,
    source: 'analyst',
    shown: 'sampled',
    model: 'default@2',
    seenAt: new Date(0),
    detectors: null,
    values: [],
    ...over,
  }))
const guard = (...verdicts: VerdictRecord[][]) => guardFilter('default@2', verdicts.flat(), 1000, LIMITS)

describe('the filter', () => {
  test('starts without a verdict, and says that nothing is known', () => {
    expect(guard()).toMatchObject({ state: 'on', sampled: 0, missedShareBound: 1, missedBound: 1000 })
  })

  test('stays on with 29 benign and one misuse: 0.1486 of what is held back at most', () => {
    const one = guard(given('benign_trigger', 20), given('false_positive', 9), given('true_positive', 1))
    expect(one).toMatchObject({ state: 'on', sampled: 30, truePositives: 1, missedBound: 149 })
    expect(one.because).toContain('at most 14.9 %')
  })

  test('goes off with the second misuse in 30, at once even when only these two were judged', () => {
    expect(guard(given('false_positive', 28), given('true_positive', 2)).state).toBe('off')
    expect(guard(given('true_positive', 2))).toMatchObject({ state: 'off', missedShareBound: 1 })
    expect(guard(given('true_positive', 2)).because).toMatch(/switched off: 2 of 2 sampled .* train again/)
  })

  test('may come on again when many benign samples outweigh them', () => {
    expect(guard(given('false_positive', 60), given('true_positive', 2)).state).toBe('on')
  })

  test('counts neither duplicates, nor what was not sampled, nor what another version held back', () => {
    const others = guard(
      given('duplicate', 40),
      given('true_positive', 5, { shown: 'queue' }),
      given('true_positive', 5, { model: 'default@1' }),
    )
    expect(others).toMatchObject({ state: 'on', sampled: 0 })
  })
})
