import { createHash } from 'node:crypto'
import { listAudit } from '../state/audit.ts'
import type { State } from '../state/state.ts'

/** Lines of the audit trail that are read at most: an alert is re-opened a few times at most, and few are. */
const MOST_REOPENINGS = 100_000

/** How often each alert was re-opened: what was told before is news again then. Alerts that never were are missing. */
export async function readReopenings(state: State): Promise<Map<string, number>> {
  const lines = await listAudit(state, { action: 'alert.reopen', limit: MOST_REOPENINGS })
  const counts = new Map<string, number>()
  for (const { subject } of lines) {
    const alertId = subject.replace(/^alert:/, '')
    counts.set(alertId, (counts.get(alertId) ?? 0) + 1)
  }
  return counts
}

/** What makes a message to a sink a new one: another alert, another sink, another severity, opened again. */
export function deliveryIdOf(facts: {
  alertId: string
  sink: string
  severity: string
  reopened: number
}): string {
  return `kh_${digest('delivery', facts.alertId, facts.sink, facts.severity, facts.reopened).toString('base64url').slice(0, 32)}`
}

/** What makes an action a new one: another alert, playbook, action or adapter, opened again, for show or in earnest. */
export function responseIdOf(facts: {
  alertId: string
  playbook: string
  action: string
  adapter: string
  reopened: number
  dryRun: boolean
}): string {
  const { alertId, playbook, action, adapter, reopened, dryRun } = facts
  // 48 bits: short enough to be typed; among a million actions two are alike with probability 0.002.
  return digest('response', alertId, playbook, action, adapter, reopened, dryRun).toString('hex').slice(0, 12)
}

function digest(...facts: (string | number | boolean)[]): Buffer {
  return createHash('sha256').update(JSON.stringify(facts)).digest()
}
