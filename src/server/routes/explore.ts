import { createRoute, z } from '@hono/zod-openapi'
import { RANGE_VIEWS, VALUE_VIEWS } from '../../schema/explore.ts'
import { createRouter, guarded, problems, type Router, VIEW } from '../access.ts'
import { AskedMoment, Moment, momentOf, Severity } from '../schemas.ts'
import type { Services } from '../services.ts'

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } })

const MOST_CHOSEN = 500

const bound = <T extends z.ZodType>(edge: T) =>
  z.strictObject({
    from: edge.nullish().openapi({ description: 'inclusive; without: from the first' }),
    to: edge.nullish().openapi({ description: 'exclusive; without: to the last' }),
  })
const chosen = z.array(z.string().max(4000).nullable()).max(MOST_CHOSEN)

const every = <K extends string, T>(keys: readonly K[], schema: T) =>
  Object.fromEntries(keys.map(key => [key, schema])) as Record<K, T>

const Brushes = z
  .strictObject({
    ranges: z
      .strictObject({
        time: bound(AskedMoment).openapi({ description: 'start of the hour' }),
        hour: bound(z.number().min(0).max(24)).openapi({ description: 'hour of the day, UTC' }),
        risk: bound(z.number()),
        score: bound(z.number()),
      })
      .partial()
      .default({}),
    values: z
      .strictObject(every(VALUE_VIEWS, chosen))
      .partial()
      .default({})
      .openapi({ description: 'token-hours with one of them; null: without any' }),
    mostValues: z.int().min(1).max(500).default(12).openapi({ description: 'values listed of a view' }),
    mostRows: z.int().min(0).max(200).default(20).openapi({ description: 'token-hours listed' }),
  })
  .openapi('ExploreBrushes')

const tally = {
  windows: z.int().openapi({ description: "token-hours under every brush but the view's own" }),
  risky: z.int().openapi({ description: 'of these, with a risk of 50 or more' }),
}

const Range = z
  .strictObject({
    from: z.number().openapi({ description: 'lower edge of the first bin; of time in ms since 1970' }),
    width: z.number(),
    bins: z.array(z.strictObject(tally)),
  })
  .openapi('ExploreRange')

const Values = z
  .strictObject({
    values: z
      .array(z.strictObject({ value: z.string().nullable(), ...tally }))
      .openapi({ description: 'most frequent first; the chosen ones are among them' }),
    more: z.int().openapi({ description: 'further values with a token-hour' }),
  })
  .openapi('ExploreValues')

const Answer = z
  .strictObject({
    windows: z.int().openapi({ description: 'token-hours looked at' }),
    matching: z.int().openapi({ description: 'of these, under all brushes' }),
    daysLeftOut: z.int().openapi({ description: 'oldest days, beyond what fits the memory' }),
    ranges: z.strictObject(every(RANGE_VIEWS, Range)),
    values: z.strictObject(every(VALUE_VIEWS, Values)),
    rows: z
      .array(
        z.strictObject({
          tenantId: z.string(),
          principalId: z.string(),
          tokenId: z.string(),
          windowStart: Moment,
          risk: z.number(),
          score: z.number(),
          severity: Severity.nullable(),
          detector: z.string().nullable().openapi({ description: 'the one with the greatest surprise' }),
        }),
      )
      .openapi({ description: 'under all brushes, riskiest first' }),
  })
  .openapi('ExploreAnswer')

const ask = createRoute({
  method: 'post',
  path: '/v1/explore',
  tags: ['explore'],
  summary: 'All scored token-hours, counted in linked views: each under the brushes of the others',
  ...guarded(VIEW),
  request: { body: { required: true, content: json(Brushes) } },
  responses: {
    200: { description: 'The views, and the riskiest token-hours.', content: json(Answer) },
    ...problems(413, 415, 422),
  },
})

export function exploreRoutes({ explorer }: Services): Router {
  return createRouter().openapi(ask, async c => {
    const { ranges, values, mostValues, mostRows } = c.req.valid('json')
    const answer = await explorer(
      {
        tenantId: c.var.caller.tenantId,
        ranges: Object.fromEntries(
          Object.entries(ranges).map(([view, { from, to }]) => [view, { from: edge(from), to: edge(to) }]),
        ),
        values,
        mostValues,
        mostRows,
      },
      c.var.signal,
    )
    const rows = answer.rows.map(row => ({
      ...row,
      windowStart: momentOf(row.windowStart),
      severity: row.severity as z.infer<typeof Severity> | null,
    }))
    return c.json({ ...answer, rows }, 200)
  })
}

function edge(value: string | number | null | undefined): number | null {
  return typeof value === 'string' ? Date.parse(value) : (value ?? null)
}
