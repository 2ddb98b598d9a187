import type { Verdict } from '../../schema/labels.ts'
import type { KnownIncident } from '../../schema/replay.ts'
import { listParquet, partition } from '../../sql/workspace.ts'
import { hasState, withState } from '../../state/state.ts'
import { listVerdicts } from '../../state/verdicts.ts'
import { parquet } from '../batch.ts'
import type { Context } from '../context.ts'
import { readLabels } from '../labels.ts'
import { type Entity, entityDay, type StoredAlert } from './entity.ts'

/** What is known of a period beside the scores. */
export interface Known {
  readonly from: 'labels' | 'verdicts' | null
  readonly incidents: ReadonlyMap<string, KnownIncident>
  /** Entity-day -> ids of the incidents that touch it. */
  readonly byDay: ReadonlyMap<string, readonly string[]>
  /** Entity-day -> newest verdict of its stored alert. */
  readonly verdicts: ReadonlyMap<string, Verdict>
}

interface IncidentDay {
  readonly incident_id: string
  readonly attack_type: string | null
  readonly tenant_id: string
  readonly principal_id: string
  readonly token_id: string
  readonly day: string
}

/** Known incidents of the days: of the labels file where one is given, else of the alerts that analysts called true_positive. */
export async function readKnown(
  context: Context,
  days: readonly string[],
  stored: readonly StoredAlert[],
  entity: Entity,
  labelsFile?: string,
): Promise<Known> {
  const verdicts = await readVerdicts(context, stored, entity)
  const rows =
    labelsFile === undefined
      ? stored
          .filter(alert => verdicts.get(entityDay(alert, entity)) === 'true_positive')
          .map(alert => confirmedDay(alert))
      : await labelledDays(context, days, labelsFile)
  const incidents = new Map<string, KnownIncident>()
  const byDay = new Map<string, string[]>()
  for (const row of rows) {
    const { days: earlier = [] } = incidents.get(row.incident_id) ?? {}
    incidents.set(row.incident_id, {
      incidentId: row.incident_id,
      attackType: row.attack_type,
      days: [...new Set([...earlier, row.day])].sort(),
    })
    const key = entityDay(
      { tenantId: row.tenant_id, principalId: row.principal_id, tokenId: row.token_id, day: row.day },
      entity,
    )
    byDay.set(key, [...new Set([...(byDay.get(key) ?? []), row.incident_id])])
  }
  const from = labelsFile !== undefined ? 'labels' : verdicts.size > 0 ? 'verdicts' : null
  return { from, incidents, byDay, verdicts }
}

function confirmedDay(alert: StoredAlert): IncidentDay {
  return {
    incident_id: alert.incidentId ?? alert.alertId,
    attack_type: null,
    tenant_id: alert.tenantId,
    principal_id: alert.principalId,
    token_id: alert.tokenId,
    day: alert.day,
  }
}

async function readVerdicts(
  { workspace }: Context,
  stored: readonly StoredAlert[],
  entity: Entity,
): Promise<Map<string, Verdict>> {
  if (!hasState(workspace)) return new Map()
  const records = await withState(workspace, state => listVerdicts(state))
  const byAlert = new Map(records.map(record => [record.alertId, record.verdict]))
  const found = new Map<string, Verdict>()
  for (const alert of stored) {
    const verdict = byAlert.get(alert.alertId)
    if (verdict === undefined) continue
    const key = entityDay(alert, entity)
    // A principal's day may hold alerts of several tokens: one confirmed theft outweighs what was said of the others.
    if (found.get(key) !== 'true_positive') found.set(key, verdict)
  }
  return found
}

/** Days of the labelled incidents on which they have events. */
async function labelledDays(
  { engine, workspace }: Context,
  days: readonly string[],
  file: string,
): Promise<IncidentDay[]> {
  const labels = await readLabels(engine, workspace, file)
  const incident_id = labels.rows.map(row => row.incidentId)
  const attack_type = labels.rows.map(row => row.attackType)
  if (labels.kind === 'event') {
    const event_id = labels.rows.map(row => row.eventId)
    await engine.load('replay_labels', { incident_id, attack_type, event_id })
  } else {
    await engine.load('replay_labels', {
      incident_id,
      attack_type,
      token_id: labels.rows.map(row => row.tokenId),
      begin: Float64Array.from(labels.rows, row => row.start.getTime()),
      finish: Float64Array.from(labels.rows, row => row.end.getTime()),
    })
  }
  const on =
    labels.kind === 'event'
      ? 'l.event_id = e.event_id'
      : 'l.token_id = e.token_id AND epoch_ms(e.time) >= l.begin AND epoch_ms(e.time) < l.finish'
  const files = days.flatMap(day => listParquet(partition(workspace.events, day)))
  const rows = await engine.rows<IncidentDay>(`
SELECT DISTINCT l.incident_id, l.attack_type, e.tenant_id, e.principal_id, e.token_id, strftime(e.time, '%Y-%m-%d') AS day
FROM ${parquet(files)} e JOIN replay_labels l ON ${on} ORDER BY ALL`)
  await engine.run('DROP TABLE replay_labels')
  return rows
}
