import { VERDICT_EFFECTS } from '../schema/labels.ts'
import type { VerdictRecord } from '../state/verdicts.ts'
import type { Likeness } from './likeness.ts'

/** An alert, or a token-hour that may become one, whose like is looked for among the verdicts. */
export interface Asked {
  readonly tenantId: string
  readonly tokenId: string
  /** ms since the epoch: later verdicts are not known yet. */
  readonly time: number
  readonly likeness: Likeness
}

/** Names of the counts; all are sums of decayed weights, >= 0. */
export type AlikeCount =
  | 'past_false_positive'
  | 'past_true_positive'
  | 'past_benign_trigger'
  | `${'alike' | 'token' | 'value' | 'title'}_${'benign' | 'misuse'}`

/** Verdicts lose half their weight in this many days: sites change. */
const VERDICT_HALF_LIFE_DAYS = 30
const DAY_MS = 86_400_000

/**
 * What was said of alike alerts of the tenant before a moment, from alike in every respect (same token, and the same chief reason or
 * a same named value) to alike in the chief reason only. Duplicates count nowhere: they say nothing about truth.
 */
export function countAlike(verdicts: readonly VerdictRecord[], asked: Asked): Record<AlikeCount, number> {
  const counts: Record<AlikeCount, number> = {
    past_false_positive: 0,
    past_true_positive: 0,
    past_benign_trigger: 0,
    alike_benign: 0,
    alike_misuse: 0,
    token_benign: 0,
    token_misuse: 0,
    value_benign: 0,
    value_misuse: 0,
    title_benign: 0,
    title_misuse: 0,
  }
  const { likeness } = asked
  for (const record of verdicts) {
    const { verdict, at } = record
    const label = VERDICT_EFFECTS[verdict].filterLabel
    if (label === null || record.tenantId !== asked.tenantId || at.getTime() >= asked.time) continue
    const weight = 0.5 ** ((asked.time - at.getTime()) / DAY_MS / VERDICT_HALF_LIFE_DAYS)
    const kind = label === 1 ? 'misuse' : 'benign'
    const isSameCode = record.reasonCode !== null && record.reasonCode === likeness.reasonCode
    const sharesValue = record.values.some(value => likeness.values.includes(value))
    const isSameToken = record.tokenId === asked.tokenId
    if (isSameCode && verdict !== 'duplicate') counts[`past_${verdict}`] += weight
    if (isSameToken) counts[`token_${kind}`] += weight
    if (isSameToken && (isSameCode || sharesValue)) counts[`alike_${kind}`] += weight
    if (!isSameToken && sharesValue) counts[`value_${kind}`] += weight
    if (record.detectors !== null && record.detectors === likeness.detectors)
      counts[`title_${kind}`] += weight
  }
  return counts
}
