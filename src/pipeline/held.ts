import type { HeldDay, Rulings } from '../engine/rulings.ts'
import { ALERT_RISK } from '../risk/calibrate.ts'
import { defaultConfig } from '../schema/config.ts'
import { VERDICT_EFFECTS } from '../schema/labels.ts'
import { ALERT_COLUMNS } from '../schema/scores.ts'
import type { Engine } from '../sql/duckdb.ts'
import { createView, dayOf } from '../sql/workspace.ts'
import { readLinkDecisions } from '../state/lineage.ts'
import { hasState, withState } from '../state/state.ts'
import { listVerdicts } from '../state/verdicts.ts'
import type { Alert } from './alerts.ts'
import type { WindowKeys } from './batch.ts'
import type { Context } from './context.ts'

const DAY_MS = 86_400_000

/** Alerts that baselines do not learn from, with the hours they alert. */
export interface HeldAlert extends HeldDay {
  /** ms since the epoch: start of the first alerted hour, end of the last. */
  readonly firstSeen: number
  readonly lastSeen: number
  /** By a verdict; else `until` is where holding lapses. */
  readonly isCleared: boolean
}

/** How much may be held back. Without bounds, alerts that nobody judges keep a habit unknown, and that raises more of them. */
export interface HoldBounds {
  /** Alerts of one day that hold, the riskiest first: as many as somebody looks at. */
  readonly perDay: number
  /** Days that an alert holds when nobody judges it. */
  readonly days: number
}

/**
 * Alerts published before a day, on or above the line: shown or under a suppression, which hides and judges nothing. They are held
 * until a verdict clears them, from the day after it on, or until they have lain unjudged for as long as the configuration says.
 * What the filter holds back is no alert.
 */
export async function readHeld(
  { engine, workspace, config }: Pick<Context, 'engine' | 'workspace' | 'config'>,
  before?: string,
): Promise<HeldAlert[]> {
  await createView(engine, 'alerts', workspace.alerts, ALERT_COLUMNS)
  const rows = await engine.rows<{
    alert_id: string
    tenant_id: string
    token_id: string
    first_seen: Date
    last_seen: Date
    risk: number
  }>(
    `SELECT alert_id, tenant_id, token_id, first_seen, last_seen, risk FROM alerts WHERE risk >= ${ALERT_RISK} ORDER BY first_seen, alert_id`,
  )
  const alerts = rows
    .map(row => ({
      alertId: row.alert_id,
      tenantId: row.tenant_id,
      tokenId: row.token_id,
      day: dayOf(row.first_seen),
      firstSeen: row.first_seen.getTime(),
      lastSeen: row.last_seen.getTime(),
      risk: row.risk,
    }))
    .filter(one => before === undefined || one.day < before)
  return heldAmong(alerts, await clearedOn({ engine, workspace }), holdBounds(config))
}

/** What people said of the past of a day: alerts that hold, and decisions about lineage. */
export async function readRulings(
  context: Pick<Context, 'engine' | 'workspace' | 'config'>,
  before?: string,
): Promise<Rulings> {
  return { held: await readHeld(context, before), links: await readLinkDecisions(context.workspace) }
}

/** Twice the alert budget, so that a campaign on a busy day is held whole. */
export function holdBounds(config = defaultConfig()): HoldBounds {
  return { perDay: Math.ceil(2 * config.alerts.budgetPerDay), days: config.alerts.holdDays }
}

/** Which of the alerts hold their day back, and until when; `cleared` is what {@link clearedOn} says. */
export function heldAmong(
  alerts: readonly Pick<
    Alert,
    'alertId' | 'tenantId' | 'tokenId' | 'day' | 'firstSeen' | 'lastSeen' | 'risk'
  >[],
  cleared: ReadonlyMap<string, string>,
  bounds: HoldBounds,
): HeldAlert[] {
  const heldOn = new Map<string, number>()
  return alerts
    .filter(alert => alert.risk >= ALERT_RISK)
    .toSorted((a, b) =>
      a.day < b.day ? -1 : a.day > b.day ? 1 : b.risk - a.risk || (a.alertId < b.alertId ? -1 : 1),
    )
    .filter(({ day }) => {
      const rank = heldOn.get(day) ?? 0
      heldOn.set(day, rank + 1)
      return rank < bounds.perDay
    })
    .map(({ alertId, tenantId, tokenId, day, firstSeen, lastSeen }) => ({
      tenantId,
      tokenId,
      day,
      isCleared: cleared.has(alertId),
      until: cleared.get(alertId) ?? daysAfter(day, bounds.days),
      firstSeen,
      lastSeen,
    }))
}

function daysAfter(day: string, days: number): string {
  return dayOf(new Date(Date.parse(day) + days * DAY_MS))
}

/** UTC day of the verdict that clears each cleared alert, itself or the one it is folded into; the newest verdict counts. */
export async function clearedOn({
  engine,
  workspace,
}: Pick<Context, 'engine' | 'workspace'>): Promise<Map<string, string>> {
  if (!hasState(workspace)) return new Map()
  const verdicts = await withState(workspace, state => listVerdicts(state))
  const cleared = new Map(
    verdicts
      .filter(record => VERDICT_EFFECTS[record.verdict].clears)
      .map(record => [record.alertId, dayOf(record.at)]),
  )
  if (cleared.size === 0) return cleared
  await createView(engine, 'alerts', workspace.alerts, ALERT_COLUMNS)
  const folded = await engine.rows<{ alert_id: string; folded_into: string }>(
    'SELECT alert_id, folded_into FROM alerts WHERE folded_into IS NOT NULL',
  )
  for (const { alert_id: id, folded_into: lead } of folded) {
    const day = cleared.get(lead)
    if (day !== undefined && !cleared.has(id)) cleared.set(id, day)
  }
  return cleared
}

/** Those of before `until` that nobody had cleared or let lie by then: training leaves their hours out. */
export function openAt(held: readonly HeldAlert[], until: Date): HeldAlert[] {
  return held.filter(
    alert => !alert.isCleared && alert.firstSeen < until.getTime() && alert.until >= dayOf(until),
  )
}

/** Makes open alerts a table `held_alerts` (token, first_seen, last_seen) for joins. */
export async function loadHeld(engine: Engine, open: readonly HeldAlert[]): Promise<void> {
  await engine.load('held_alerts', {
    token: open.map(alert => `${alert.tenantId}/${alert.tokenId}`),
    first_seen: Float64Array.from(open, alert => alert.firstSeen),
    last_seen: Float64Array.from(open, alert => alert.lastSeen),
  })
}

/** 1 for each window of a batch that lies under an open alert. */
export function markHeld(open: readonly HeldAlert[], keys: WindowKeys): Uint8Array {
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
