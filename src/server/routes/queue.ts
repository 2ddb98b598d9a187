import { createRoute, z } from '@hono/zod-openapi'
import { wilsonInterval } from '../../lib/metrics.ts'
import { guardFilter } from '../../pipeline/filter-guard.ts'
import { listModels } from '../../pipeline/models.ts'
import { readProvenance } from '../../pipeline/provenance.ts'
import { hasStatus, type TriagedAlert } from '../../pipeline/triage.ts'
import { VERDICTS, type Verdict } from '../../schema/labels.ts'
import { dayOf, listDays } from '../../sql/workspace.ts'
import { listSuppressions } from '../../state/suppressions.ts'
import { createRouter, guarded, problems, type Router, VIEW } from '../access.ts'
import { sees } from '../caller.ts'
import { type Services, withContext } from '../services.ts'
import { visibleAlerts } from './alerts.ts'

/** Days told one by one: two weeks show a weekend beside another. */
const TOLD_DAYS = 14

const Share = z.number().min(0).max(1).nullable()

const Figures = z
  .strictObject({
    day: z.string().nullable().openapi({
      description: 'newest UTC day with scores, YYYY-MM-DD; null before the first scoring',
      example: '2026-10-05',
    }),
    budgetPerDay: z.number().nullable().openapi({
      description:
        'alerts a day that this day was scored for; null with a key bound to a tenant: the budget is for all',
    }),
    open: z.int().openapi({ description: 'alerts neither judged, held back nor folded' }),
    days: z
      .array(
        z.strictObject({
          day: z.string(),
          shown: z.int().openapi({ description: 'alerts shown, folded ones not counted' }),
          open: z.int().openapi({ description: 'of these, not yet judged' }),
        }),
      )
      .openapi({ description: `the last ${TOLD_DAYS} days with scores, ascending` }),
    verdicts: z
      .strictObject({
        true_positive: z.int(),
        false_positive: z.int(),
        benign_trigger: z.int(),
        duplicate: z.int(),
      })
      .openapi({ description: 'newest of each alert shown' }),
    precision: z.strictObject({ value: Share, low: Share, high: Share }).openapi({
      description:
        'true positives among the alerts judged, duplicates left out, with the 95 % interval of Wilson',
    }),
    heldBack: z
      .int()
      .openapi({ description: 'alerts held back by the filter or a suppression, sampled ones included' }),
    heldShare: Share.openapi({ description: 'held back among all that were raised' }),
    filter: z
      .strictObject({
        model: z.string(),
        state: z.enum(['on', 'off', 'none']),
        heldBack: z.int(),
        sampled: z.int().openapi({ description: 'judged ones among those held back and drawn to check it' }),
        truePositives: z.int().openapi({ description: 'misuse among these' }),
        missedShareBound: Share.openapi({
          description: 'upper 95 % bound on the misuse among those held back',
        }),
        limit: Share,
        because: z.string(),
      })
      .nullable()
      .openapi({ description: 'filter of the model of the newest alerts' }),
    suppressions: z.int().openapi({ description: 'in force' }),
  })
  .openapi('QueueFigures')
type Figures = z.infer<typeof Figures>

const show = createRoute({
  method: 'get',
  path: '/v1/queue',
  tags: ['alerts'],
  summary:
    'How full the queue is against the alert budget, and what verdicts say of alerts and filter so far',
  ...guarded(VIEW),
  responses: {
    200: { description: 'The figures.', content: { 'application/json': { schema: Figures } } },
    ...problems(),
  },
})

export function queueRoutes(services: Services): Router {
  const { workspace, config, state, clock } = services
  return createRouter().openapi(show, async c => {
    const { caller } = c.var
    const alerts = await visibleAlerts(services, caller)
    const days = listDays(workspace.scores).slice(-TOLD_DAYS)
    const day = days.at(-1) ?? null
    const scored =
      day === null
        ? null
        : await withContext(services, caller, ({ engine }) => readProvenance(engine, workspace, day))
    const now = clock()
    const suppressions = (await listSuppressions(state)).filter(
      one => sees(caller, one.tenantId) && one.expiresAt > now,
    )
    return c.json(
      {
        day,
        budgetPerDay: caller.tenantId === null ? (scored?.budgetPerDay ?? config.alerts.budgetPerDay) : null,
        suppressions: suppressions.length,
        days: days.map(one => {
          const ofDay = alerts.filter(
            alert => isShown(alert) && alert.foldedInto === null && dayOf(alert.firstSeen) === one,
          )
          return {
            day: one,
            shown: ofDay.length,
            open: ofDay.filter(alert => hasStatus(alert, 'open')).length,
          }
        }),
        ...judgedFigures(alerts),
        filter: filterFigures(services, alerts),
      },
      200,
    )
  })
}

/** In the queue: neither held back nor, to learn from, below the line. */
const isShown = (alert: TriagedAlert) => alert.shown === 'queue'
const isHeld = (alert: TriagedAlert) => alert.shown === 'sampled' || alert.shown === 'suppressed'

function judgedFigures(
  alerts: readonly TriagedAlert[],
): Pick<Figures, 'open' | 'verdicts' | 'precision' | 'heldBack' | 'heldShare'> {
  const shown = alerts.filter(isShown)
  const heldBack = alerts.filter(isHeld).length
  const verdicts = Object.fromEntries(
    VERDICTS.map(verdict => [verdict, shown.filter(alert => alert.verdict?.verdict === verdict).length]),
  ) as Record<Verdict, number>
  const { true_positive: right, false_positive, benign_trigger } = verdicts
  const decided = right + false_positive + benign_trigger
  const raised = shown.length + heldBack
  return {
    open: alerts.filter(alert => hasStatus(alert, 'open')).length,
    verdicts,
    precision:
      decided === 0
        ? { value: null, low: null, high: null }
        : { value: right / decided, ...wilsonInterval(right, decided) },
    heldBack,
    heldShare: raised === 0 ? null : heldBack / raised,
  }
}

/** What sampling says of the filter, from the alerts that the caller sees. */
function filterFigures({ workspace, config }: Services, alerts: readonly TriagedAlert[]): Figures['filter'] {
  const newest = alerts.toSorted((a, b) => b.firstSeen.getTime() - a.firstSeen.getTime())[0]
  if (newest === undefined) return null
  const hasFilter = listModels(workspace).find(one => one.model === newest.model)?.filter === 'yes'
  const ofModel = alerts.filter(alert => alert.model === newest.model)
  const guard = guardFilter(
    newest.model,
    ofModel.flatMap(alert => alert.verdict ?? []),
    ofModel.filter(alert => alert.shown === 'sampled' || alert.suppressedBecause?.startsWith('filter: '))
      .length,
    config.filter,
  )
  const { missedBound: _, ...told } = guard
  return hasFilter ? told : { ...told, state: 'none', because: 'the model has no filter' }
}
