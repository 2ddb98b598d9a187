import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from '../../pipeline/context.ts'
import { hasStatus, judgeAlert, listAlerts, type TriagedAlert } from '../../pipeline/triage.ts'
import { type AlertState, changeAlert, listAlertStates } from '../../state/alert-states.ts'
import type { VerdictRecord as JudgedVerdict } from '../../state/verdicts.ts'
import { createRouter, guarded, problems, type Router, TRIAGE, VIEW } from '../access.ts'
import { actorOf, type Caller, sees } from '../caller.ts'
import { PageQuery, pageOf, paginate } from '../pages.ts'
import { ProblemError } from '../problem.ts'
import { Alert, AskedMoment, momentOf, momentOrNull, Severity, Verdict, VerdictRecord } from '../schemas.ts'
import { type Services, withContext } from '../services.ts'

const AlertId = z.object({ alertId: z.string().min(1).max(64) })
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
      status: z.enum(['open', 'judged', 'suppressed', 'all']).default('open'),
      tenantId: z.string().optional(),
      tokenId: z.string().optional(),
      principalId: z.string().optional(),
      incidentId: z.string().optional(),
    }),
  },
  responses: { 200: { description: 'A page of alerts.', content: json(pageOf(Alert)) }, ...problems() },
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
            note: z.string().max(4000).nullable().optional(),
            verdict: Verdict.optional().openapi({
              description: 'needed to close an alert that was not judged',
            }),
          })
          .refine(body => Object.keys(body).length > 0, 'say what to change: status, assignee or note'),
      ),
    },
  },
  responses: {
    200: { description: 'The alert as it is now.', content: json(Alert) },
    ...problems(404, 413, 415, 422),
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
        ({ alert }) =>
          hasStatus(alert, status) &&
          Object.entries(wanted).every(
            ([name, value]) => value === undefined || alert[name as keyof typeof wanted] === value,
          ),
      )
      const page = paginate(
        matches,
        ({ alert }) => [-alert.risk, -alert.score, alert.firstSeen.getTime(), alert.alertId],
        { limit, cursor },
      )
      return c.json({ ...page, items: page.items.map(alertOf) }, 200)
    })
    .openapi(show, async c => {
      return c.json(alertOf(await findVisible(services, c.var.caller, c.req.valid('param').alertId)), 200)
    })
    .openapi(change, async c => {
      const { caller } = c.var
      const body = c.req.valid('json')
      const { verdict, ...change } = body
      const { alert } = await findVisible(services, caller, c.req.valid('param').alertId)
      if (change.status === 'closed' && verdict === undefined && alert.verdict === null) {
        throw new ProblemError(422, 'bad-input', 'an alert is closed with a verdict: say which')
      }
      if (verdict !== undefined) {
        await withContext(services, caller, context =>
          judgeAlert(context, alert.alertId, { verdict, note: change.note ?? null, who: caller.name }),
        )
        if (Object.keys(change).length === 0) {
          return c.json(alertOf(await findVisible(services, caller, alert.alertId)), 200)
        }
      }
      const by = { actor: actorOf(caller), at: services.clock() }
      const causes = change.status === 'closed' ? { causes: alert.reasons.map(reason => reason.code) } : {}
      const state = await changeAlert(services.state, alert, verbOf(change), { ...change, ...causes }, by)
      const judged =
        verdict === undefined ? alert : (await findVisible(services, caller, alert.alertId)).alert
      return c.json(alertOf({ alert: judged, state }), 200)
    })
    .openapi(judge, async c => {
      const { caller } = c.var
      const { alert } = await findVisible(services, caller, c.req.valid('param').alertId)
      const record = await withContext(services, caller, context =>
        judgeAlert(context, alert.alertId, { ...c.req.valid('json'), who: caller.name }),
      )
      return c.json(verdictOf(record), 201)
    })
}

function verbOf(body: { status?: string | undefined; assignee?: string | null | undefined }) {
  if (body.status === 'closed') return 'close' as const
  if (body.status === 'acknowledged') return 'acknowledge' as const
  if (body.status === 'new') return 'reopen' as const
  return body.assignee !== undefined ? ('assign' as const) : ('note' as const)
}

/** An alert, and where it stands if anybody touched it. */
export interface StandingAlert {
  readonly alert: TriagedAlert
  readonly state: AlertState | undefined
}

/** The alerts of the tenants that a caller sees. */
export async function visibleAlerts(
  services: Services,
  caller: Caller,
  filter: Parameters<typeof listAlerts>[1] = {},
): Promise<StandingAlert[]> {
  const alerts = await withContext(services, caller, (context: Context) => listAlerts(context, filter))
  const states = new Map((await listAlertStates(services.state)).map(state => [state.alertId, state]))
  return alerts
    .filter(alert => sees(caller, alert.tenantId))
    .map(alert => ({ alert, state: states.get(alert.alertId) }))
}

async function findVisible(services: Services, caller: Caller, alertId: string): Promise<StandingAlert> {
  const found = (await visibleAlerts(services, caller)).find(({ alert }) => alert.alertId === alertId)
  if (found === undefined) throw new ProblemError(404, 'not-found', `there is no alert ${alertId}`)
  return found
}

function alertOf({ alert, state }: StandingAlert): Alert {
  const { verdict, firstSeen, lastSeen, status, reasons, ...rest } = alert
  return {
    ...rest,
    reasons: reasons as Alert['reasons'],
    evidence: [...rest.evidence],
    techniques: [...rest.techniques],
    firstSeen: momentOf(firstSeen),
    lastSeen: momentOf(lastSeen),
    status: status === 'suppressed' ? 'suppressed' : (state?.status ?? 'new'),
    assignee: state?.assignee ?? null,
    note: state?.note ?? null,
    verdict: verdict && verdictOf(verdict),
  }
}

/** A judgement as the API tells it. */
export function verdictOf(record: JudgedVerdict): z.infer<typeof VerdictRecord> {
  const { at, seenAt, values, ...rest } = record
  return { ...rest, at: momentOf(at), seenAt: momentOrNull(seenAt), values: [...values] }
}
