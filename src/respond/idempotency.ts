import { createHash } from 'node:crypto'
import { listAudit } from '../state/audit.ts'
import type { State } from '../state/state.ts'

/** Lines of the audit trail that are read of an alert at most: people close one a few times. */
const MOST_CLOSINGS = 1000

/** How often an open alert was closed before: what was told or done then is news again now. */
export async function countClosings(state: State, alertId: string): Promise<number> {
  const filter = { subject: `alert:${alertId}`, action: 'alert.close', limit: MOST_CLOSINGS }
  return (await listAudit(state, filter)).length
}

/** What makes a message to a sink a new one: another alert, another sink, another severity, opened again. */
export function deliveryIdOf(facts: {
  alertId: string
  sink: string
  severity: string
  closings: number
}): string {
  return `kh_${digest('delivery', facts.alertId, facts.sink, facts.severity, facts.closings).toString('base64url').slice(0, 32)}`
}

/** What makes an action a new one: another alert, playbook, action or adapter, opened again, for show or in earnest. */
export function responseIdOf(facts: {
  alertId: string
  playbook: string
  action: string
  adapter: string
  closings: number
  dryRun: boolean
}): string {
  const { alertId, playbook, action, adapter, closings, dryRun } = facts
  // 48 bits: short enough to be typed; among a million actions two are alike with probability 0.002.
  return digest('response', alertId, playbook, action, adapter, closings, dryRun).toString('hex').slice(0, 12)
}

function digest(...facts: (string | number | boolean)[]): Buffer {
  return createHash('sha256').update(JSON.stringify(facts)).digest()
}
