import { createRoute, z } from '@hono/zod-openapi'
import { readFilterGuard } from '../../pipeline/filter-guard.ts'
import { showModel } from '../../pipeline/models.ts'
import { alertPerformance } from '../../pipeline/performance.ts'
import { createRouter, guarded, problems, type Router, VIEW } from '../access.ts'
import { AskedMoment } from '../schemas.ts'
import { type Services, withContext } from '../services.ts'
import { Estimate } from './model-quality.ts'

const Counts = z.strictObject({
  true_positive: z.int(),
  false_positive: z.int(),
  benign_trigger: z.int(),
  duplicate: z.int(),
})

const Period = z
  .strictObject({
    start: z.string().openapi({ description: 'UTC day, a Monday' }),
    days: z.int().openapi({ description: 'with scores' }),
    alerts: z.int().openapi({ description: 'shown to analysts' }),
    alertsPerDay: z.number().nullable(),
    confirmedPerDay: z.number().nullable().openapi({ description: 'judged true_positive, a scored day' }),
    verdicts: Counts,
    unjudged: z.int(),
    unjudgedShare: z.number().nullable(),
    precision: Estimate.openapi({ description: "of the alerts judged; Wilson's interval" }),
    suppressed: z.int().openapi({ description: 'held back by filter or suppression, sampled ones included' }),
    suppressedVerdicts: Counts,
    recallAmongRaised: Estimate.openapi({
      description: 'share of the misuse among all raised that was shown',
    }),
  })
  .openapi('PerformancePeriod')

const Guard = z
  .strictObject({
    state: z.enum(['on', 'off', 'none']),
    model: z.string(),
    sampled: z.int().openapi({ description: 'held back, drawn to check the filter, and judged' }),
    truePositives: z.int().openapi({ description: 'of these, misuse' }),
    missedShareBound: z
      .number()
      .openapi({ description: 'of the alerts held back, at most this share is misuse (95 % sure)' }),
    heldBack: z.int(),
    missedBound: z.int().openapi({ description: 'so many alerts' }),
    limit: z.number().openapi({ description: 'share above which the filter is switched off' }),
    because: z.string(),
  })
  .openapi('FilterGuard')

const show = createRoute({
  method: 'get',
  path: '/v1/performance',
  tags: ['alerts'],
  summary: 'How alerts fared week by week, by the verdicts given of them, and what the filter may hide',
  ...guarded(VIEW),
  request: {
    query: z.object({
      from: AskedMoment.optional().openapi({ description: 'alerts first seen at or after this' }),
      to: AskedMoment.optional().openapi({ description: 'alerts first seen before this' }),
    }),
  },
  responses: {
    200: {
      description: 'The weeks, oldest first, and all of them together.',
      content: {
        'application/json': {
          schema: z
            .strictObject({
              weeks: z.array(Period),
              whole: Period,
              filter: z.union([Guard, z.null()]).openapi({
                description:
                  'null without a model, and for keys that are bound to a tenant: a filter serves all of them',
              }),
            })
            .openapi('Performance'),
        },
      },
    },
    ...problems(),
  },
})

export function performanceRoutes(services: Services): Router {
  return createRouter().openapi(show, async c => {
    const { caller } = c.var
    const { from, to } = c.req.valid('query')
    const answer = await withContext(services, caller, async context => {
      const { weeks, whole } = await alertPerformance(context, {
        ...(from !== undefined && { from: new Date(from) }),
        ...(to !== undefined && { to: new Date(to) }),
        ...(caller.tenantId !== null && { tenantId: caller.tenantId }),
      })
      return { weeks, whole, filter: caller.tenantId === null ? await guardOf(services, context) : null }
    })
    const { weeks, whole, filter } = answer
    return c.json({ weeks: weeks.map(periodOf), whole: periodOf(whole), filter }, 200)
  })
}

type Weeks = Awaited<ReturnType<typeof alertPerformance>>['weeks']

/** Labels are files, which the API does not take: what is counted by them is left out. */
function periodOf({
  labelledTokenDays: _,
  recallOfLabels: __,
  ...period
}: Weeks[number]): z.infer<typeof Period> {
  return period
}

async function guardOf({ workspace, config }: Services, context: Parameters<typeof alertPerformance>[0]) {
  const manifest = modelInUse(workspace)
  if (manifest === null) return null
  const { name, version, filter } = manifest
  return readFilterGuard(context, `${name}@${version}`, filter.trained, config.filter)
}

function modelInUse(workspace: Services['workspace']) {
  try {
    return showModel(workspace, 'default')
  } catch {
    return null
  }
}
