import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from '../../pipeline/context.ts'
import { acknowledgeAlert, assignAlert, noteAlert, reopenAlert } from '../../pipeline/desk.ts'
import { readEvents } from '../../pipeline/example-events.ts'
import {
  hasStatus,
  judgeAlert,
  listAlerts,
  matchesFilter,
  type TriagedAlert,
  withdrawVerdict,
} from '../../pipeline/triage.ts'
import { ALERT_STATUS_FILTERS } from '../../schema/labels.ts'
import { dayOf } from '../../sql/workspace.ts'
import type { VerdictRecord as JudgedVerdict } from '../../state/verdicts.ts'
import { createRouter, guarded, problems, type Router, TRIAGE, VIEW } from '../access.ts'
import { type Caller, sees } from '../caller.ts'
import { deskMark, folderMark } from '../marks.ts'
import { PageQuery, pageOf, paginate } from '../pages.ts'
import { ProblemError } from '../problem.ts'
import {
  Alert,
  AskedMoment,
  Moment,
  momentOf,
  momentOrNull,
  Severity,
  Verdict,
  VerdictRecord,
} from '../schemas.ts'
import { type Services, withContext } from '../services.ts'

const text = z.string().nullable()
const EventRecord = z
  .strictObject({
    eventId: z.string(),
    time: Moment,
    method: text,
    operation: text,
    resourceType: text,
    resourceId: text,
    requiredScope: text,
    status: z.int().nullable(),
    sourceIp: text,
    asn: z.int().nullable(),
    asOrg: text,
    country: text,
    client: text,
    userAgent: text,
    responseBytes: z.number().nullable(),
  })
  .openapi('Event')

const AlertId = z.object({ alertId: z.string().min(1).max(64) })
const DAY_MS = 86_400_000
const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } })

const list = createRoute({
  method: 'get',
  path: '/v1/alerts',
  tags: ['alerts'],
  summary: 'Alerts, highest risk first',
  ...guarded(VIEW),
  request: {
    query: PageQuery.extend({
      from: AskedMoment.optional().openapi({ description: 'last seen after this' }),
      to: AskedMoment.optional().openapi({ description: 'first seen before this' }),
      severity: Severity.optional().openapi({ description: 'at least so severe' }),
      status: z.enum(ALERT_STATUS_FILTERS).default('open'),
      tenantId: z.string().optional(),
      tokenId: z.string().optional(),
      principalId: z.string().optional(),
      incidentId: z.string().optional(),
    }),
  },
  responses: { 200: { description: 'A page of alerts.', content: json(pageOf(Alert)) }, ...problems(422) },
})

const show = createRoute({
  method: 'get',
  path: '/v1/alerts/{alertId}',
  tags: ['alerts'],
  summary: 'One alert with its reasons',
  ...guarded(VIEW),
  request: { params: AlertId },
  responses: { 200: { description: 'The alert.', content: json(Alert) }, ...problems(404) },
})

const events = createRoute({
  method: 'get',
  path: '/v1/alerts/{alertId}/events',
  tags: ['alerts'],
  summary: 'The events that show an alert, oldest first; those no longer in the workspace are missing',
  ...guarded(VIEW),
  request: { params: AlertId, query: PageQuery },
  responses: {
    200: { description: 'A page of events.', content: json(pageOf(EventRecord)) },
    ...problems(404, 422),
  },
})

const change = createRoute({
  method: 'patch',
  path: '/v1/alerts/{alertId}',
  tags: ['alerts'],
  summary: 'Acknowledge, close, reopen, assign or annotate an alert',
  ...guarded(TRIAGE),
  request: {
    params: AlertId,
    body: {
      required: true,
      content: json(
        z
          .strictObject({
            status: z.enum(['new', 'acknowledged', 'closed']).optional(),
            assignee: z.string().max(200).nullable().optional(),
            note: z.string().max(4000).optional(),
            verdict: Verdict.optional().openapi({
              description: 'with the status closed, and only with it',
            }),
          })
          .refine(body => Object.keys(body).length > 0, 'say what to change: status, assignee or note'),
      ),
    },
  },
  responses: {
    200: { description: 'The alert as it is now.', content: json(Alert) },
    ...problems(404, 409, 413, 415, 422),
  },
})

const judge = createRoute({
  method: 'post',
  path: '/v1/alerts/{alertId}/verdict',
  tags: ['alerts', 'verdicts'],
  summary: 'Judge an alert; an earlier judgement is kept as history',
  ...guarded(TRIAGE),
  request: {
    params: AlertId,
    body: {
      required: true,
      content: json(
        z.strictObject({ verdict: Verdict, note: z.string().max(4000).nullable().default(null) }),
      ),
    },
  },
  responses: {
    201: { description: 'The judgement.', content: json(VerdictRecord) },
    ...problems(404, 413, 415, 422),
  },
})

const withdraw = createRoute({
  method: 'delete',
  path: '/v1/alerts/{alertId}/verdict',
  tags: ['alerts', 'verdicts'],
  summary:
    'Withdraw your last verdict on an alert: it counts in no figure, and the alert stands where it stood before',
  ...guarded(TRIAGE),
  request: { params: AlertId },
  responses: {
    200: { description: 'The alert as it is now.', content: json(Alert) },
    ...problems(404, 409),
  },
})

export function alertRoutes(services: Services): Router {
  return createRouter()
    .openapi(list, async c => {
      const { limit, cursor, from, to, status, severity, ...wanted } = c.req.valid('query')
      const alerts = await visibleAlerts(services, c.var.caller, {
        ...(from !== undefined && { from: new Date(from) }),
        ...(to !== undefined && { to: new Date(to) }),
        ...(severity !== undefined && { severity }),
      })
      const matches = alerts.filter(
        alert =>
          hasStatus(alert, status) &&
          Object.entries(wanted).every(
            ([name, value]) => value === undefined || alert[name as keyof typeof wanted] === value,
          ),
      )
      const page = paginate(
        matches,
        alert => [-alert.risk, -alert.score, alert.firstSeen.getTime(), alert.alertId],
        { limit, cursor },
      )
      return c.json({ ...page, items: page.items.map(alertOf) }, 200)
    })
    .openapi(show, async c => {
      return c.json(alertOf(await findVisible(services, c.var.caller, c.req.valid('param').alertId)), 200)
    })
    .openapi(events, async c => {
      const alert = await findVisible(services, c.var.caller, c.req.valid('param').alertId)
      const named = [...alert.evidence, ...alert.reasons.flatMap(reason => reason.events ?? [])]
      const found = await withContext(services, c.var.caller, context =>
        readEvents(context, daysOf(alert), alert.tenantId, named),
      )
      const page = paginate(
        [...found.values()],
        event => [event.time.getTime(), event.eventId],
        c.req.valid('query'),
      )
      const items = page.items.map(event => ({ ...event, time: momentOf(event.time) }))
      return c.json({ ...page, items }, 200)
    })
    .openapi(change, async c => {
      const { caller } = c.var
      const { alertId } = await findVisible(services, caller, c.req.valid('param').alertId)
      const { status, verdict, assignee, note } = c.req.valid('json')
      if ((status === 'closed') !== (verdict !== undefined)) {
        const said = 'an alert is closed by a verdict: give both, status closed and the verdict'
        throw new ProblemError(422, 'bad-input', said)
      }
      await withContext(services, caller, async context => {
        const who = caller.name
        if (verdict !== undefined) await judgeAlert(context, alertId, { verdict, note: note ?? null, who })
        if (status === 'acknowledged') await acknowledgeAlert(context, alertId, who)
        if (status === 'new') await reopenAlert(context, alertId, who)
        if (assignee !== undefined) await assignAlert(context, alertId, assignee, who)
        if (note !== undefined) await noteAlert(context, alertId, note, who)
      })
      return c.json(alertOf(await findVisible(services, caller, alertId)), 200)
    })
    .openapi(judge, async c => {
      const { caller } = c.var
      const { alertId } = await findVisible(services, caller, c.req.valid('param').alertId)
      const record = await withContext(services, caller, context =>
        judgeAlert(context, alertId, { ...c.req.valid('json'), who: caller.name }),
      )
      return c.json(verdictOf(record), 201)
    })
    .openapi(withdraw, async c => {
      const { caller } = c.var
      const { alertId } = await findVisible(services, caller, c.req.valid('param').alertId)
      await withContext(services, caller, context => withdrawVerdict(context, alertId, caller.name))
      return c.json(alertOf(await findVisible(services, caller, alertId)), 200)
    })
}

/**
 * The alerts of the tenants that a caller sees. One that repeats another tenant's stands by itself: nobody misses an alert for one that
 * they cannot see.
 */
export async function visibleAlerts(
  services: Services,
  caller: Caller,
  filter: Parameters<typeof listAlerts>[1] = {},
): Promise<TriagedAlert[]> {
  const alerts = (await everyAlert(services, caller)).filter(alert => matchesFilter(alert, filter))
  if (caller.tenantId === null) return alerts
  const own = alerts.filter(alert => sees(caller, alert.tenantId))
  const ids = new Set(own.map(alert => alert.alertId))
  return own.map(alert => ({
    ...alert,
    foldedInto: alert.foldedInto !== null && ids.has(alert.foldedInto) ? alert.foldedInto : null,
    folds: own.filter(one => one.foldedInto === alert.alertId).length,
  }))
}

/** The alerts as last read, with the mark of what they were read from. */
const kept = new WeakMap<Services, { mark: string; alerts: Promise<TriagedAlert[]> }>()

/** Every alert, read anew only when alerts were published or somebody did something: the page asks after each verdict. */
async function everyAlert(services: Services, caller: Caller): Promise<TriagedAlert[]> {
  const mark = `${folderMark(services.workspace.alerts)} ${await deskMark(services.state)}`
  const known = kept.get(services)
  if (known?.mark === mark) return known.alerts
  const alerts = withContext(services, caller, (context: Context) => listAlerts(context))
  kept.set(services, { mark, alerts })
  alerts.catch(() => kept.delete(services))
  return alerts
}

/** The UTC days that an alert lies in. */
function daysOf({ firstSeen, lastSeen }: TriagedAlert): string[] {
  const days: string[] = []
  for (let at = Date.parse(dayOf(firstSeen)); at < lastSeen.getTime(); at += DAY_MS)
    days.push(dayOf(new Date(at)))
  return days
}

async function findVisible(services: Services, caller: Caller, alertId: string): Promise<TriagedAlert> {
  const found = (await visibleAlerts(services, caller)).find(alert => alert.alertId === alertId)
  if (found === undefined) throw new ProblemError(404, 'not-found', `there is no alert ${alertId}`)
  return found
}

function alertOf({ life, verdict, firstSeen, lastSeen, reasons, ...rest }: TriagedAlert): Alert {
  const follows = life?.follows ?? null
  return {
    ...rest,
    reasons: reasons as Alert['reasons'],
    evidence: [...rest.evidence],
    techniques: [...rest.techniques],
    firstSeen: momentOf(firstSeen),
    lastSeen: momentOf(lastSeen),
    assignee: life?.assignee ?? null,
    note: life?.note ?? null,
    changedBy: life?.changedBy ?? null,
    changedAt: momentOrNull(life?.changedAt ?? null),
    reopenedFor: [...(life?.reopenedFor ?? [])],
    follows: follows && {
      ...follows,
      lastSeen: momentOf(follows.lastSeen),
      newCauses: [...follows.newCauses],
    },
    verdict: verdict && verdictOf(verdict),
  }
}

/** A judgement as the API tells it. */
export function verdictOf(record: JudgedVerdict): z.infer<typeof VerdictRecord> {
  const { at, seenAt, values, ...rest } = record
  return { ...rest, at: momentOf(at), seenAt: momentOrNull(seenAt), values: [...values] }
}
