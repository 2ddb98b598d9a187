import { KeyhoundError } from '../lib/errors.ts'
import { defaultConfig } from '../schema/config.ts'
import type { AlertStatusFilter, Shown, Verdict, VerdictSource } from '../schema/labels.ts'
import { ALERT_COLUMNS, type Reason, SEVERITIES, type Severity } from '../schema/scores.ts'
import { createView, type Workspace } from '../sql/workspace.ts'
import { type AlertState, changeAlert, listAlertStates } from '../state/alert-states.ts'
import { listAudit } from '../state/audit.ts'
import { hasState, inTransaction, withState } from '../state/state.ts'
import type { SuppressionScope } from '../state/suppressions.ts'
import type { AlertStatus } from '../state/tables.ts'
import { listVerdicts, recordVerdict, removeVerdict, type VerdictRecord } from '../state/verdicts.ts'
import { type AlertLife, lifeOf, type TriageStatus } from './alert-life.ts'
import type { Context } from './context.ts'
import { readFilterGuard } from './filter-guard.ts'
import { likenessOf } from './likeness.ts'
import { listModels } from './models.ts'

/** An alert beside the newest judgement of it. */
export interface TriagedAlert {
  readonly alertId: string
  readonly incidentId: string | null
  readonly tenantId: string
  readonly principalId: string
  readonly tokenId: string
  /** UTC, inclusive. */
  readonly firstSeen: Date
  /** UTC, exclusive. */
  readonly lastSeen: Date
  /** Alerted token-hours. */
  readonly windows: number
  readonly severity: Severity
  /** 0-100. */
  readonly risk: number
  readonly score: number
  readonly maturity: number | null
  readonly filterProbability: number | null
  readonly title: string
  /** Strongest first. */
  readonly reasons: readonly Reason[]
  /** Event ids. */
  readonly evidence: readonly string[]
  /** MITRE ATT&CK and OWASP API Security ids. */
  readonly techniques: readonly string[]
  readonly status: TriageStatus
  /** Why an analyst is shown it. */
  readonly shown: Shown
  readonly suppressedBecause: string | null
  /** Id of the alert of its incident that it repeats; null for one that stands by itself. */
  readonly foldedInto: string | null
  /** Alerts folded into this one. */
  readonly folds: number
  readonly model: string
  readonly verdict: VerdictRecord | null
  /** What people did to it, and the closed alert of its token before it. */
  readonly life?: AlertLife
}

/** Which alerts; what is left out does not restrict. */
export interface AlertFilter {
  /** Last seen after this. */
  from?: Date
  /** First seen before this. */
  to?: Date
  /** At least this severe. */
  severity?: Severity
  /** As {@link ALERT_STATUS_FILTERS} says. @default 'all' */
  status?: AlertStatusFilter
  /** Reads only the alerts of these UTC days (2026-10-05): what an alert follows is then told of them alone. @default every day */
  days?: readonly string[]
  /** @default all of them */
  limit?: number
}

/** Alerts that satisfy the filter, highest risk first; equal ones by time and id, so that the order never wavers. */
export async function listAlerts(context: Context, filter: AlertFilter = {}): Promise<TriagedAlert[]> {
  const alerts = onDesk(await readAlerts(context, 'true', {}, filter.days), await readDesk(context.workspace))
  const matches = alerts.filter(alert => matchesFilter(alert, filter))
  return matches.slice(0, filter.limit)
}

/** Whether an alert is of the time, severity and status that a filter asks for. */
export function matchesFilter(
  alert: TriagedAlert,
  { from, to, severity, status = 'all' }: AlertFilter,
): boolean {
  const least = severity === undefined ? 0 : SEVERITIES.indexOf(severity)
  return (
    (from === undefined || alert.lastSeen > from) &&
    (to === undefined || alert.firstSeen < to) &&
    SEVERITIES.indexOf(alert.severity) >= least &&
    hasStatus(alert, status)
  )
}

export function hasStatus(alert: TriagedAlert, status: AlertStatusFilter): boolean {
  if (status === 'all') return true
  if (status === 'suppressed') return alert.shown === 'suppressed'
  if (status === 'judged') return alert.verdict !== null
  if (status === 'folded') return alert.foldedInto !== null
  // What repeats another goes with it, until somebody takes it up by itself.
  const isFolded = alert.foldedInto !== null && !alert.life?.changedAt
  if (status === 'open') return !isFolded && (alert.status === 'new' || alert.status === 'acknowledged')
  return alert.status === status && (status === 'closed' || !isFolded)
}

/** The alert of an id or of the first characters of one. Throws `not-found` for none, `usage` for several. */
export async function findAlert(context: Context, id: string): Promise<TriagedAlert> {
  const found = await readAlerts(context, 'starts_with(alert_id, $id)', { id })
  const exact = found.find(alert => alert.alertId === id)
  const alert = exact ?? found[0]
  if (alert === undefined || id === '') {
    throw new KeyhoundError('not-found', `no alert begins with "${id}"; \`keyhound alerts list\` shows them`)
  }
  if (exact === undefined && found.length > 1) {
    const some = found.slice(0, 3).map(one => one.alertId)
    throw new KeyhoundError(
      'usage',
      `${found.length} alerts begin with "${id}" (${some.join(', ')}...); give more characters`,
    )
  }
  const { tenantId, tokenId } = alert
  const ofToken = await readAlerts(context, 'tenant_id = $tenantId AND token_id = $tokenId', {
    tenantId,
    tokenId,
  })
  return onDesk(ofToken, await readDesk(context.workspace)).find(one => one.alertId === alert.alertId)!
}

/** Judges an alert and closes it, with what is needed to find alike alerts later and to tell new evidence from old. */
export async function judgeAlert(
  context: Context,
  id: string,
  judgement: { verdict: Verdict; note: string | null; who: string; source?: VerdictSource },
): Promise<VerdictRecord> {
  const alert = await findAlert(context, id)
  const record: VerdictRecord = {
    ...judgement,
    ...likenessOf(alert.reasons),
    source: judgement.source ?? 'analyst',
    alertId: alert.alertId,
    at: context.now,
    tenantId: alert.tenantId,
    tokenId: alert.tokenId,
    shown: alert.shown,
    model: alert.model,
    seenAt: alert.firstSeen,
  }
  const actor = context.actor ?? judgement.who
  await withState(context.workspace, state =>
    inTransaction(state, async lent => {
      await recordVerdict(lent, record, actor)
      const causes = [...new Set(alert.reasons.map(reason => reason.code))]
      const closed = { status: 'closed', causes, seenUntil: alert.lastSeen } as const
      await changeAlert(lent, alert, 'close', closed, { actor, at: context.now })
    }),
  )
  return record
}

/**
 * Withdraws the newest verdict of an alert: it counts in no figure, and the alert stands where it stood before that verdict. Throws
 * `conflict` where there is no verdict, or where another person gave it.
 */
export async function withdrawVerdict(context: Context, id: string, who: string): Promise<TriagedAlert> {
  const alert = await findAlert(context, id)
  const { alertId, verdict } = alert
  if (verdict === null) throw new KeyhoundError('conflict', `Alert ${alertId} has no verdict.`)
  if (verdict.who !== who) {
    throw new KeyhoundError(
      'conflict',
      `The last verdict on alert ${alertId} is from ${verdict.who}. Only ${verdict.who} can withdraw it. To replace it, give a verdict of your own.`,
    )
  }
  const by = { actor: context.actor ?? who, at: context.now }
  await withState(context.workspace, state =>
    inTransaction(state, async lent => {
      const [close] = await listAudit(lent, { subject: `alert:${alertId}`, action: 'alert.close', limit: 1 })
      await removeVerdict(lent, verdict, by)
      const status = (close?.details.before as AlertStatus | undefined) ?? 'new'
      // An alert that somebody has opened again since stays open.
      if (alert.status === 'closed') await changeAlert(lent, alert, 'reopen', { status }, by)
    }),
  )
  return findAlert(context, alertId)
}

/** The scope that holds back alerts like this one: the same token of the same tenant, for the same chief reason. */
export function suppressionScope(alert: TriagedAlert): SuppressionScope {
  const reasonCode = alert.reasons[0]?.code
  return { tenantId: alert.tenantId, tokenId: alert.tokenId, ...(reasonCode && { reasonCode }) }
}

/** What sampling says of the filter of the newest model that raised alerts, in a line; nothing where it has none. */
export async function filterState(context: Context): Promise<string[]> {
  await createView(context.engine, 'alerts', context.workspace.alerts, ALERT_COLUMNS)
  const [newest] = await context.engine.rows<{ model: string }>(
    'SELECT model FROM alerts ORDER BY first_seen DESC, alert_id LIMIT 1',
  )
  if (newest === undefined) return []
  const known = listModels(context.workspace).find(one => one.model === newest.model)
  if (known?.filter !== 'yes') return []
  const { filter } = context.config ?? defaultConfig()
  const guard = await readFilterGuard(context, newest.model, true, filter)
  return [`filter of ${newest.model} ${guard.because}`]
}

/** What people have said of alerts, by alert id: the newest verdict, and where it stands. */
interface Desk {
  readonly verdicts: ReadonlyMap<string, VerdictRecord>
  readonly states: ReadonlyMap<string, AlertState>
}

async function readDesk(workspace: Workspace): Promise<Desk> {
  // Looking must not create a database.
  if (!hasState(workspace)) return { verdicts: new Map(), states: new Map() }
  return withState(workspace, async state => ({
    verdicts: new Map((await listVerdicts(state)).map(record => [record.alertId, record])),
    states: new Map((await listAlertStates(state)).map(one => [one.alertId, one])),
  }))
}

/** The alerts as people left them; `alerts` hold every one of the tokens among them. */
function onDesk(alerts: readonly TriagedAlert[], { verdicts, states }: Desk): TriagedAlert[] {
  const life = lifeOf(alerts, verdicts, states)
  return alerts.map(alert => ({
    ...alert,
    ...life.get(alert.alertId)!,
    verdict: verdicts.get(alert.alertId) ?? null,
  }))
}

type AlertRow = Record<(typeof ALERT_COLUMNS)[number]['name'] | 'folds', unknown>

async function readAlerts(
  { engine, workspace }: Context,
  condition: string,
  bindings: Record<string, string>,
  days?: readonly string[],
): Promise<TriagedAlert[]> {
  await createView(engine, 'alerts', workspace.alerts, ALERT_COLUMNS, days)
  const rows = await engine.rows<AlertRow>(
    `SELECT *, (SELECT count(*) FROM alerts f WHERE f.folded_into = alerts.alert_id) AS folds
     FROM alerts WHERE ${condition} ORDER BY risk DESC, score DESC, first_seen, alert_id`,
    bindings,
  )
  return rows.map(alertOf)
}

function alertOf(row: AlertRow): TriagedAlert {
  const numberOrNull = (value: unknown) => (value === null || value === undefined ? null : Number(value))
  const list = <T>(value: unknown) =>
    value === null || value === undefined ? [] : (JSON.parse(String(value)) as T[])
  return {
    alertId: String(row.alert_id),
    incidentId: (row.incident_id as string | null) ?? null,
    tenantId: String(row.tenant_id),
    principalId: String(row.principal_id),
    tokenId: String(row.token_id),
    firstSeen: row.first_seen as Date,
    lastSeen: row.last_seen as Date,
    windows: Number(row.windows),
    severity: row.severity as Severity,
    risk: Number(row.risk),
    score: Number(row.score),
    maturity: numberOrNull(row.maturity),
    filterProbability: numberOrNull(row.filter_probability),
    title: String(row.title),
    reasons: list<Reason>(row.reasons),
    evidence: list<string>(row.evidence),
    techniques: list<string>(row.techniques),
    status: row.status === 'suppressed' ? 'suppressed' : 'new',
    // Alerts of earlier versions have no such column.
    shown: (row.shown as Shown | null | undefined) ?? (row.status === 'suppressed' ? 'suppressed' : 'queue'),
    suppressedBecause: (row.suppressed_because as string | null) ?? null,
    foldedInto: (row.folded_into as string | null | undefined) ?? null,
    folds: Number(row.folds),
    model: String(row.model),
    verdict: null,
  }
}
