import { createRoute, z } from '@hono/zod-openapi'
import { listDays } from '../../engine/workspace.ts'
import { readProvenance } from '../../pipeline/provenance.ts'
import { createRouter, guarded, OPERATE, problems, type Router } from '../access.ts'
import { PageQuery, pageOf, paginate } from '../pages.ts'
import { type Services, withContext } from '../services.ts'

const Run = z
  .strictObject({
    day: z.iso.date().openapi({ description: 'UTC' }),
    model: z.string(),
    contentId: z.string(),
    budgetPerDay: z.number(),
    isFiltered: z.boolean(),
    featureStamp: z.string(),
  })
  .openapi('Run', { description: 'What a day was scored with, the last time that it was.' })

const list = createRoute({
  method: 'get',
  path: '/v1/runs',
  tags: ['runs'],
  summary: 'What each day was scored with, newest day first',
  ...guarded(OPERATE),
  request: { query: PageQuery },
  responses: {
    200: { description: 'A page of days.', content: { 'application/json': { schema: pageOf(Run) } } },
    ...problems(),
  },
})

export function runRoutes(services: Services): Router {
  return createRouter().openapi(list, async c => {
    const days = listDays(services.workspace.scores)
    const page = paginate(days, day => [-Date.parse(day)], c.req.valid('query'))
    const items = await withContext(services, c.var.caller, async ({ engine, workspace }) => {
      const runs: z.infer<typeof Run>[] = []
      for (const day of page.items) {
        const made = await readProvenance(engine, workspace, day)
        if (made !== null) runs.push({ day, ...made })
      }
      return runs
    })
    return c.json({ ...page, items }, 200)
  })
}
