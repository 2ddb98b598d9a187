import { createRoute, z } from '@hono/zod-openapi'
import { explain } from '../../pipeline/explain.ts'
import { listTokenRisks } from '../../pipeline/token-risk.ts'
import { openViews } from '../../pipeline/views.ts'
import type { Reason as ScoredReason } from '../../schema/scores.ts'
import { timestampLiteral } from '../../sql/duckdb.ts'
import { createRouter, guarded, problems, type Router, VIEW } from '../access.ts'
import type { Caller } from '../caller.ts'
import { PageQuery, pageOf, paginate } from '../pages.ts'
import { ProblemError } from '../problem.ts'
import { AskedMoment, Detectors, Moment, momentOf, Reason, Severity } from '../schemas.ts'
import { type Services, withContext } from '../services.ts'

/** A month shows what is going on. */
const PERIOD_DAYS = 30
const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } })

const Token = z
  .strictObject({
    tenantId: z.string(),
    tokenId: z.string(),
    principalId: z.string(),
    risk: z.number().min(0).max(100).openapi({ description: 'highest of its hours' }),
    score: z.number().openapi({ description: 'highest of its hours' }),
    severity: Severity.openapi({ description: 'of the riskiest hour' }),
    riskiestHour: Moment,
    lastHour: Moment,
    hours: z.int().openapi({ description: 'scored hours of the period' }),
    entityRisk: z
      .number()
      .min(0)
      .max(100)
      .openapi({ description: 'what its alerts add up to, decayed; 0 without' }),
    openAlerts: z.int(),
  })
  .openapi('Token')

const Hour = z
  .strictObject({
    tenantId: z.string(),
    tokenId: z.string(),
    principalId: z.string(),
    windowStart: Moment,
    windowEnd: Moment,
    score: z.number().openapi({ description: 'higher = more anomalous, before the filter' }),
    risk: z.number().min(0).max(100),
    severity: Severity,
    maturity: z.number().nullable(),
    filterProbability: z.number().nullable(),
    model: z.string(),
    reasons: z.array(Reason),
  })
  .openapi('Hour')

const Explanation = z
  .strictObject({
    tenantId: z.string(),
    principalId: z.string(),
    tokenId: z.string(),
    windowStart: Moment,
    model: z.string(),
    contentId: z.string(),
    score: z.number(),
    risk: z.number(),
    severity: Severity,
    maturity: z.number(),
    filterProbability: z.number().nullable(),
    detectors: Detectors,
    reasons: z.array(Reason),
    recomputed: z
      .strictObject({
        score: z.number(),
        risk: z.number(),
        isExact: z.boolean(),
        changed: z.string().nullable(),
      })
      .openapi({ description: 'what the model makes of the stored features today' }),
  })
  .openapi('Explanation')

const list = createRoute({
  method: 'get',
  path: '/v1/tokens',
  tags: ['tokens'],
  summary: 'Tokens by the risk of their worst hour in a period, highest first',
  ...guarded(VIEW),
  request: {
    query: PageQuery.extend({
      from: AskedMoment.optional().openapi({ description: 'by default 30 days before `to`' }),
      to: AskedMoment.optional().openapi({ description: 'by default the end of what is scored' }),
      tenantId: z.string().optional(),
      principalId: z.string().optional(),
      sort: z.enum(['risk', 'entityRisk']).default('risk').openapi({
        description: 'by the riskiest hour, or by what the alerts add up to',
      }),
    }),
  },
  responses: { 200: { description: 'A page of tokens.', content: json(pageOf(Token)) }, ...problems(422) },
})

const history = createRoute({
  method: 'get',
  path: '/v1/tokens/{tokenId}/history',
  tags: ['tokens'],
  summary: 'Scored hours of a token, newest first',
  ...guarded(VIEW),
  request: {
    params: z.object({ tokenId: z.string().min(1) }),
    query: PageQuery.extend({
      from: AskedMoment.optional(),
      to: AskedMoment.optional(),
      tenantId: z.string().optional(),
    }),
  },
  responses: { 200: { description: 'A page of hours.', content: json(pageOf(Hour)) }, ...problems(404, 422) },
})

const explanation = createRoute({
  method: 'get',
  path: '/v1/tokens/{tokenId}/explanation',
  tags: ['tokens'],
  summary: 'Why an hour of a token got its score, worked out again by the model that scored it',
  ...guarded(VIEW),
  request: {
    params: z.object({ tokenId: z.string().min(1) }),
    query: z.object({
      hour: AskedMoment.openapi({ description: 'a moment within the hour' }),
      tenantId: z.string().optional(),
    }),
  },
  responses: {
    200: { description: 'The explanation.', content: json(Explanation) },
    ...problems(404, 409),
  },
})

interface TokenRow {
  tenantId: string
  tokenId: string
  principalId: string
  risk: number
  score: number
  severity: z.infer<typeof Severity>
  riskiestHour: Date
  lastHour: Date
  hours: number
}

export function tokenRoutes(services: Services): Router {
  const rows = <T>(caller: Caller, sql: string, bindings: Record<string, string>) =>
    withContext(services, caller, async ({ engine, workspace }) => {
      await openViews(engine, workspace)
      return engine.rows<T>(sql, bindings)
    })
  return createRouter()
    .openapi(list, async c => {
      const { caller } = c.var
      const { from, to, limit, cursor, tenantId, principalId, sort } = c.req.valid('query')
      const { where, bindings } = conditions(caller, { tenantId, principalId })
      const end = to === undefined ? '(SELECT max(window_end) FROM scores)' : timestampLiteral(new Date(to))
      const begin =
        from === undefined ? `${end} - INTERVAL ${PERIOD_DAYS} DAYS` : timestampLiteral(new Date(from))
      const found = await rows<TokenRow>(
        caller,
        `SELECT tenant_id AS "tenantId", token_id AS "tokenId", arg_max(principal_id, window_start) AS "principalId",
           max(risk) AS risk, max(score) AS score, arg_max(severity, (risk, window_start)) AS severity,
           arg_max(window_start, (risk, window_start)) AS "riskiestHour", max(window_start) AS "lastHour", count(*) AS hours
         FROM scores WHERE window_start >= ${begin} AND window_start < ${end} AND ${where} GROUP BY tenant_id, token_id`,
        bindings,
      )
      const entities = new Map(
        (
          await withContext(services, caller, context =>
            listTokenRisks(context, {
              ...(to !== undefined && { at: new Date(to) }),
              ...(caller.tenantId !== null && { tenantId: caller.tenantId }),
            }),
          )
        ).map(one => [JSON.stringify([one.tenantId, one.tokenId]), one]),
      )
      const known = found.map(one => {
        const entity = entities.get(JSON.stringify([one.tenantId, one.tokenId]))
        return { ...one, entityRisk: entity?.entityRisk ?? 0, openAlerts: entity?.openAlerts ?? 0 }
      })
      const page = paginate(known, one => [-one[sort], -one.risk, -one.score, one.tenantId, one.tokenId], {
        limit,
        cursor,
      })
      const items = page.items.map(one => ({
        ...one,
        riskiestHour: momentOf(one.riskiestHour),
        lastHour: momentOf(one.lastHour),
      }))
      return c.json({ ...page, items }, 200)
    })
    .openapi(history, async c => {
      const { caller } = c.var
      const { tokenId } = c.req.valid('param')
      const { from, to, limit, cursor, tenantId } = c.req.valid('query')
      const { where, bindings } = conditions(caller, { tenantId, tokenId })
      const known = await rows<HourRow>(
        caller,
        `SELECT tenant_id, token_id, principal_id, window_start, window_end, score, risk, severity, maturity, filter_probability, model, reasons
         FROM scores WHERE ${where} ORDER BY window_start DESC, tenant_id`,
        bindings,
      )
      if (known.length === 0)
        throw new ProblemError(404, 'not-found', `there is no scored hour of a token ${tokenId}`)
      const within = known.filter(
        ({ window_start: start }) =>
          (from === undefined || start >= new Date(from)) && (to === undefined || start < new Date(to)),
      )
      const page = paginate(within, row => [-row.window_start.getTime(), row.tenant_id], { limit, cursor })
      return c.json({ ...page, items: page.items.map(hourOf) }, 200)
    })
    .openapi(explanation, async c => {
      const { caller } = c.var
      const { hour, tenantId } = c.req.valid('query')
      const tenant = caller.tenantId ?? tenantId
      // Whoever is bound to a tenant learns nothing of the same name elsewhere.
      if (caller.tenantId !== null && tenantId !== undefined && tenantId !== caller.tenantId) {
        throw new ProblemError(404, 'not-found', 'there is no such token')
      }
      const found = await withContext(services, caller, context =>
        explain(context, {
          tokenId: c.req.valid('param').tokenId,
          window: new Date(hour),
          ...(tenant !== undefined && { tenantId: tenant }),
        }),
      )
      return c.json(
        {
          ...found,
          windowStart: momentOf(found.windowStart),
          detectors: Object.fromEntries(found.detectors.map(({ detector, nats }) => [detector, nats])),
          reasons: found.reasons as z.infer<typeof Reason>[],
        },
        200,
      )
    })
}

interface HourRow {
  tenant_id: string
  token_id: string
  principal_id: string
  window_start: Date
  window_end: Date
  score: number
  risk: number
  severity: z.infer<typeof Severity>
  maturity: number | null
  filter_probability: number | null
  model: string
  reasons: string
}

function hourOf(row: HourRow): z.infer<typeof Hour> {
  return {
    tenantId: row.tenant_id,
    tokenId: row.token_id,
    principalId: row.principal_id,
    windowStart: momentOf(row.window_start),
    windowEnd: momentOf(row.window_end),
    score: row.score,
    risk: row.risk,
    severity: row.severity,
    maturity: row.maturity,
    filterProbability: row.filter_probability,
    model: row.model,
    reasons: JSON.parse(row.reasons) as (ScoredReason & z.infer<typeof Reason>)[],
  }
}

/** The rows that a caller may see and asks for, as bound SQL. */
function conditions(
  caller: Caller,
  asked: { tenantId?: string | undefined; principalId?: string | undefined; tokenId?: string | undefined },
): { where: string; bindings: Record<string, string> } {
  const wanted: [string, string, string | null | undefined][] = [
    ['tenant_id', 'own', caller.tenantId],
    ['tenant_id', 'tenant', asked.tenantId],
    ['principal_id', 'principal', asked.principalId],
    ['token_id', 'token', asked.tokenId],
  ]
  const given = wanted.filter((one): one is [string, string, string] => one[2] != null)
  return {
    where: ['true', ...given.map(([column, name]) => `${column} = $${name}`)].join(' AND '),
    bindings: Object.fromEntries(given.map(([, name, value]) => [name, value])),
  }
}
