import { averagePrecision } from '../../lib/metrics.ts'
import type { AlertChange, KnownIncident, ReplaySide } from '../../schema/replay.ts'
import type { Suppression } from '../../state/suppressions.ts'
import type { Alert } from '../alerts.ts'
import type { WindowKeys } from '../batch.ts'
import { holdBack } from '../hold-back.ts'
import type { ScoredDay } from '../score-day.ts'
import { type Selection, selectShown } from '../select-alerts.ts'
import { type Entity, entityDay } from './entity.ts'
import type { Known } from './known-incidents.ts'

/** One side's day: what analysts would have seen of it. */
export interface SideDay {
  /** Entity-day -> the alert shown; the riskiest where a principal has several tokens. */
  readonly shown: ReadonlyMap<string, Alert>
  /** Entity-day -> why its alert is held back. */
  readonly held: ReadonlyMap<string, string>
  /** Alerts shown, each token's counted. */
  readonly alerts: number
  /** Token-days that the score alone would have alerted. */
  readonly beforeFilter: number
  /** Entity-day -> highest risk of the day. */
  readonly risk: ReadonlyMap<string, number>
}

/** What decides which of the raised alerts are shown, and whose day they count for. */
export interface SideView {
  readonly suppressions: readonly Suppression[]
  readonly selection: Selection
  readonly entity: Entity
}

/** Sorts a scored day into shown and held back. What exploration would show below the line is left out: it is no finding. */
export function sideDay(
  { alerts, judgements, beforeFilter }: Omit<ScoredDay, 'scored'>,
  keys: WindowKeys,
  day: string,
  { suppressions, selection, entity }: SideView,
): SideDay {
  const raised = alerts.filter(alert => !alert.isBelow)
  const { because } = holdBack(raised, selectShown(raised, selection), suppressions)
  const shown = new Map<string, Alert>()
  const held = new Map<string, string>()
  for (const alert of raised) {
    const key = entityDay(alert, entity)
    const why = because.get(alert.alertId)
    if (why !== undefined) held.set(key, why)
    else if ((shown.get(key)?.risk ?? -1) < alert.risk) shown.set(key, alert)
  }
  const risk = new Map<string, number>()
  judgements.forEach((judgement, row) => {
    const tenantId = keys.tenantId[row]!
    const principalId = keys.principalId[row]!
    const key = entityDay({ tenantId, principalId, tokenId: keys.tokenId[row]!, day }, entity)
    risk.set(key, Math.max(risk.get(key) ?? 0, judgement.risk))
  })
  return { shown, held, alerts: raised.length - because.size, beforeFilter, risk }
}

/** Both sides of a replay, added up day by day. */
export interface Tally {
  readonly before: SideTally
  readonly after: SideTally
  kept: number
  readonly gained: AlertChange[]
  readonly lost: AlertChange[]
}

interface SideTally {
  alerts: number
  beforeFilter: number
  heldBack: number
  judged: number
  truePositives: number
  readonly found: Set<string>
  /** Entity-days that labels or verdicts speak of: highest risk, and 1 for misuse. */
  readonly risks: number[]
  readonly truths: number[]
}

export function openTally(): Tally {
  const side = (): SideTally => ({
    alerts: 0,
    beforeFilter: 0,
    heldBack: 0,
    judged: 0,
    truePositives: 0,
    found: new Set(),
    risks: [],
    truths: [],
  })
  return { before: side(), after: side(), kept: 0, gained: [], lost: [] }
}

/** Adds a day. */
export function addDay(tally: Tally, known: Known, before: SideDay, after: SideDay): void {
  addSide(tally.before, known, before)
  addSide(tally.after, known, after)
  for (const key of after.shown.keys()) {
    if (before.shown.has(key)) tally.kept++
    else tally.gained.push(changeOf(known, key, after.shown.get(key)!, before, after, before))
  }
  for (const key of before.shown.keys()) {
    if (!after.shown.has(key))
      tally.lost.push(changeOf(known, key, before.shown.get(key)!, before, after, after))
  }
}

function addSide(tally: SideTally, known: Known, side: SideDay): void {
  tally.alerts += side.alerts
  tally.beforeFilter += side.beforeFilter
  tally.heldBack += side.held.size
  for (const key of side.shown.keys()) {
    const incidents = known.byDay.get(key) ?? []
    for (const incident of incidents) tally.found.add(incident)
    if (!isJudged(known, key)) continue
    tally.judged++
    if (incidents.length > 0) tally.truePositives++
  }
  for (const [key, risk] of side.risk) {
    if (!isJudged(known, key)) continue
    tally.risks.push(risk)
    tally.truths.push(known.byDay.has(key) ? 1 : 0)
  }
}

/** Labels speak of every day, verdicts only of those that somebody looked at; duplicates say nothing of their own. */
function isJudged(known: Known, key: string): boolean {
  const verdict = known.verdicts.get(key)
  return known.from === 'labels' || (verdict !== undefined && verdict !== 'duplicate')
}

function changeOf(
  known: Known,
  key: string,
  alert: Alert,
  before: SideDay,
  after: SideDay,
  without: SideDay,
): AlertChange {
  const held = without.held.get(key)
  return {
    tenantId: alert.tenantId,
    principalId: alert.principalId,
    tokenId: alert.tokenId,
    day: alert.day,
    title: alert.title,
    severity: alert.severity,
    riskBefore: before.risk.get(key) ?? null,
    riskAfter: after.risk.get(key) ?? null,
    because: held === undefined ? 'below the threshold' : `held back: ${held}`,
    incidents: known.byDay.get(key) ?? [],
    verdict: known.verdicts.get(key) ?? null,
  }
}

/** Figures of one side. */
export function sideReport(
  tally: SideTally,
  { days, minutesPerAlert }: { days: number; minutesPerAlert: number },
  setting: Pick<ReplaySide, 'models' | 'budgetPerDay' | 'scoreThreshold'>,
): ReplaySide {
  const { alerts, beforeFilter, heldBack, judged, truePositives, found, risks, truths } = tally
  const hasBoth = truths.includes(1) && truths.includes(0)
  const analystHours = (alerts * minutesPerAlert) / 60
  return {
    ...setting,
    alerts,
    alertsPerDay: alerts / days,
    beforeFilterPerDay: beforeFilter / days,
    heldBack,
    analystHours,
    analystHoursPerDay: analystHours / days,
    judged,
    truePositives,
    precision: judged === 0 ? null : truePositives / judged,
    incidentsFound: found.size,
    averagePrecision: hasBoth ? averagePrecision(risks, truths) : null,
  }
}

/** Known incidents that one side finds and the other does not, by id. */
export function incidentsOnlyIn(
  known: Known,
  found: ReadonlySet<string>,
  other: ReadonlySet<string>,
): KnownIncident[] {
  return [...found]
    .filter(id => !other.has(id))
    .sort()
    .map(id => known.incidents.get(id)!)
}
