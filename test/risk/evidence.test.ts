import { expect, test } from 'vitest'
import { FIRING_NATS } from '../../src/risk/causes.ts'
import { newEvidence, strongCauses } from '../../src/risk/evidence.ts'
import type { Verdict } from '../../src/schema/labels.ts'
import type { Reason } from '../../src/schema/scores.ts'

const reason = (code: string, contribution: number, surprise = 0): Reason => ({
  code,
  detector: code,
  feature: code,
  actual: 1,
  typical: 0,
  frame: 'self',
  contribution,
  surprise,
  text: code,
})
const at = (hour: number) => new Date(Date.UTC(2026, 9, 5, hour))
const closed = (verdict: Verdict) => ({ verdict, causes: ['new_place', 'off_hours'], seenUntil: at(3) })

test('a cause is strong when it leads, fires, or has 15 % of the score', () => {
  expect(
    strongCauses([
      reason('first', 0.1),
      reason('faint', 0.14, FIRING_NATS - 0.1),
      reason('shared', 0.15),
      reason('firing', 0.03, FIRING_NATS),
    ]),
  ).toEqual(['first', 'shared', 'firing'])
})

const SAME = [reason('new_place', 0.8), reason('off_hours', 0.2)]
const MORE = [...SAME, reason('exfiltration', 0.2, 9)]

test.each([
  ['false_positive', SAME, 5, []],
  ['false_positive', MORE, 3, ['new cause exfiltration']],
  ['benign_trigger', SAME, 5, []],
  ['benign_trigger', MORE, 5, ['new cause exfiltration']],
  ['true_positive', SAME, 3, []],
  ['true_positive', SAME, 4, ['the misuse goes on']],
  ['true_positive', MORE, 4, ['new cause exfiltration', 'the misuse goes on']],
  ['duplicate', MORE, 9, []],
] as const)('%s, then %#: what re-opens', (verdict, reasons, hour, expected) => {
  expect(newEvidence(closed(verdict), { reasons, lastSeen: at(hour) })).toEqual(expected)
})

test('a faint new cause re-opens nothing', () => {
  const faint = [...SAME, reason('exfiltration', 0.05, 2)]
  expect(newEvidence(closed('false_positive'), { reasons: faint, lastSeen: at(3) })).toEqual([])
})
