import { KeyhoundError } from '../lib/errors.ts'
import { type AlertChange, type AlertVerb, changeAlert } from '../state/alert-states.ts'
import { hasState, withState } from '../state/state.ts'
import type { Context } from './context.ts'
import { findAlert, listAlerts, type TriagedAlert } from './triage.ts'

/** Takes an alert up: somebody looks into it. It is assigned to them unless it is somebody's. Throws `conflict` for a closed one. */
export async function acknowledgeAlert(context: Context, id: string, who: string): Promise<TriagedAlert> {
  const alert = await findAlert(context, id)
  if (alert.status === 'closed') {
    throw new KeyhoundError(
      'conflict',
      `alert ${alert.alertId} is closed as ${alert.verdict?.verdict}; open it again first: keyhound alerts reopen ${alert.alertId}`,
    )
  }
  const assignee = alert.life?.assignee ?? who
  return change(context, alert, 'acknowledge', { status: 'acknowledged', assignee }, who)
}

/** Puts a closed alert back into the queue; its verdict counts until another is given. Throws `conflict` for one that is open. */
export async function reopenAlert(
  context: Context,
  id: string,
  who: string,
  note?: string,
): Promise<TriagedAlert> {
  const alert = await findAlert(context, id)
  if (alert.status !== 'closed') {
    throw new KeyhoundError(
      'conflict',
      `alert ${alert.alertId} is ${alert.status}; only closed ones open again`,
    )
  }
  return change(context, alert, 'reopen', { status: 'new', ...(note !== undefined && { note }) }, who)
}

/** Says whose an alert is; null: nobody's. */
export async function assignAlert(
  context: Context,
  id: string,
  assignee: string | null,
  who: string,
): Promise<TriagedAlert> {
  return change(context, await findAlert(context, id), 'assign', { assignee }, who)
}

/** Writes a note to an alert, in place of the one before; the audit trail keeps every one. */
export async function noteAlert(
  context: Context,
  id: string,
  note: string,
  who: string,
): Promise<TriagedAlert> {
  return change(context, await findAlert(context, id), 'note', { note }, who)
}

/** Who the audit trail names for what no person did. */
const SCORING = 'keyhound:score'

/**
 * Records that closed alerts are open again because of new evidence, and answers them. Lists show such alerts as new at once; this
 * writes it down, once, for the audit trail and for whoever is to be told. Scoring calls it with the days whose alerts it published.
 */
export async function reopenOnNewEvidence(
  context: Context,
  days?: readonly string[],
): Promise<TriagedAlert[]> {
  if (!hasState(context.workspace)) return []
  const back = (await listAlerts(context, days && { days })).filter(
    alert => (alert.life?.reopenedFor.length ?? 0) > 0,
  )
  if (back.length === 0) return []
  await withState(context.workspace, async state => {
    for (const alert of back) {
      const { note: before, reopenedFor } = alert.life!
      const again = `open again: ${reopenedFor.join(', ')}`
      const note = before === null ? again : `${before}; ${again}`
      await changeAlert(state, alert, 'reopen', { status: 'new', note }, { actor: SCORING, at: context.now })
    }
  })
  return back
}

async function change(
  context: Context,
  alert: TriagedAlert,
  verb: AlertVerb,
  wanted: AlertChange,
  who: string,
): Promise<TriagedAlert> {
  const by = { actor: context.actor ?? who, at: context.now }
  await withState(context.workspace, state => changeAlert(state, alert, verb, wanted, by))
  return findAlert(context, alert.alertId)
}
