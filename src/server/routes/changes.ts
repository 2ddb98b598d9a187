import { createRoute, z } from '@hono/zod-openapi'
import { createRouter, guarded, problems, type Router, VIEW } from '../access.ts'
import { deskMark, folderMark, runsMark } from '../marks.ts'
import { remembering } from '../remembering.ts'
import type { Services } from '../services.ts'

/** Looked at anew after so long, however many pages ask, ms: whoever changed something sees it at once. */
const KEPT_MS = 100

const Changes = z
  .strictObject({
    alerts: z.string().openapi({ description: 'alerts raised by scoring' }),
    scores: z.string().openapi({ description: 'scored hours' }),
    models: z.string().openapi({ description: 'model versions and what is promoted' }),
    desk: z.string().openapi({ description: 'verdicts, notes, suppressions and whatever else people did' }),
    runs: z.string().openapi({ description: 'runs begun and ended' }),
  })
  .openapi('Changes', {
    description: 'Marks that mean nothing by themselves: one that differs says what to read again.',
  })

const show = createRoute({
  method: 'get',
  path: '/v1/changes',
  tags: ['operations'],
  summary: 'What has changed since one last looked: cheap to ask every few seconds',
  ...guarded(VIEW),
  responses: {
    200: { description: 'The marks.', content: { 'application/json': { schema: Changes } } },
    ...problems(),
  },
})

/**
 * Marks of change. Asked for rather than pushed: the changes are made by other processes (scheduled scoring, the command line), so that
 * the server has to look as well; and a stream would hold a connection a tab through proxies that buffer it.
 */
export function changeRoutes({ workspace, state }: Services): Router {
  const look = remembering(
    async () => ({
      alerts: folderMark(workspace.alerts),
      scores: folderMark(workspace.scores),
      models: folderMark(workspace.models),
      desk: await deskMark(state),
      runs: await runsMark(state),
    }),
    KEPT_MS,
  )
  return createRouter().openapi(show, async c => c.json(await look(''), 200))
}
