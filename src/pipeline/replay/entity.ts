import { ALERT_COLUMNS } from '../../schema/scores.ts'
import { timestampLiteral } from '../../sql/duckdb.ts'
import { createView, dayOf } from '../../sql/workspace.ts'
import type { Context } from '../context.ts'

/** Whose day an alert is about. */
export type Entity = 'token' | 'principal'

export interface EntityDay {
  readonly tenantId: string
  readonly principalId: string
  readonly tokenId: string
  readonly day: string
}

/** The key by which two sides of a replay, labels and verdicts meet. */
export function entityDay({ tenantId, principalId, tokenId, day }: EntityDay, entity: Entity): string {
  return JSON.stringify([tenantId, entity === 'token' ? tokenId : principalId, day])
}

/** What replay needs to know of a published alert. */
export interface StoredAlert extends EntityDay {
  readonly alertId: string
  readonly incidentId: string | null
  readonly status: string
  readonly risk: number
}

/** The published alerts of a period, in order of time, without those that exploration showed. */
export async function readStored(
  { engine, workspace }: Context,
  days: readonly string[],
  from: Date,
  to: Date,
): Promise<StoredAlert[]> {
  await createView(engine, 'alerts', workspace.alerts, ALERT_COLUMNS, days)
  const rows = await engine.rows<Record<string, string> & { first_seen: Date; risk: number }>(
    `SELECT alert_id, incident_id, tenant_id, principal_id, token_id, first_seen, status, risk FROM alerts
     WHERE shown IS DISTINCT FROM 'explored' AND first_seen >= ${timestampLiteral(from)} AND first_seen < ${timestampLiteral(to)} ORDER BY first_seen, alert_id`,
  )
  return rows.map(row => ({
    alertId: row.alert_id!,
    incidentId: row.incident_id ?? null,
    tenantId: row.tenant_id!,
    principalId: row.principal_id!,
    tokenId: row.token_id!,
    day: dayOf(row.first_seen),
    status: row.status!,
    risk: row.risk,
  }))
}
