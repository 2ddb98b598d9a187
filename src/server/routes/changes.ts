import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createRoute, z } from '@hono/zod-openapi'
import { stampOf } from '../../engine/stamp.ts'
import { createRouter, guarded, problems, type Router, VIEW } from '../access.ts'
import { remembering } from '../remembering.ts'
import type { Services } from '../services.ts'

/** Looked at anew after so long, however many pages ask, ms. */
const KEPT_MS = 1000

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
  const look = remembering(async () => {
    const last = async (table: 'audit' | 'runs', column: 'audit_id' | 'run_id') => {
      const row = await state.db
        .selectFrom(table)
        .select(({ fn }) => fn.max<number | null>(column as never).as('last'))
        .executeTakeFirst()
      return String(row?.last ?? 0)
    }
    const ended = await state.db
      .selectFrom('runs')
      .select(({ fn }) => fn.count<number>('ended_at').as('ended'))
      .executeTakeFirst()
    return {
      alerts: markOf(workspace.alerts),
      scores: markOf(workspace.scores),
      models: markOf(workspace.models),
      desk: await last('audit', 'audit_id'),
      runs: `${await last('runs', 'run_id')}-${ended?.ended ?? 0}`,
    }
  }, KEPT_MS)
  return createRouter().openapi(show, async c => c.json(await look(''), 200))
}

/** A mark of a folder of partitions: files are published by rename, which touches the folder that they lie in. */
function markOf(folder: string): string {
  const touched = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (touched(folder) === 0) return 'none'
  const parts = readdirSync(folder).map(name => `${name} ${touched(join(folder, name))}`)
  return stampOf([String(touched(folder)), ...parts.sort()])
}
