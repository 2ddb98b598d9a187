import type { TriagedAlert } from '../../src/pipeline/triage.ts'
import type { Outside } from '../../src/respond/outside.ts'
import { type Config, parseConfig } from '../../src/schema/config.ts'
import { ALERT_COLUMNS, type Reason } from '../../src/schema/scores.ts'
import { HOUR_MS, openTinyWorld, type TinyWorld } from '../engine/tiny-world.ts'
import { publishRows } from '../pipeline/judged-alerts.ts'

/** A Thursday. */
export const FIRST = Date.UTC(2026, 9, 8, 3)
export const NOW = new Date(FIRST + 2 * HOUR_MS)
/** 32 bytes, made up. */
export const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`

export const reason = (code: string, text: string): Reason => ({
  code,
  detector: code,
  feature: code,
  actual: 3,
  typical: 0,
  frame: 'self',
  contribution: 0.7,
  text,
})

/** A stolen token, told in what a hostile log may hold. */
export const ALERT: TriagedAlert = {
  alertId: 'abc1',
  incidentId: 'inc-1',
  tenantId: 'acme',
  principalId: 'ann',
  tokenId: 'token-1',
  firstSeen: new Date(FIRST),
  lastSeen: new Date(FIRST + HOUR_MS),
  windows: 1,
  severity: 'critical',
  risk: 97.25,
  score: 31.2,
  maturity: 0.8,
  filterProbability: null,
  title: 'New client "<!channel>|a=b\\c]"\u001b[31m',
  reasons: [
    reason('new_client', 'client "<img src=x>\r\nBcc: eve@example.com" never seen'),
    reason('rate', '{{token}}'),
  ],
  evidence: ['e1'],
  techniques: ['T1550.001', 'API2:2023'],
  status: 'new',
  shown: 'queue',
  suppressedBecause: null,
  foldedInto: null,
  folds: 0,
  model: 'default@1',
  verdict: null,
}

export type GivenAlert = Partial<TriagedAlert> & Pick<TriagedAlert, 'alertId'>

/** A workspace whose alerts are ALERT with other values. */
export async function openAlerts(alerts: readonly GivenAlert[]): Promise<TinyWorld> {
  const world = await openTinyWorld()
  await publishAlerts(world, alerts)
  return world
}

export function publishAlerts(world: TinyWorld, given: readonly GivenAlert[]): Promise<void> {
  const rows = given.map(one => {
    const alert = { ...ALERT, ...one }
    return {
      at: alert.firstSeen.getTime(),
      alert_id: alert.alertId,
      incident_id: alert.incidentId,
      tenant_id: alert.tenantId,
      principal_id: alert.principalId,
      token_id: alert.tokenId,
      first_seen: alert.firstSeen.getTime(),
      last_seen: alert.lastSeen.getTime(),
      windows: alert.windows,
      severity: alert.severity,
      risk: alert.risk,
      score: alert.score,
      maturity: alert.maturity,
      title: alert.title,
      reasons: JSON.stringify(alert.reasons),
      evidence: JSON.stringify(alert.evidence),
      techniques: JSON.stringify(alert.techniques),
      status: alert.status,
      shown: alert.shown,
      suppressed_because: alert.suppressedBecause,
      folded_into: alert.foldedInto,
      model: alert.model,
    }
  })
  return publishRows(world, world.workspace.alerts, 'alerts.parquet', ALERT_COLUMNS, rows)
}

/** A configuration as a file would hold it. */
export function configOf(value: unknown): Config {
  const result = parseConfig(value)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.config
}

/** The world of sinks at a set time, with the secret of webhooks. */
export function outsideAt(root: string, clock: () => Date = () => NOW, more: Partial<Outside> = {}): Outside {
  return {
    env: { HOOK: SECRET, PATH: process.env.PATH },
    clock,
    timeoutMs: 2000,
    root,
    productVersion: '1.2.3',
    ...more,
  }
}
