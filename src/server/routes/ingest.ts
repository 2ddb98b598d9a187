import { createRoute, z } from '@hono/zod-openapi'
import { CHECKS } from '../../ingest/checks.ts'
import { SOURCE_NAMES } from '../../ingest/source.ts'
import { ingest } from '../../pipeline/ingest.ts'
import { usable } from '../../pipeline/score-events.ts'
import { BRING, createRouter, guarded, problems, type Router } from '../access.ts'
import { EVENT_TYPES, withBodyFile } from '../body.ts'
import { Moment, momentOrNull } from '../schemas.ts'
import { type Services, withContext } from '../services.ts'

/** How a body of events is read. */
export const EventQuery = z.object({
  source: z
    .enum(['auto', ...SOURCE_NAMES])
    .default('auto')
    .openapi({ description: 'log format' }),
  tokens: z.enum(['secret', 'identifier']).optional().openapi({
    description: 'secret: hashed on reading; identifier: kept; by default what the log format says',
  }),
})

/** A body of events, as the document describes it. */
export const EVENT_BODY = {
  required: true,
  description: 'Events in one of these forms; fields are recognised by name, as by `keyhound ingest`.',
  content: Object.fromEntries(
    Object.entries(EVENT_TYPES).map(([type, format]) => [
      type,
      {
        schema:
          format === 'json'
            ? { type: 'array' as const, items: { type: 'object' as const } }
            : format === 'jsonl' || format === 'csv'
              ? { type: 'string' as const }
              : { type: 'string' as const, format: 'binary' },
      },
    ]),
  ),
}

const Ingested = z
  .strictObject({
    read: z.int(),
    added: z.int(),
    duplicates: z.int().openapi({ description: 'known already by event id, time and token' }),
    rejected: z.int(),
    rejectsByReason: z.record(z.string(), z.int()),
    late: z.int().openapi({ description: 'added, and older than the newest that was known' }),
    firstTime: Moment.nullable(),
    lastTime: Moment.nullable(),
    tokens: z.int(),
    findings: z
      .array(z.strictObject({ check: z.enum(CHECKS), rows: z.int(), of: z.int(), text: z.string() }))
      .openapi({ description: 'what is odd about the events as they were understood, and what to do' }),
  })
  .openapi('Ingested')

const bring = createRoute({
  method: 'post',
  path: '/v1/events',
  tags: ['ingest'],
  summary: 'Bring events; the same events again add nothing',
  ...guarded(BRING),
  request: { query: EventQuery },
  requestBody: EVENT_BODY,
  responses: {
    200: {
      description: 'What became of the events.',
      content: { 'application/json': { schema: Ingested } },
    },
    ...problems(413, 415, 422),
  },
})

export function ingestRoutes(services: Services): Router {
  const { limits, metrics, ingestGate } = services
  return createRouter().openapi(bring, async c => {
    const { caller } = c.var
    const { source, tokens } = c.req.valid('query')
    const summary = await withBodyFile(c, limits.dataBytes, file =>
      ingestGate(
        () =>
          withContext(services, caller, context =>
            usable(
              ingest(
                { ...context, waitMs: limits.timeoutMs / 2 },
                {
                  paths: [file],
                  stop: false,
                  source,
                  ...(tokens !== undefined && { tokens }),
                  ...(caller.tenantId !== null && { tenant: caller.tenantId }),
                },
              ),
            ),
          ),
        c.var.signal,
      ),
    )
    const { read, added, duplicates, rejected, rejectsByReason, late, firstTime, lastTime } = summary
    for (const [outcome, count] of Object.entries({ added, duplicates, rejected })) {
      metrics.eventsIngested.inc({ outcome }, count)
    }
    const counts = { read, added, duplicates, rejected, rejectsByReason, late, tokens: summary.tokens }
    const findings = summary.findings.map(({ check, rows, of, text }) => ({ check, rows, of, text }))
    const span = { firstTime: momentOrNull(firstTime), lastTime: momentOrNull(lastTime) }
    return c.json({ ...counts, ...span, findings }, 200)
  })
}
