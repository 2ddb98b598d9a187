import { type Foldable, foldAlerts } from '../risk/fold.ts'
import { groupIncidents, type Linkable } from '../risk/incidents.ts'
import { defaultConfig } from '../schema/config.ts'
import type { Shown } from '../schema/labels.ts'
import { ALERT_COLUMNS, type Reason, type Severity } from '../schema/scores.ts'
import { createView, dayOf, publishQuery } from '../sql/workspace.ts'
import { hasState, withState } from '../state/state.ts'
import { activeSuppressions, recordHit, type Suppression } from '../state/suppressions.ts'
import { listVerdicts } from '../state/verdicts.ts'
import { type Alert, titledReasons } from './alerts.ts'
import type { Context } from './context.ts'
import { alertsFile, basesMetadata, type Gathered, type GatherOptions, gatherEvidence } from './evidence.ts'
import { holdBack } from './hold-back.ts'
import { selectionOf, selectShown } from './select-alerts.ts'

/** Days before a run whose alerts can still belong to the same incident. */
const LINK_DAYS = 3

const DAY_MS = 86_400_000

export interface PublishedAlert {
  readonly alert: Alert
  readonly incidentId: string
  readonly status: 'new' | 'suppressed'
  readonly shown: Shown
  /** Id of the open alert that this one repeats. */
  readonly foldedInto: string | null
}

/**
 * Publishes the alerts of a scored day, replacing what it held: with evidence, an incident, the open alert that one repeats, and, where
 * the filter or a suppression holds them back, the reason.
 */
export async function publishAlerts(
  context: Context,
  day: string,
  candidates: readonly Alert[],
  model: string,
  options: GatherOptions = {},
): Promise<{ published: PublishedAlert[]; evidenceDue: number }> {
  const chosen = selectShown(candidates, selectionOf(context.config ?? defaultConfig()))
  const gathered = await gatherEvidence(
    context,
    day,
    candidates.filter(alert => chosen.has(alert.alertId)),
    options,
  )
  const { alerts } = gathered
  const earlier = await earlierAlerts(context, day)
  const incidents = groupIncidents([...earlier, ...alerts])
  const held = await heldBack(context, alerts, chosen)
  const folded = foldQueue(
    earlier,
    alerts.filter(alert => !held.has(alert.alertId) && chosen.get(alert.alertId) === 'queue'),
    incidents,
    await judgedAt(context),
  )
  const published = alerts.map((alert): PublishedAlert => {
    const isHeld = held.has(alert.alertId)
    return {
      alert,
      incidentId: incidents.get(alert.alertId)!,
      status: isHeld ? 'suppressed' : 'new',
      shown: isHeld ? 'suppressed' : chosen.get(alert.alertId)!,
      foldedInto: folded.get(alert.alertId) ?? null,
    }
  })
  await writeAlerts(context, day, published, gathered, held, model)
  return { published, evidenceDue: gathered.due }
}

async function writeAlerts(
  { engine, workspace }: Context,
  day: string,
  published: readonly PublishedAlert[],
  { evidence, bases }: Gathered,
  held: ReadonlyMap<string, string>,
  model: string,
): Promise<void> {
  const column = (value: (alert: Alert) => string | null) => published.map(({ alert }) => value(alert))
  const number = (value: (alert: Alert) => number | null) =>
    Float64Array.from(published, ({ alert }) => value(alert) ?? Number.NaN)
  await engine.load('raised', {
    alert_id: column(alert => alert.alertId),
    incident_id: published.map(one => one.incidentId),
    tenant_id: column(alert => alert.tenantId),
    principal_id: column(alert => alert.principalId),
    token_id: column(alert => alert.tokenId),
    first_seen: number(alert => alert.firstSeen),
    last_seen: number(alert => alert.lastSeen),
    windows: number(alert => alert.windows),
    severity: column(alert => alert.severity),
    risk: number(alert => alert.risk),
    score: number(alert => alert.score),
    maturity: number(alert => alert.maturity),
    filter_probability: number(alert => alert.filterProbability),
    title: column(alert => alert.title),
    reasons: column(alert => JSON.stringify(alert.reasons)),
    evidence: column(alert => JSON.stringify(evidence.get(alert.alertId) ?? [])),
    techniques: column(alert => JSON.stringify(alert.techniques)),
    places: column(alert => JSON.stringify(alert.places)),
    status: published.map(one => one.status),
    shown: published.map(one => one.shown),
    folded_into: published.map(one => one.foldedInto),
    suppressed_because: column(alert => held.get(alert.alertId) ?? null),
    model: column(() => model),
  })
  const list = ALERT_COLUMNS.map(({ name, type }) =>
    type === 'TIMESTAMP_MS'
      ? `epoch_ms(${name}::BIGINT)::TIMESTAMP_MS AS ${name}`
      : `${name}::${type} AS ${name}`,
  )
  await publishQuery(
    engine,
    `SELECT ${list.join(', ')} FROM raised ORDER BY risk DESC, alert_id`,
    alertsFile(workspace, day),
    basesMetadata(bases),
  )
}

/** An alert of an earlier run that new ones may join. */
interface EarlierAlert extends Linkable, Omit<Foldable, 'judgedAt'> {
  readonly isInQueue: boolean
}

/** The queue's new alerts folded into each other and into those of earlier runs. */
function foldQueue(
  earlier: readonly EarlierAlert[],
  alerts: readonly Alert[],
  incidents: ReadonlyMap<string, string>,
  judged: ReadonlyMap<string, number>,
): Map<string, string> {
  const queue: Omit<Foldable, 'judgedAt'>[] = [
    ...earlier.filter(alert => alert.isInQueue),
    ...alerts.map(({ alertId, firstSeen, risk, severity, reasons }) => ({
      alertId,
      firstSeen,
      risk,
      severity,
      causes: causesOf(reasons),
    })),
  ]
  return foldAlerts(
    queue.map(alert => ({ ...alert, judgedAt: judged.get(alert.alertId) ?? null })),
    incidents,
  )
}

function causesOf(reasons: readonly Reason[]): string[] {
  return titledReasons(reasons).map(reason => reason.code)
}

/** When each judged alert was, ms since the epoch. */
async function judgedAt({ workspace }: Context): Promise<Map<string, number>> {
  if (!hasState(workspace)) return new Map()
  const verdicts = await withState(workspace, state => listVerdicts(state))
  return new Map(verdicts.map(record => [record.alertId, record.at.getTime()]))
}

async function earlierAlerts({ engine, workspace }: Context, day: string): Promise<EarlierAlert[]> {
  const first = Date.parse(day)
  // An alert lies in the partition of the day that it was first seen on.
  const days = Array.from({ length: LINK_DAYS }, (_, i) => dayOf(new Date(first - (LINK_DAYS - i) * DAY_MS)))
  await createView(engine, 'earlier_alerts', workspace.alerts, ALERT_COLUMNS, days)
  const rows = await engine.rows<Record<string, string | null> & { first_seen: Date; risk: number }>(
    `SELECT alert_id, incident_id, tenant_id, principal_id, token_id, first_seen, risk, severity, reasons, places, status, shown, folded_into FROM earlier_alerts`,
  )
  return rows.map(row => ({
    alertId: row.alert_id!,
    incidentId: row.incident_id!,
    tenantId: row.tenant_id!,
    principalId: row.principal_id!,
    tokenId: row.token_id!,
    firstSeen: row.first_seen.getTime(),
    risk: row.risk,
    severity: row.severity as Severity,
    causes: causesOf(JSON.parse(row.reasons!) as Reason[]),
    places: JSON.parse(row.places ?? '[]') as string[],
    foldedInto: row.folded_into ?? null,
    isInQueue: row.status === 'new' && row.shown === 'queue',
  }))
}

/** Alerts that the filter or a suppression in force holds back, and why. */
async function heldBack(
  context: Context,
  alerts: readonly Alert[],
  shown: ReadonlyMap<string, Shown>,
): Promise<Map<string, string>> {
  const hold = (suppressions: readonly Suppression[]) => holdBack(alerts, shown, suppressions)
  if (!hasState(context.workspace)) return hold([]).because
  return withState(context.workspace, async state => {
    const { because, hits } = hold(await activeSuppressions(state, context.now))
    for (const [alertId, suppressionId] of hits) await recordHit(state, suppressionId, alertId, context.now)
    return because
  })
}
