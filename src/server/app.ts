import { randomUUID } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { matchedRoutes } from 'hono/route'
import { createRouter, identify, limitRate, type Router, type ServerEnv } from './access.ts'
import { tooLarge } from './body.ts'
import { refuseCrossSite } from './cross-site.ts'
import { answerProblem, ProblemError, problemOf } from './problem.ts'
import { alertRoutes } from './routes/alerts.ts'
import { changeRoutes } from './routes/changes.ts'
import { exploreRoutes } from './routes/explore.ts'
import { incidentRoutes } from './routes/incidents.ts'
import { ingestRoutes } from './routes/ingest.ts'
import { jobRoutes } from './routes/jobs.ts'
import { modelQualityRoutes } from './routes/model-quality.ts'
import { modelRoutes } from './routes/models.ts'
import { operationRoutes } from './routes/operations.ts'
import { performanceRoutes } from './routes/performance.ts'
import { queueRoutes } from './routes/queue.ts'
import { runRoutes } from './routes/runs.ts'
import { scoreRoutes } from './routes/score.ts'
import { sessionRoutes } from './routes/session.ts'
import { suppressionRoutes } from './routes/suppressions.ts'
import { tokenStoryRoutes } from './routes/token-story.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { verdictRoutes } from './routes/verdicts.ts'
import type { Services } from './services.ts'

/** Routes whose bodies are data: they count their own bytes. */
const DATA_ROUTES = ['/v1/events', '/v1/score/events', '/v1/score/vectors']
/** Asked often by machines, without a key: neither counted against a rate nor logged each time. */
const PROBES = ['/v1/health', '/v1/ready']

/** Methods that change nothing. */
const READS = ['GET', 'HEAD', 'OPTIONS']

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/**
 * The HTTP API, apart from listening. `pages` is where a dashboard's static files are served from, with headers of its own; it
 * comes behind every route of the API.
 */
export function createApp(services: Services, pages?: Hono<ServerEnv>): Router {
  const app = createRouter()
  app.use(requestFrame(services))
  app.use('/v1/*', apiFrame(services))
  for (const routes of [
    operationRoutes,
    sessionRoutes,
    changeRoutes,
    scoreRoutes,
    ingestRoutes,
    tokenRoutes,
    exploreRoutes,
    tokenStoryRoutes,
    alertRoutes,
    queueRoutes,
    verdictRoutes,
    suppressionRoutes,
    incidentRoutes,
    modelRoutes,
    modelQualityRoutes,
    performanceRoutes,
    jobRoutes,
    runRoutes,
  ]) {
    app.route('/', routes(services))
  }
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key: `keyhound keys create`',
  })
  // Made when first asked for, and once: routes do not change while the server runs.
  let document: ReturnType<typeof openApiDocument> | undefined
  const documentOnce = () => {
    document ??= openApiDocument(app)
    return document
  }
  app.get('/openapi.json', c => c.json(documentOnce()))
  if (pages !== undefined) app.route('/', pages)
  // Load balancers ask here unless told otherwise; people get the page, where one is built.
  app.get('/', c => c.text('Keyhound\n'))
  app.notFound(c => answerProblem(c, nowhere(documentOnce(), c.req.method, c.req.path)))
  app.onError((error, c) => {
    const problem = problemOf(error)
    if (problem.status >= 500 && !(error instanceof ProblemError))
      services.logger.error({ err: error, requestId: c.get('requestId') }, 'failed')
    // Where the workspace lies is nobody's business but ours.
    const detail = problem.message.replaceAll(`${services.workspace.root}/`, '')
    const { status, code, errors, headers } = problem
    return answerProblem(c, new ProblemError(status, code, detail, { headers: { ...headers }, errors }))
  })
  return app
}

/** The OpenAPI 3.1 document of the routes, made from the schemas that check them. */
export function openApiDocument(app: Router): ReturnType<Router['getOpenAPI31Document']> {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Keyhound',
      version: '1',
      description:
        'Finds stolen and misused API tokens in API access logs. Errors are problem+json (RFC 9457); lists are pages, whose `next` is the `cursor` of the next.',
      license: { name: 'Apache-2.0' },
    },
  })
}

/** Around every request: an id, the log, the figures, the headers. */
function requestFrame(services: Services) {
  const { logger, metrics } = services
  return createMiddleware<ServerEnv>(async (c, next) => {
    const began = performance.now()
    const given = c.req.header('x-request-id')
    const requestId = given !== undefined && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()
    c.set('requestId', requestId)
    c.set('services', services)
    await next()
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value)
    }
    c.res.headers.set('x-request-id', requestId)
    const ms = performance.now() - began
    const { method } = c.req
    const { status } = c.res
    // The pattern, not the address: figures by token would be without end.
    const route = routeOf(c)
    metrics.requests.inc({ method, route, status })
    metrics.seconds.observe({ method, route }, ms / 1000)
    if (PROBES.includes(c.req.path) && status < 400) return
    const { caller } = c.var
    const who = caller && { key: caller.keyId, role: caller.role, tenant: caller.tenantId }
    logger.info(
      { requestId, method, path: c.req.path, status, ms: Math.round(ms * 10) / 10, ...who },
      'request',
    )
  })
}

/** Around the requests of the API: who asks, how often, how much, and for how long. */
function apiFrame(services: Services) {
  const { limits, scoreNow } = services
  const rate = limitRate(services)
  const limitBody = bodyLimit({
    maxSize: limits.bodyBytes,
    onError: () => {
      throw tooLarge(limits.bodyBytes)
    },
  })
  return createMiddleware<ServerEnv>(async (c, next) => {
    if (PROBES.includes(c.req.path)) return next()
    refuseCrossSite(c)
    const length = Number(c.req.header('content-length') ?? 0)
    if (DATA_ROUTES.includes(c.req.path) && length > limits.dataBytes) throw tooLarge(limits.dataBytes)
    const within = DATA_ROUTES.includes(c.req.path) ? next : () => limitBody(c, next) as Promise<void>
    const answer = () => rate(c, () => withTimeout(c, limits.timeoutMs, within)) as Promise<void>
    if (READS.includes(c.req.method) || c.req.path.startsWith('/v1/score/')) return identify(c, answer)
    // What was brought or decided counts in the next answer.
    return identify(c, () => answer().finally(scoreNow.changed))
  })
}

/** Gives up waiting for work; what has begun ends in its own time, and nobody is told. */
async function withTimeout(c: Context<ServerEnv>, ms: number, next: () => Promise<void>): Promise<void> {
  const late = new AbortController()
  c.set('signal', AbortSignal.any([late.signal, c.req.raw.signal]))
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late.abort()
      const said = `no answer within ${ms / 1000} s; ask for less at a time`
      reject(new ProblemError(504, 'timeout', said))
    }, ms)
  })
  try {
    await Promise.race([next(), tooLate])
  } finally {
    clearTimeout(timer)
  }
}

/** Why there is nothing at an address: another method would do, or there is no such place. */
function nowhere(document: ReturnType<typeof openApiDocument>, method: string, path: string): ProblemError {
  const allowed = Object.entries(document.paths ?? {})
    .filter(([pattern]) => new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path))
    .flatMap(([, operations]) => Object.keys(operations).map(name => name.toUpperCase()))
  if (allowed.length === 0) return new ProblemError(404, 'not-found', `there is nothing at ${path}`)
  const allow = allowed.join(', ')
  return new ProblemError(405, 'method', `${method} is not for ${path}; ${allow} is`, { headers: { allow } })
}

/** The pattern of the route that a request matched; all other requests share two names, so that figures stay few. */
function routeOf(c: Context): string {
  const matched = matchedRoutes(c).findLast(({ path }) => !path.includes('*'))
  if (matched !== undefined) return matched.path.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}')
  return c.req.path.startsWith('/v1/') ? 'none' : 'page'
}
