import { newCauses, newEvidence } from '../risk/evidence.ts'
import type { Verdict } from '../schema/labels.ts'
import type { Reason } from '../schema/scores.ts'
import type { AlertState } from '../state/alert-states.ts'
import type { AlertStatus } from '../state/tables.ts'

/** Where an alert stands: held back, or in its life from new over acknowledged to closed. */
export type TriageStatus = AlertStatus | 'suppressed'

/** What people did to an alert, and what its token was alerted for before. */
export interface AlertLife {
  readonly assignee: string | null
  readonly note: string | null
  readonly changedBy: string | null
  readonly changedAt: Date | null
  /** Its verdict, or that of the alert it is folded into. */
  readonly judgedAs: Verdict | null
  /** Why it is back in the queue though it was closed; empty when it is not. */
  readonly reopenedFor: readonly string[]
  /** The closed alert of the same token that came last before this one, duplicates aside. */
  readonly follows: FollowedAlert | null
}

/** A closed alert whose evidence has grown since. */
export interface FollowedAlert {
  readonly alertId: string
  readonly verdict: Verdict
  readonly lastSeen: Date
  /** Codes of loud causes that the closed one did not have; none: the same again. */
  readonly newCauses: readonly string[]
}

/** Of an alert, what its life is told from. */
interface Told {
  readonly alertId: string
  readonly tenantId: string
  readonly tokenId: string
  readonly firstSeen: Date
  readonly lastSeen: Date
  readonly reasons: readonly Reason[]
  readonly status: TriageStatus
  readonly foldedInto: string | null
}

/**
 * Status and life of alerts, by alert id. An alert that was judged without ever being closed is of an earlier version, and counts as
 * closed. One that repeats another stands where that one stands, until somebody takes it up by itself. A closed one whose evidence has grown as its verdict does not allow is new again, at once, whether or not that is recorded.
 */
export function lifeOf(
  alerts: readonly Told[],
  verdicts: ReadonlyMap<string, { readonly verdict: Verdict }>,
  states: ReadonlyMap<string, AlertState>,
): Map<string, { readonly status: TriageStatus; readonly life: AlertLife }> {
  const lives = new Map<string, { status: TriageStatus; life: AlertLife }>()
  const closedByToken = new Map<string, { alert: Told; verdict: Verdict }>()
  for (const alert of [...alerts].sort(byTime)) {
    const isOwn = alert.foldedInto === null || states.has(alert.alertId) || verdicts.has(alert.alertId)
    const stands = isOwn ? alert.alertId : alert.foldedInto!
    const state = states.get(stands)
    const verdict = verdicts.get(stands)?.verdict
    const stated = state?.status ?? (verdict === undefined ? alert.status : 'closed')
    const reopenedFor =
      isOwn && stated === 'closed' && state?.seenUntil && verdict !== undefined
        ? newEvidence({ verdict, causes: state.causes, seenUntil: state.seenUntil }, alert)
        : []
    const status = reopenedFor.length > 0 ? 'new' : stated
    const token = JSON.stringify([alert.tenantId, alert.tokenId])
    const before = closedByToken.get(token)
    lives.set(alert.alertId, {
      status,
      life: {
        assignee: state?.assignee ?? null,
        note: (isOwn && state?.note) || null,
        changedBy: (isOwn && state?.changedBy) || null,
        changedAt: (isOwn && state?.changedAt) || null,
        judgedAs: verdict ?? null,
        reopenedFor,
        follows: before === undefined ? null : followed(before.alert, before.verdict, alert),
      },
    })
    if (status === 'closed' && verdict !== undefined && verdict !== 'duplicate')
      closedByToken.set(token, { alert, verdict })
  }
  return lives
}

function followed(before: Told, verdict: Verdict, alert: Told): FollowedAlert {
  const known = before.reasons.map(reason => reason.code)
  return {
    alertId: before.alertId,
    verdict,
    lastSeen: before.lastSeen,
    newCauses: newCauses(known, alert.reasons),
  }
}

function byTime(a: Told, b: Told): number {
  return a.firstSeen.getTime() - b.firstSeen.getTime() || (a.alertId < b.alertId ? -1 : 1)
}
