import { createRoute, z } from '@hono/zod-openapi'
import { columnAdvice, driftAdvice } from '../../pipeline/drift/advice.ts'
import { driftUpTo } from '../../pipeline/drift/drift.ts'
import { findEvaluation } from '../../pipeline/evaluations.ts'
import { loadModel, showModel } from '../../pipeline/models.ts'
import { listPromotions } from '../../pipeline/promotions.ts'
import { listDays } from '../../sql/workspace.ts'
import { createRouter, guarded, OPERATE, problems, type Router } from '../access.ts'
import { Promotion } from '../replay-schemas.ts'
import { type Services, withContext } from '../services.ts'

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } })
const request = { params: z.object({ model: z.string().regex(/^[\w.-]+(@\d+)?$/) }) }

export const Estimate = z
  .strictObject({ value: z.number().nullable(), low: z.number().nullable(), high: z.number().nullable() })
  .openapi('Estimate', { description: 'With its 95 % interval.' })

const Level = z.enum(['stable', 'moderate', 'strong'])

const ColumnDrift = z.strictObject({
  name: z.string(),
  kind: z.enum(['feature', 'model', 'score']),
  weight: z.number().openapi({ description: 'share of the highest training scores that it makes, 0-1' }),
  psi: z.number(),
  psiByChance: z.number(),
  excess: z.number().openapi({ description: 'psi beyond chance and the usual swing of days' }),
  upperExcess: z.number(),
  ks: z.number(),
  level: Level,
  upperLevel: Level.openapi({ description: 'of the upper tenth: only there do values add to the score' }),
  trainingMedian: z.number().nullable(),
  periodMedian: z.number().nullable(),
  trainingMissing: z.number(),
  periodMissing: z.number(),
  advice: z.string(),
})

const Drift = z
  .strictObject({
    model: z.string(),
    from: z.string(),
    to: z.string(),
    days: z.int(),
    trainingRows: z.int(),
    periodRows: z.int(),
    weighted: z.number().openapi({ description: 'drift of what makes high scores' }),
    isBeyond: z.boolean(),
    advice: z.string().nullable(),
    columns: z.array(ColumnDrift).openapi({ description: 'those that matter most to the score first' }),
  })
  .openapi('ModelDrift')

const Budget = z.strictObject({
  perDay: z.number(),
  alerts: z.int(),
  truePositives: z.int(),
  precision: Estimate,
  recall: Estimate,
  incidentsFound: z.int(),
  incidentRecall: Estimate,
  medianSecondsToDetect: z.number().nullable(),
})

const Ranking = z.strictObject({
  name: z.string(),
  title: z.string(),
  kind: z.enum(['keyhound', 'baseline']),
  averagePrecision: Estimate,
  auroc: Estimate,
  baseRate: z.number(),
  budgets: z.array(Budget),
  curve: z.array(z.strictObject({ precision: z.number(), recall: z.number(), alerts: z.int() })),
})

const Evaluation = z
  .strictObject({
    file: z.string().openapi({ description: 'below the workspace' }),
    createdAt: z.string(),
    from: z.string(),
    to: z.string(),
    days: z.int(),
    tokenDays: z.int(),
    positiveTokenDays: z.int(),
    incidents: z.int(),
    headline: z.string().openapi({ description: 'the ranking that analysts get' }),
    rankings: z.array(Ranking).openapi({ description: 'of token-days; the baselines last' }),
    detectors: z
      .array(
        z.strictObject({
          name: z.string(),
          averagePrecision: z.number().nullable(),
          auroc: z.number().nullable(),
          incidentsFound: z.int(),
        }),
      )
      .openapi({ description: 'each alone' }),
    notes: z.array(z.string()),
  })
  .openapi('ModelEvaluation')

/** What there is of a thing, else why there is none: a model that nobody evaluated is no error. */
const found = <T extends z.ZodType>(of: T) =>
  z.strictObject({
    found: z.union([of, z.null()]),
    missing: z.string().nullable().openapi({ description: 'why there is none, and what to do' }),
  })

const driftRoute = createRoute({
  method: 'get',
  path: '/v1/models/{model}/drift',
  tags: ['models'],
  summary: 'How far the last scored week has moved away from what a model was trained on',
  ...guarded(OPERATE),
  request,
  responses: { 200: { description: 'The drift.', content: json(found(Drift)) }, ...problems(404) },
})

const evaluationRoute = createRoute({
  method: 'get',
  path: '/v1/models/{model}/evaluation',
  tags: ['models'],
  summary:
    'The newest evaluation of a model in the workspace: curves and budgets of its rankings, each detector alone',
  ...guarded(OPERATE),
  request,
  responses: { 200: { description: 'The evaluation.', content: json(found(Evaluation)) }, ...problems(404) },
})

const promotionsRoute = createRoute({
  method: 'get',
  path: '/v1/models/{model}/promotions',
  tags: ['models'],
  summary: 'Who made which version of a name the one that is used, newest first',
  ...guarded(OPERATE),
  request,
  responses: {
    200: { description: 'The promotions.', content: json(z.strictObject({ items: z.array(Promotion) })) },
    ...problems(404),
  },
})

export function modelQualityRoutes(services: Services): Router {
  const { workspace } = services
  return createRouter()
    .openapi(driftRoute, async c => {
      const model = await loadModel(workspace, c.req.valid('param').model)
      const name = `${model.manifest.name}@${model.manifest.version}`
      const last = listDays(workspace.scores).at(-1)
      const drift =
        last === undefined
          ? null
          : await withContext(services, c.var.caller, async context => driftUpTo(context, model, last))
      if (drift === null) {
        const missing = `${name} scored none of the last week; measure it aside: keyhound models drift ${name}`
        return c.json({ found: null, missing }, 200)
      }
      const { from, to, days, trainingRows, periodRows, weighted, isBeyond } = drift
      const columns = drift.columns.map(column => ({
        ...pick(column, Object.keys(ColumnDrift.shape)),
        advice: columnAdvice(column).text,
      })) as z.infer<typeof ColumnDrift>[]
      const answer = { from, to, days, trainingRows, periodRows, weighted, isBeyond, columns }
      return c.json({ found: { model: name, ...answer, advice: driftAdvice(drift) }, missing: null }, 200)
    })
    .openapi(evaluationRoute, c => {
      const { name, version } = showModel(workspace, c.req.valid('param').model)
      const newest = findEvaluation(workspace, `${name}@${version}`)
      if (newest === null) {
        const missing = `no evaluation of ${name}@${version} in the workspace; make one: keyhound evaluate --labels FILE --out reports/${name}-${version}`
        return c.json({ found: null, missing }, 200)
      }
      const { report, file } = newest
      const { from, to, days, tokenDays, positiveTokenDays, incidents } = report.data
      const rankings = report.rankings.map(
        ({ name: ranking, title, kind, tokenDays: quality, budgets, curve }) => ({
          name: ranking,
          title,
          kind,
          ...quality,
          budgets: budgets.map(one => pick(one, Object.keys(Budget.shape)) as z.infer<typeof Budget>),
          curve: curve.map(({ precision, recall, alerts }) => ({ precision, recall, alerts })),
        }),
      )
      const evaluation = {
        file,
        createdAt: report.createdAt,
        ...{ from, to, days, tokenDays, positiveTokenDays, incidents },
        headline: report.headline,
        rankings,
        detectors: [...report.detectors],
        notes: [...report.notes],
      }
      return c.json({ found: evaluation, missing: null }, 200)
    })
    .openapi(promotionsRoute, c => {
      const { name } = showModel(workspace, c.req.valid('param').model)
      return c.json({ items: listPromotions(workspace, name).toReversed() }, 200)
    })
}

/** The fields of a record that are told. */
function pick(record: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)))
}
