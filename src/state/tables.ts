import type { Generated } from 'kysely'
import type { Shown, Verdict, VerdictSource } from '../schema/labels.ts'
import type { RunStatus } from '../schema/run.ts'

/**
 * The tables of the state as the query builder sees them; migrations.ts creates them. The same names and types hold in both
 * backends: moments are whole milliseconds since 1970 (UTC), truth values 0 and 1, lists and objects JSON text.
 */
export interface StateTables {
  verdicts: VerdictsTable
  suppressions: SuppressionsTable
  checkpoints: { key: string; value: string; at: number }
  lineage_decisions: LineageDecisionsTable
  audit: AuditTable
  api_keys: ApiKeysTable
  outbox: OutboxTable
  alert_states: AlertStatesTable
  responses: ResponsesTable
  leases: LeasesTable
  runs: RunsTable
  suppression_hits: { suppression_id: number; alert_id: string }
}

export interface VerdictsTable {
  verdict_id: Generated<number>
  alert_id: string
  verdict: Verdict
  note: string | null
  who: string
  at: number
  tenant_id: string | null
  token_id: string | null
  reason_code: string | null
  source: VerdictSource
  shown: Shown
  model: string | null
  seen_at: number | null
  detectors: string | null
  reason_values: string
}

export interface SuppressionsTable {
  suppression_id: Generated<number>
  tenant_id: string | null
  principal_id: string | null
  token_id: string | null
  operation: string | null
  reason_code: string | null
  because: string
  owner: string
  created_at: number
  expires_at: number
  hits: Generated<number>
  last_hit_at: Generated<number | null>
}

export interface LineageDecisionsTable {
  decision_id: Generated<number>
  tenant_id: string
  token_id: string
  predecessor_id: string
  is_linked: number
  since: number
  because: string
  owner: string
  at: number
}

export interface AuditTable {
  audit_id: Generated<number>
  at: number
  actor: string
  action: string
  subject: string
  tenant_id: string | null
  details: string
}

export const ROLES = ['viewer', 'analyst', 'scorer', 'admin'] as const
/** What an API key may do; admin may do everything. */
export type Role = (typeof ROLES)[number]

export interface ApiKeysTable {
  key_id: string
  name: string
  role: Role
  tenant_id: string | null
  hash: string
  created_at: number
  created_by: string
  last_used_at: number | null
  revoked_at: number | null
}

export const DELIVERY_STATUSES = ['pending', 'delivered', 'dead'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

export interface OutboxTable {
  id: string
  sink: string
  alert_id: string
  payload: string
  attempts: number
  next_at: number
  status: DeliveryStatus
  last_error: string | null
  created_at: number
}

export const ALERT_STATUSES = ['new', 'acknowledged', 'closed'] as const
/** Where an alert stands in its life. */
export type AlertStatus = (typeof ALERT_STATUSES)[number]

export interface AlertStatesTable {
  alert_id: string
  tenant_id: string | null
  status: AlertStatus
  assignee: string | null
  note: string | null
  causes: string
  seen_until: number | null
  changed_at: number
  changed_by: string
}

export const RESPONSE_STATUSES = [
  'proposed',
  'approved',
  'executed',
  'undone',
  'failed',
  'expired',
  'rejected',
] as const
/** Where an action of a playbook stands. */
export type ResponseStatus = (typeof RESPONSE_STATUSES)[number]

export interface ResponsesTable {
  id: string
  alert_id: string
  tenant_id: string | null
  playbook: string
  action: string
  adapter: string
  target: string
  status: ResponseStatus
  dry_run: number
  expires_at: number | null
  created_at: number
  changed_at: number
  changed_by: string
  detail: string
}

export interface LeasesTable {
  name: string
  holder: string
  purpose: string
  host: string
  pid: number
  since: number
  expires_at: number
}

export interface RunsTable {
  run_id: Generated<number>
  command: string
  actor: string
  host: string
  pid: number
  started_at: number
  ended_at: number | null
  status: RunStatus
  figures: string | null
  error: string | null
}
