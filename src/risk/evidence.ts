import { VERDICT_EFFECTS, type Verdict } from '../schema/labels.ts'
import type { Reason } from '../schema/scores.ts'
import { FIRING_NATS } from './causes.ts'

/** What was known of an alert when it was closed. */
export interface ClosedEvidence {
  readonly verdict: Verdict
  /** Codes of its reasons then. */
  readonly causes: readonly string[]
  /** End of its last hour then. */
  readonly seenUntil: Date
}

/** What is known of it, or of a later one of the same token, now. */
export interface PresentEvidence {
  readonly reasons: readonly Reason[]
  /** End of its last hour. */
  readonly lastSeen: Date
}

/** Share of the score from which a cause that does not fire counts as one: from there on titles name it too. */
const CAUSE_SHARE = 0.15

/** Codes of the causes that are loud enough to be evidence on their own, strongest first. */
export function strongCauses(reasons: readonly Reason[]): string[] {
  const strong = reasons.filter(
    (reason, i) => i === 0 || (reason.surprise ?? 0) >= FIRING_NATS || reason.contribution >= CAUSE_SHARE,
  )
  return [...new Set(strong.map(reason => reason.code))]
}

/** Causes that a closed alert did not have. */
export function newCauses(known: readonly string[], reasons: readonly Reason[]): string[] {
  return strongCauses(reasons).filter(code => !known.includes(code))
}

/**
 * Why a closed alert must be looked at again, in words; empty when it need not. A verdict says what can re-open it: misuse that goes
 * on, a cause that was not judged, or nothing (a duplicate is looked after elsewhere).
 */
export function newEvidence(closed: ClosedEvidence, present: PresentEvidence): string[] {
  const { reopensOn } = VERDICT_EFFECTS[closed.verdict]
  if (reopensOn === null) return []
  const causes = newCauses(closed.causes, present.reasons).map(code => `new cause ${code}`)
  const goesOn = reopensOn === 'any_activity' && present.lastSeen > closed.seenUntil
  return goesOn ? [...causes, 'the misuse goes on'] : causes
}
