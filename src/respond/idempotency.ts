import { createHash } from 'node:crypto'
import { countAudit } from '../state/audit.ts'
import type { State } from '../state/state.ts'

/** How often each open alert was closed before, answered by id: what was told or done then is news again now. */
export async function countClosings(
  state: State,
  alerts: readonly { readonly alertId: string }[],
): Promise<(alertId: string) => number> {
  const subjects = alerts.map(one => `alert:${one.alertId}`)
  const counts = await countAudit(state, 'alert.close', subjects)
  return alertId => counts.get(`alert:${alertId}`) ?? 0
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
