import { createRoute, z } from '@hono/zod-openapi'
import { listVerdicts } from '../../state/verdicts.ts'
import { createRouter, guarded, problems, type Router, VIEW } from '../access.ts'
import { sees } from '../caller.ts'
import { PageQuery, pageOf, paginate } from '../pages.ts'
import { VerdictRecord } from '../schemas.ts'
import type { Services } from '../services.ts'
import { verdictOf } from './alerts.ts'

const list = createRoute({
  method: 'get',
  path: '/v1/verdicts',
  tags: ['verdicts'],
  summary: 'Judgements of alerts, newest first',
  ...guarded(VIEW),
  request: {
    query: PageQuery.extend({
      alertId: z.string().optional(),
      tokenId: z.string().optional(),
      history: z.stringbool().default(false).openapi({
        type: 'boolean',
        description: 'also those that a later judgement replaced',
      }),
    }),
  },
  responses: {
    200: {
      description: 'A page of judgements.',
      content: { 'application/json': { schema: pageOf(VerdictRecord) } },
    },
    ...problems(422),
  },
})

export function verdictRoutes({ state }: Services): Router {
  return createRouter().openapi(list, async c => {
    const { limit, cursor, ...wanted } = c.req.valid('query')
    const { caller } = c.var
    const records = await listVerdicts(state, {
      ...wanted,
      ...(caller.tenantId !== null && { tenantId: caller.tenantId }),
    })
    const page = paginate(
      // The last of equal moments first, as they were judged.
      records.filter(record => sees(caller, record.tenantId)).map((record, i) => ({ record, i })),
      ({ record, i }) => [-record.at.getTime(), record.alertId, -i],
      { limit, cursor },
    )
    return c.json({ ...page, items: page.items.map(({ record }) => verdictOf(record)) }, 200)
  })
}
