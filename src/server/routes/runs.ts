import { createRoute, z } from '@hono/zod-openapi'
import { RUN_COMMANDS, RUN_STATUSES } from '../../schema/run.ts'
import { listRuns } from '../../state/runs.ts'
import { createRouter, guarded, OPERATE, problems, type Router } from '../access.ts'
import { PageQuery, pageOf, readCursor, writeCursor } from '../pages.ts'
import { Moment, momentOf, momentOrNull } from '../schemas.ts'
import type { Services } from '../services.ts'

const count = z.int().optional()

const Run = z
  .strictObject({
    runId: z.int(),
    command: z.enum(RUN_COMMANDS),
    actor: z.string(),
    host: z.string(),
    pid: z.int(),
    startedAt: Moment,
    endedAt: Moment.nullable().openapi({ description: 'null while it runs, and for one that was killed' }),
    status: z.enum(RUN_STATUSES),
    figures: z
      .strictObject({
        rows: count,
        added: count,
        rejects: count,
        tokenHours: count,
        alerts: count,
        folded: count,
        suppressed: count,
        model: z.string().optional(),
        scoredTo: z.string().optional(),
        lagSeconds: z.number().optional(),
        seconds: z.record(z.string(), z.number()).optional().openapi({ description: 'by stage' }),
      })
      .nullable(),
    error: z.string().nullable(),
  })
  .openapi('Run')

const list = createRoute({
  method: 'get',
  path: '/v1/runs',
  tags: ['runs'],
  summary: 'Runs of ingest, train and score, newest first',
  ...guarded(OPERATE),
  request: {
    query: PageQuery.extend({
      command: z.enum(RUN_COMMANDS).optional(),
      status: z.enum(RUN_STATUSES).optional(),
    }),
  },
  responses: {
    200: { description: 'A page of runs.', content: { 'application/json': { schema: pageOf(Run) } } },
    ...problems(),
  },
})

export function runRoutes({ state, workspace }: Services): Router {
  return createRouter().openapi(list, async c => {
    const { limit, cursor, command, status } = c.req.valid('query')
    const before = cursor === undefined ? undefined : Number(readCursor(cursor)[0])
    const runs = await listRuns(state, {
      // One more tells whether there is another page.
      limit: limit + 1,
      ...(command !== undefined && { command }),
      ...(status !== undefined && { status }),
      ...(before !== undefined && { before }),
    })
    const items = runs.slice(0, limit).map(run => ({
      ...run,
      startedAt: momentOf(run.startedAt),
      endedAt: momentOrNull(run.endedAt),
      figures: run.figures && { ...run.figures, seconds: { ...run.figures.seconds } },
      // Where the workspace lies is nobody's business but ours.
      error: run.error?.replaceAll(`${workspace.root}/`, '') ?? null,
    }))
    return c.json({ items, next: runs.length > limit ? writeCursor([items.at(-1)!.runId]) : null }, 200)
  })
}
