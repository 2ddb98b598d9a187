import { createRoute, z } from '@hono/zod-openapi'
import { workspaceMetrics } from '../../pipeline/run-metrics.ts'
import { createRouter, guarded, OPERATE, problems, type Router } from '../access.ts'
import { LOCAL } from '../caller.ts'
import { ProblemError, problemOf } from '../problem.ts'
import { makeReady, type Services, withContext } from '../services.ts'

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } })

const health = createRoute({
  method: 'get',
  path: '/v1/health',
  tags: ['operations'],
  summary: 'The server runs. Needs no key',
  responses: {
    200: {
      description: 'It does.',
      content: json(z.strictObject({ status: z.literal('ok'), version: z.string() }).openapi('Health')),
    },
  },
})

const ready = createRoute({
  method: 'get',
  path: '/v1/ready',
  tags: ['operations'],
  summary:
    'Engine, state and model answer, and the newest day stands ready to score events with. Needs no key',
  responses: {
    200: {
      description: 'They do.',
      content: json(z.strictObject({ status: z.literal('ready') }).openapi('Ready')),
    },
    503: problems(503)[503]!,
  },
})

const metricsRoute = createRoute({
  method: 'get',
  path: '/v1/metrics',
  tags: ['operations'],
  summary: 'Figures for Prometheus: of the server, and of the workspace and its runs',
  ...guarded(OPERATE),
  responses: {
    200: {
      description: 'Prometheus text format.',
      content: { 'text/plain': { schema: z.string() } },
    },
    ...problems(),
  },
})

export function operationRoutes(services: Services): Router {
  const { version, state, metrics, logger } = services
  return createRouter()
    .openapi(health, c => c.json({ status: 'ok' as const, version }, 200))
    .openapi(ready, async c => {
      try {
        await makeReady(services)
        await state.db.selectFrom('checkpoints').select('key').limit(1).execute()
        await withContext(services, LOCAL, ({ engine }) => engine.run('SELECT 1'))
      } catch (error) {
        logger.warn({ err: error }, 'not ready')
        // What is missing is for the log: this is answered without a key.
        throw new ProblemError(
          503,
          problemOf(error).code,
          'a part that is needed does not answer; the log says which',
        )
      }
      return c.json({ status: 'ready' as const }, 200)
    })
    .openapi(metricsRoute, async c => {
      const { registry } = metrics
      const ofWorkspace = await withContext(services, c.var.caller, workspaceMetrics)
      return c.text(`${await registry.metrics()}\n${ofWorkspace}`, 200, {
        'content-type': registry.contentType,
      })
    })
}
