import { createRoute, z } from '@hono/zod-openapi'
import { countRejects, readJobState } from '../../pipeline/job-state.ts'
import { RUN_COMMANDS, RUN_STATUSES, type RunRecord } from '../../schema/run.ts'
import { listRuns } from '../../state/runs.ts'
import { createRouter, guarded, OPERATE, problems, type Router } from '../access.ts'
import { PageQuery, pageOf, readCursor, writeCursor } from '../pages.ts'
import { Moment, momentOf, momentOrNull } from '../schemas.ts'
import { type Services, withContext } from '../services.ts'

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
        rescored: count,
        rescoredChanged: count,
        largestChange: z.number().optional().openapi({ description: 'nats' }),
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
    ...problems(422),
  },
})

const CommandState = z.strictObject({
  command: z.enum(RUN_COMMANDS),
  counts: z.strictObject({ running: z.int(), done: z.int(), failed: z.int(), killed: z.int() }),
  done: z.union([Run, z.null()]).openapi({ description: 'the newest that was done' }),
  failed: z.union([Run, z.null()]).openapi({ description: 'the newest that failed, if none was done since' }),
})

const stateRoute = createRoute({
  method: 'get',
  path: '/v1/runs/state',
  tags: ['runs'],
  summary: 'How the jobs stand: how far scoring lags behind, what failed last, rows rejected by reason',
  ...guarded(OPERATE),
  responses: {
    200: {
      description: 'How they stand.',
      content: {
        'application/json': {
          schema: z
            .strictObject({
              scoredTo: Moment.nullable().openapi({ description: 'end of the last hour scored' }),
              lagSeconds: z.number().nullable().openapi({ description: 'since then' }),
              commands: z.array(CommandState),
              rejects: z
                .array(
                  z.strictObject({ reason: z.string(), rows: z.int(), files: z.int(), batches: z.int() }),
                )
                .openapi({ description: 'rows that could not become events, most first' }),
            })
            .openapi('RunState'),
        },
      },
    },
    ...problems(),
  },
})

export function runRoutes(services: Services): Router {
  const { state, workspace, clock } = services
  const recordOf = (run: RunRecord): z.infer<typeof Run> => ({
    ...run,
    startedAt: momentOf(run.startedAt),
    endedAt: momentOrNull(run.endedAt),
    figures: run.figures && { ...run.figures, seconds: { ...run.figures.seconds } },
    // Where the workspace lies is nobody's business but ours.
    error: run.error?.replaceAll(`${workspace.root}/`, '') ?? null,
  })
  return createRouter()
    .openapi(list, async c => {
      const { limit, cursor, command, status } = c.req.valid('query')
      const before = cursor === undefined ? undefined : (readCursor(cursor, [0])[0] as number)
      const runs = await listRuns(state, {
        // One more tells whether there is another page.
        limit: limit + 1,
        ...(command !== undefined && { command }),
        ...(status !== undefined && { status }),
        ...(before !== undefined && { before }),
      })
      const items = runs.slice(0, limit).map(recordOf)
      return c.json({ items, next: runs.length > limit ? writeCursor([items.at(-1)!.runId]) : null }, 200)
    })
    .openapi(stateRoute, async c => {
      const found = await readJobState(state, clock())
      const rejects = await withContext(services, c.var.caller, countRejects)
      const commands = found.commands.map(({ done, failed, ...rest }) => ({
        ...rest,
        done: done && recordOf(done),
        failed: failed && recordOf(failed),
      }))
      return c.json({ ...found, scoredTo: momentOrNull(found.scoredTo), commands, rejects }, 200)
    })
}
