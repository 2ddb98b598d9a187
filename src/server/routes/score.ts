import { createRoute, z } from '@hono/zod-openapi'
import { FEATURES } from '../../features/catalogue.ts'
import { isTooDeep } from '../../lib/json-depth.ts'
import { createMatrix } from '../../lib/matrix.ts'
import { didYouMean } from '../../lib/nearest.ts'
import { type EventScores, scoreEvents } from '../../pipeline/score-events.ts'
import type { Reason as WrittenReason } from '../../schema/scores.ts'
import { compressUse, readTable } from '../../scoring/vectors.ts'
import type { Scorer, Vectors } from '../../scoring.ts'
import { createRouter, guarded, problems, type Router, SCORE } from '../access.ts'
import {
  ARROW_TYPES,
  eventFormatOf,
  mediaTypeOf,
  readBody,
  readSmallBody,
  withBodyFile,
  withBytesFile,
} from '../body.ts'
import { ProblemError } from '../problem.ts'
import { Detectors, Moment, momentOf, Reason, Severity } from '../schemas.ts'
import { type Services, withContext } from '../services.ts'
import { EVENT_BODY, EventQuery } from './ingest.ts'

const MOST_VECTORS = 10_000

/** Bodies up to here are read into memory: what stands ready scores some hundreds of events at most. */
const SMALL_BYTES = 1_000_000

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } })

const VectorRequest = z
  .strictObject({
    vectors: z
      .array(
        z.strictObject({
          features: z.record(z.string(), z.number().nullable()).openapi({
            description: 'by name; null and what is left out are unknown. At least one',
          }),
          role: z.string().nullable().default(null),
          use: z.record(z.string(), z.number().positive()).default({}).openapi({
            description:
              'requests by "op:NAME" and "scope:NAME": without them the permission clusters say nothing',
          }),
        }),
      )
      .min(1)
      .max(MOST_VECTORS),
    explain: z.boolean().default(false).openapi({ description: 'with reasons' }),
  })
  .openapi('VectorRequest')

const VectorResult = z
  .strictObject({
    score: z
      .number()
      .openapi({ description: 'log-odds of misuse up to a constant; higher = more anomalous' }),
    alertsPerDay: z
      .number()
      .openapi({ description: 'alerts a day that a threshold here would have raised in training' }),
    risk: z.number().min(0).max(100).openapi({ description: 'before the filter' }),
    severity: Severity,
    detectors: Detectors,
    reasons: z.array(Reason).optional(),
  })
  .openapi('VectorResult')

const VectorAnswer = z
  .strictObject({
    model: z.string(),
    contentId: z.string(),
    missing: z.array(z.string()).openapi({ description: 'features that no vector has' }),
    results: z.array(VectorResult),
  })
  .openapi('VectorAnswer')

const EventAnswer = z
  .strictObject({
    model: z.string(),
    read: z.int(),
    rejected: z.int(),
    rejectsByReason: z.record(z.string(), z.int()),
    hours: z.array(
      z.strictObject({
        tenantId: z.string(),
        principalId: z.string(),
        tokenId: z.string(),
        windowStart: Moment,
        events: z.int().openapi({ description: 'of those given' }),
        score: z.number(),
        risk: z.number().min(0).max(100).openapi({ description: 'after the filter' }),
        severity: Severity,
        maturity: z.number(),
        filterProbability: z.number().nullable(),
        detectors: Detectors,
        reasons: z.array(Reason),
      }),
    ),
  })
  .openapi('EventAnswer')

const ModelQuery = z.object({
  model: z
    .string()
    .regex(/^[\w.-]+(@\d+)?$/)
    .optional()
    .openapi({
      description: 'name, name@version or content id; by default what is promoted, else the newest',
    }),
})

const vectors = createRoute({
  method: 'post',
  path: '/v1/score/vectors',
  tags: ['score'],
  summary: 'Score feature vectors of token-hours',
  ...guarded(SCORE),
  request: {
    query: ModelQuery.extend({ explain: z.stringbool().default(false).openapi({ type: 'boolean' }) }),
  },
  requestBody: {
    required: true,
    content: {
      'application/json': { schema: { $ref: '#/components/schemas/VectorRequest' } },
      ...Object.fromEntries(
        ARROW_TYPES.map(type => [type, { schema: { type: 'string' as const, format: 'binary' } }]),
      ),
    },
  },
  responses: {
    200: { description: 'Row for row.', content: json(VectorAnswer) },
    ...problems(404, 413, 415, 422),
  },
})

const events = createRoute({
  method: 'post',
  path: '/v1/score/events',
  tags: ['score'],
  summary: 'Score events against the history of their tokens; nothing is kept',
  ...guarded(SCORE),
  request: { query: ModelQuery.extend(EventQuery.shape) },
  requestBody: EVENT_BODY,
  responses: {
    200: { description: 'The token-hours that the events fell into.', content: json(EventAnswer) },
    ...problems(404, 413, 415, 422),
  },
})

export function scoreRoutes(services: Services): Router {
  const { scorers, scoreNow, limits, metrics, scoreGate } = services
  const router = createRouter()
  // Read by hand, since the body may be Arrow as well.
  router.openAPIRegistry.register('VectorRequest', VectorRequest)
  return router
    .openapi(vectors, async c => {
      const { model, explain } = c.req.valid('query')
      const scorer = await scorers.of(model)
      const type = mediaTypeOf(c)
      const isArrow = ARROW_TYPES.includes(type)
      if (!isArrow && type !== 'application/json') {
        const read = ['application/json', ...ARROW_TYPES].join(', ')
        throw new ProblemError(415, 'content-type', `vectors are read as ${read}; not as "${type}"`)
      }
      const bytes = await readBody(c, limits.dataBytes)
      const request = isArrow ? null : parseRequest(bytes)
      const given = request === null ? readRows(bytes) : windowsOf(request, scorer)
      const answer = answerVectors(scorer, given, explain || request?.explain === true)
      metrics.vectors.inc(answer.results.length)
      return c.json(answer, 200)
    })
    .openapi(events, async c => {
      const { caller } = c.var
      const { model, source, tokens } = c.req.valid('query')
      const scorer = await scorers.of(model)
      const how = {
        source,
        ...(tokens !== undefined && { tokens }),
        ...(caller.tenantId !== null && { tenant: caller.tenantId }),
      }
      const format = eventFormatOf(c)
      const bytes = await readSmallBody(c, Math.min(SMALL_BYTES, limits.dataBytes))
      const byFile = (file: string) =>
        scoreGate(
          () =>
            withContext(services, caller, context =>
              scoreEvents(context, scorer.model, { paths: [file] }, how),
            ),
          c.var.signal,
        )
      const found =
        bytes === null
          ? await withBodyFile(c, limits.dataBytes, byFile)
          : ((await scoreNow.score(scorer.model, { bytes, format }, how)) ??
            (await withBytesFile(bytes, format, byFile)))
      metrics.eventsScored.inc(found.read - found.rejected)
      return c.json(answerEvents(found), 200)
    })
}

/** Arrow vectors, no more than JSON may bring. */
function readRows(bytes: Uint8Array): Vectors {
  const table = readTable(bytes)
  if (table.numRows > MOST_VECTORS) {
    throw new ProblemError(
      413,
      'too-large',
      `a request has at most ${MOST_VECTORS} vectors; send them in parts`,
    )
  }
  return table
}

function parseRequest(bytes: Uint8Array): z.infer<typeof VectorRequest> {
  if (isTooDeep(bytes)) throw new ProblemError(422, 'bad-input', 'the JSON is nested too deep')
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString())
  } catch {
    throw new ProblemError(422, 'bad-input', 'the body is not JSON')
  }
  const result = VectorRequest.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.map(issue => ({
    in: 'json',
    path: issue.path.join('.'),
    problem: issue.message,
  }))
  const said = errors.map(({ path, problem }) => (path === '' ? problem : `${path}: ${problem}`)).join('; ')
  throw new ProblemError(422, 'bad-request', said, { errors })
}

/** JSON vectors -> what the kernel takes; throws 422 naming every feature that there is not. */
function windowsOf({ vectors: given }: z.infer<typeof VectorRequest>, { model }: Scorer): Vectors {
  const { ownFeatures = [] } = model.detectors
  const names = [...FEATURES, ...ownFeatures].map(feature => feature.name)
  const columns = new Map(names.map((name, c) => [name, c]))
  const features = createMatrix(given.length, names)
  features.data.fill(Number.NaN)
  const problemsFound: { in: string; path: string; problem: string }[] = []
  given.forEach((vector, row) => {
    const entries = Object.entries(vector.features)
    if (entries.length === 0)
      problemsFound.push({ in: 'json', path: `vectors.${row}.features`, problem: 'it has no feature' })
    for (const [name, value] of entries) {
      const column = columns.get(name)
      if (column === undefined)
        problemsFound.push({
          in: 'json',
          path: `vectors.${row}.features.${name}`,
          problem: `there is no such feature${didYouMean(name, names)}`,
        })
      else if (value !== null) features.data[row * features.cols + column] = value
    }
  })
  if (problemsFound.length > 0) {
    const [first] = problemsFound
    const more = problemsFound.length === 1 ? '' : `; and ${problemsFound.length - 1} more`
    throw new ProblemError(422, 'bad-input', `${first!.path}: ${first!.problem}${more}`, {
      errors: problemsFound.slice(0, 100),
    })
  }
  const use = compressUse(given.map(({ role, use }) => ({ token: '', role, items: Object.entries(use) })))
  return { features, use }
}

function answerVectors(scorer: Scorer, given: Vectors, withReasons: boolean): z.infer<typeof VectorAnswer> {
  const scored = scorer.score(given)
  const { evidence } = scored
  const reasons = withReasons ? scorer.explain(given) : undefined
  const { name, version, contentId } = scorer.model.manifest
  return {
    model: `${name}@${version}`,
    contentId,
    missing: [...scored.missing],
    results: Array.from(scored.score, (score, row) => ({
      score,
      alertsPerDay: scored.alertsPerDay[row]!,
      risk: scored.risk[row]!,
      severity: scored.severity[row]!,
      detectors: Object.fromEntries(
        evidence.names.map((detector, d) => [detector, evidence.data[row * evidence.cols + d]!]),
      ),
      ...(reasons !== undefined && { reasons: reasonsOf(reasons[row]!) }),
    })),
  }
}

function answerEvents({ hours, rejectsByReason, ...rest }: EventScores): z.infer<typeof EventAnswer> {
  return {
    ...rest,
    rejectsByReason: { ...rejectsByReason },
    hours: hours.map(hour => ({
      ...hour,
      windowStart: momentOf(hour.windowStart),
      detectors: { ...hour.detectors },
      reasons: reasonsOf(hour.reasons),
    })),
  }
}

/** Reasons are written read-only; JSON does not mind. */
const reasonsOf = (reasons: readonly WrittenReason[]) => reasons as z.infer<typeof Reason>[]
