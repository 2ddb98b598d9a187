import { ALERT_COLUMNS } from '../schema/scores.ts'
import { createView } from '../sql/workspace.ts'
import { hasState, withState } from '../state/state.ts'
import { listVerdicts } from '../state/verdicts.ts'
import type { Context } from './context.ts'
import type { AlertHistory } from './filter-table.ts'

/** Alerts raised so far and what was said of them. */
export async function readAlertHistory({ engine, workspace }: Context): Promise<AlertHistory> {
  await createView(engine, 'alerts', workspace.alerts, ALERT_COLUMNS)
  const rows = await engine.rows<{ tenant_id: string; token_id: string; first_seen: Date }>(
    `SELECT tenant_id, token_id, first_seen
     FROM (FROM alerts UNION ALL BY NAME SELECT NULL::VARCHAR AS shown WHERE false)
     WHERE shown IS DISTINCT FROM 'explored' ORDER BY first_seen, alert_id`,
  )
  const verdicts = hasState(workspace) ? await withState(workspace, state => listVerdicts(state)) : []
  return {
    alerts: rows.map(row => ({
      tenantId: row.tenant_id,
      tokenId: row.token_id,
      at: row.first_seen.getTime(),
    })),
    verdicts,
  }
}
