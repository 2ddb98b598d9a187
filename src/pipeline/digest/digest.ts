import { defaultConfig } from '../../schema/config.ts'
import type { Digest, DigestResponse } from '../../schema/digest.ts'
import type { PerformancePeriod } from '../../schema/performance.ts'
import { dayOf, listDays } from '../../sql/workspace.ts'
import { listResponses } from '../../state/responses.ts'
import { hasState, withState } from '../../state/state.ts'
import type { Context } from '../context.ts'
import { alertPerformance } from '../performance.ts'
import { listTokenRisks } from '../token-risk.ts'
import { listAlerts } from '../triage.ts'
import { dailyOf } from './daily.ts'
import { countEvents, readHealth } from './health.ts'
import { incidentsOf } from './incidents.ts'
import { readModelState } from './model.ts'
import { DAY_MS, daysOf, type Period, periodOf } from './period.ts'
import { readSuppressions } from './suppressions.ts'

/** What a digest is about; the last week that has ended where nothing is said. */
export interface DigestOptions {
  /** ISO week, 2026-W41, or a day of it. @default the last that has ended */
  week?: string
  /** Whole UTC days instead; the end is exclusive. */
  from?: Date
  to?: Date
}

/** Weeks that the trend shows. */
const TREND_WEEKS = 8
const TOKENS_TOLD = 10
/** Above this share without a verdict, precision says more about what was looked at than about the alerts. */
const MANY_UNJUDGED = 0.5
/** As `promotion.leastJudged`: at 30 Wilson's interval of a precision of 0.5 still spans 35 points. */
const FEW_JUDGED = 30

/** What happened in a week, for those who answer for it. Reads only. Throws `usage` for a period that is none. */
export async function digest(context: Context, options: DigestOptions = {}): Promise<Digest> {
  const { workspace, now } = context
  const config = context.config ?? defaultConfig()
  const period = periodOf(options, now)
  const { from, to, week } = period
  const days = daysOf(period)
  const length = days.length * DAY_MS
  const before: Period = { from: new Date(from.getTime() - length), to: from, week: null }

  const all = await listAlerts(context, { from: new Date(from.getTime() - 1), to })
  const alerts = all.filter(alert => alert.firstSeen >= from)
  const scored = new Set(listDays(workspace.scores))
  const events = await countEvents(context, [...daysOf(before), ...days])
  const performance = await alertPerformance(context, { from, to })
  const earlier = await alertPerformance(context, { from: before.from, to: from })
  const trend = await alertPerformance(context, {
    from: new Date(to.getTime() - TREND_WEEKS * 7 * DAY_MS),
    to,
  })
  const unscored = days.filter(day => !scored.has(day))
  const lastScored = [...scored].sort().findLast(day => day < dayOf(to))
  const { model, filter } = await readModelState(context, config, lastScored)
  const record = {
    formatVersion: 1 as const,
    createdAt: now.toISOString(),
    from: from.toISOString(),
    to: to.toISOString(),
    week,
    days: days.length,
    budgetPerDay: config.alerts.budgetPerDay,
    minutesPerAlert: config.alerts.minutesPerAlert,
    alerts: { ...performance.whole, start: dayOf(from) },
    before: isEmpty(earlier.whole) ? null : { ...earlier.whole, start: dayOf(before.from) },
    folded: alerts.filter(alert => alert.shown === 'queue' && alert.foldedInto !== null).length,
    daily: dailyOf(days, alerts, scored, events),
    weeks: trend.weeks,
    incidents: incidentsOf(alerts),
    filter,
    suppressions: await readSuppressions(context, period, alerts),
    tokens: (await listTokenRisks(context, { at: to, limit: TOKENS_TOLD })).map(token => ({
      tenantId: token.tenantId,
      principalId: token.principalId,
      tokenId: token.tokenId,
      entityRisk: token.entityRisk,
      openAlerts: token.openAlerts,
      lastAlert: token.lastAlert.toISOString(),
    })),
    responses: await readResponses(context, period),
    data: await readHealth(context, period, events, unscored),
    model,
  }
  return { ...record, notes: notesOf(record, now) }
}

function isEmpty({ days, alerts, suppressed }: PerformancePeriod): boolean {
  return days === 0 && alerts === 0 && suppressed === 0
}

async function readResponses({ workspace }: Context, { from, to }: Period): Promise<DigestResponse[]> {
  if (!hasState(workspace)) return []
  const all = await withState(workspace, state => listResponses(state))
  return all
    .filter(one => one.changedAt >= from && one.changedAt < to)
    .sort((a, b) => b.changedAt.getTime() - a.changedAt.getTime() || (a.id < b.id ? -1 : 1))
    .map(({ action, target, playbook, status, dryRun, changedAt, changedBy }) => ({
      action,
      target,
      playbook,
      status,
      dryRun,
      changedAt: changedAt.toISOString(),
      changedBy,
    }))
}

function notesOf(digest: Omit<Digest, 'notes'>, now: Date): string[] {
  const { alerts, data, model, filter, days } = digest
  const notes: string[] = []
  const judged = alerts.alerts - alerts.unjudged - alerts.verdicts.duplicate
  if (new Date(digest.to) > now) notes.push('The period has not ended yet.')
  if (data.unscoredDays.length === days) notes.push('Nothing of the period is scored: run keyhound score.')
  else if (data.unscoredDays.length > 0)
    notes.push(`Not scored, and so without alerts: ${data.unscoredDays.join(', ')}.`)
  if (alerts.alerts > 0 && judged === 0)
    notes.push('No alert has a verdict yet: how much of it was right is not known.')
  else if ((alerts.unjudgedShare ?? 0) > MANY_UNJUDGED)
    notes.push(
      `${alerts.unjudged} of ${alerts.alerts} alerts have no verdict: precision speaks of those that somebody chose to look at.`,
    )
  else if (judged > 0 && judged < FEW_JUDGED)
    notes.push(`Only ${judged} alerts are judged: read precision with its interval.`)
  if (filter?.state === 'off') notes.push(`The filter is ${filter.because}.`)
  if (model?.drift?.isBeyond)
    notes.push(
      `The log has moved away from what ${model.model} was trained on (drift ${model.drift.weighted.toFixed(2)}, bound ${model.drift.warnAbove}): train again, then keyhound models compare.`,
    )
  notes.push(...data.gaps)
  return notes
}
