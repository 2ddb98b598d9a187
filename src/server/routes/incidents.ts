import { createRoute, z } from '@hono/zod-openapi'
import { summariseIncident } from '../../pipeline/incident.ts'
import { hasStatus, type TriagedAlert } from '../../pipeline/triage.ts'
import { createRouter, guarded, problems, type Router, VIEW } from '../access.ts'
import { PageQuery, pageOf, paginate } from '../pages.ts'
import { AskedMoment, Moment, momentOf, Severity } from '../schemas.ts'
import type { Services } from '../services.ts'
import { visibleAlerts } from './alerts.ts'

const Incident = z
  .strictObject({
    incidentId: z.string(),
    title: z.string().openapi({ description: 'of its riskiest alert' }),
    severity: Severity,
    risk: z.number().min(0).max(100),
    firstSeen: Moment,
    lastSeen: Moment,
    alerts: z.array(z.string()).openapi({ description: 'alert ids, riskiest first' }),
    open: z.int().openapi({ description: 'alerts neither judged nor suppressed' }),
    tenants: z.array(z.string()),
    principals: z.array(z.string()),
    tokens: z.array(z.string()),
  })
  .openapi('Incident')
type Incident = z.infer<typeof Incident>

const list = createRoute({
  method: 'get',
  path: '/v1/incidents',
  tags: ['incidents'],
  summary: 'Alerts of one campaign together, riskiest first',
  ...guarded(VIEW),
  request: {
    query: PageQuery.extend({
      from: AskedMoment.optional().openapi({ description: 'last seen after this' }),
      to: AskedMoment.optional().openapi({ description: 'first seen before this' }),
      status: z.enum(['open', 'all']).default('open'),
    }),
  },
  responses: {
    200: {
      description: 'A page of incidents.',
      content: { 'application/json': { schema: pageOf(Incident) } },
    },
    ...problems(422),
  },
})

export function incidentRoutes(services: Services): Router {
  return createRouter().openapi(list, async c => {
    const { from, to, status, ...page } = c.req.valid('query')
    const alerts = await visibleAlerts(services, c.var.caller, {
      ...(from !== undefined && { from: new Date(from) }),
      ...(to !== undefined && { to: new Date(to) }),
    })
    const byIncident = new Map<string, TriagedAlert[]>()
    for (const alert of alerts) {
      if (alert.incidentId === null) continue
      byIncident.set(alert.incidentId, [...(byIncident.get(alert.incidentId) ?? []), alert])
    }
    const incidents = [...byIncident].map(([id, alerts]) => incidentOf(id, alerts))
    const wanted = incidents.filter(one => status === 'all' || one.open > 0)
    return c.json(
      paginate(wanted, one => [-one.risk, one.firstSeen, one.incidentId], page),
      200,
    )
  })
}

/** Of the alerts that a caller sees, riskiest first: what others have part in stays theirs. */
function incidentOf(incidentId: string, alerts: readonly TriagedAlert[]): Incident {
  const { title, severity, risk, firstSeen, lastSeen, ...whose } = summariseIncident(alerts)
  return {
    incidentId,
    title,
    severity,
    risk,
    firstSeen: momentOf(firstSeen),
    lastSeen: momentOf(lastSeen),
    alerts: alerts.map(alert => alert.alertId),
    open: alerts.filter(alert => hasStatus(alert, 'open')).length,
    ...whose,
  }
}
