import type { Engine } from '../engine/duckdb.ts'
import { createView, dayOf } from '../engine/workspace.ts'
import { FOREVER, type HeldDay } from '../features/held.ts'
import { ALERT_RISK } from '../risk/calibrate.ts'
import { VERDICT_EFFECTS } from '../schema/labels.ts'
import { ALERT_COLUMNS } from '../schema/scores.ts'
import { hasState, withState } from '../state/state.ts'
import { listVerdicts } from '../state/verdicts.ts'
import type { Alert } from './alerts.ts'
import type { WindowKeys } from './batch.ts'
import type { Context } from './context.ts'

/** Alerts that baselines do not learn from, with the hours they alert. */
export interface HeldAlert extends HeldDay {
  /** ms since the epoch: start of the first alerted hour, end of the last. */
  readonly firstSeen: number
  readonly lastSeen: number
}

/**
 * Alerts published before a day, on or above the line: shown or under a suppression, which hides and judges nothing. They are held
 * until a verdict clears them, from the day after it on. What the filter holds back is no alert.
 */
export async function readHeld(
  { engine, workspace }: Pick<Context, 'engine' | 'workspace'>,
  before?: string,
): Promise<HeldAlert[]> {
  await createView(engine, 'alerts', workspace.alerts, ALERT_COLUMNS)
  const rows = await engine.rows<{
    alert_id: string
    tenant_id: string
    token_id: string
    first_seen: Date
    last_seen: Date
  }>(
    `SELECT alert_id, tenant_id, token_id, first_seen, last_seen FROM alerts WHERE risk >= ${ALERT_RISK} ORDER BY first_seen, alert_id`,
  )
  const cleared = await clearedOn(workspace)
  return rows
    .map(row => ({
      tenantId: row.tenant_id,
      tokenId: row.token_id,
      day: dayOf(row.first_seen),
      until: cleared.get(row.alert_id) ?? FOREVER,
      firstSeen: row.first_seen.getTime(),
      lastSeen: row.last_seen.getTime(),
    }))
    .filter(one => before === undefined || one.day < before)
}

/**
 * Alerts of a day just scored, as `readHeld` will find them; `cleared` is what {@link clearedOn} says: nobody can have judged them
 * yet but in an earlier run.
 */
export function heldAmong(alerts: readonly Alert[], cleared: ReadonlyMap<string, string>): HeldAlert[] {
  return alerts
    .filter(alert => alert.risk >= ALERT_RISK)
    .map(({ alertId, tenantId, tokenId, day, firstSeen, lastSeen }) => ({
      tenantId,
      tokenId,
      day,
      until: cleared.get(alertId) ?? FOREVER,
      firstSeen,
      lastSeen,
    }))
}

/** UTC day of the verdict that clears each cleared alert; the newest verdict of an alert counts. */
export async function clearedOn(workspace: Context['workspace']): Promise<Map<string, string>> {
  if (!hasState(workspace)) return new Map()
  const verdicts = await withState(workspace, state => listVerdicts(state))
  return new Map(
    verdicts
      .filter(record => VERDICT_EFFECTS[record.verdict].clears)
      .map(record => [record.alertId, dayOf(record.at)]),
  )
}

/** Makes the alerts that nobody has cleared a table `held_alerts` (token, first_seen, last_seen) for joins. */
export async function loadHeld(engine: Engine, held: readonly HeldAlert[]): Promise<void> {
  const open = held.filter(alert => alert.until === FOREVER)
  await engine.load('held_alerts', {
    token: open.map(alert => `${alert.tenantId}/${alert.tokenId}`),
    first_seen: Float64Array.from(open, alert => alert.firstSeen),
    last_seen: Float64Array.from(open, alert => alert.lastSeen),
  })
}

/** 1 for each window of a batch that lies under an alert nobody has cleared. */
export function markHeld(held: readonly HeldAlert[], keys: WindowKeys): Uint8Array {
  const open = held.filter(alert => alert.until === FOREVER)
  const byToken = new Map<string, HeldAlert[]>()
  const keyOf = (tenantId: string, tokenId: string) => JSON.stringify([tenantId, tokenId])
  for (const alert of open) {
    const key = keyOf(alert.tenantId, alert.tokenId)
    byToken.set(key, [...(byToken.get(key) ?? []), alert])
  }
  return Uint8Array.from(keys.tokenId, (tokenId, row) => {
    const at = keys.windowStart[row]!
    const alerts = byToken.get(keyOf(keys.tenantId[row]!, tokenId)) ?? []
    return alerts.some(alert => at >= alert.firstSeen && at < alert.lastSeen) ? 1 : 0
  })
}
