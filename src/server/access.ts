import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import { ROLES, type Role } from '../state/tables.ts'
import { addressOf } from './address.ts'
import { type Caller, LOCAL } from './caller.ts'
import { isSafe, PAGE_HEADER } from './cross-site.ts'
import { answerProblem, Problem, ProblemError } from './problem.ts'
import { createRateLimiter, type RateLimit, type RateVerdict, rateHeaders } from './rate-limit.ts'
import type { Services } from './services.ts'

/** What travels with a request. */
export interface ServerEnv {
  Variables: {
    requestId: string
    caller: Caller
    services: Services
    /** Aborts when the asker has gone or waited long enough. */
    signal: AbortSignal
  }
}

export type Router = OpenAPIHono<ServerEnv>

/** Who may use a route. */
export interface Access {
  readonly roles: readonly Role[]
  /**
   * `tenant`: a key that is bound to a tenant works on that tenant's rows alone. `installation`: the route speaks of all tenants at once,
   * and such a key may not use it.
   */
  readonly reach: 'tenant' | 'installation'
}

/** Reads what is there. */
export const VIEW: Access = { roles: ['viewer', 'analyst', 'admin'], reach: 'tenant' }
/** Judges alerts and holds them back. */
export const TRIAGE: Access = { roles: ['analyst', 'admin'], reach: 'tenant' }
/** Scores, and changes nothing. */
export const SCORE: Access = { roles: ROLES, reach: 'tenant' }
/** Brings events. */
export const BRING: Access = { roles: ['scorer', 'admin'], reach: 'tenant' }
/** Reads what concerns no tenant in particular. */
export const OPERATE: Access = { roles: ['viewer', 'analyst', 'admin'], reach: 'installation' }

/** Tries changes out on everything that is stored. */
export const TRY_OUT: Access = { roles: ['analyst', 'admin'], reach: 'installation' }
/** Decides for the whole installation. */
export const ADMINISTER: Access = { roles: ['admin'], reach: 'installation' }

/** What a route declares to be guarded by: spread into it. */
export function guarded(access: Access) {
  return { middleware: [guard(access)], security: [{ apiKey: [] as string[] }], 'x-keyhound-access': access }
}

/** Checks the key, the role and the tenant of a request, and then its rate. */
function guard({ roles, reach }: Access) {
  return createMiddleware<ServerEnv>(async (c, next) => {
    const { caller } = c.var
    if (caller === undefined) {
      throw new ProblemError(401, 'no-key', 'this needs an API key: Authorization: Bearer kh_...', {
        headers: { 'www-authenticate': 'Bearer realm="keyhound"' },
      })
    }
    if (!roles.includes(caller.role)) {
      throw new ProblemError(
        403,
        'role',
        `a key of role ${caller.role} may not do this; it takes ${roles.join(' or ')}`,
      )
    }
    if (reach === 'installation' && caller.tenantId !== null) {
      throw new ProblemError(403, 'tenant', 'this speaks of every tenant, and the key is bound to one')
    }
    await next()
  })
}

/** Where a browser keeps the id of its session. */
export const SESSION_COOKIE = 'keyhound_session'

/** Where the page logs in and out. */
export const SESSION_PATH = '/v1/session'

const BEARER = /^Bearer +(\S+)$/i
/** Names of this machine in a Host header: what a web page elsewhere cannot make a browser send. */
const LOCAL_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i

/**
 * The caller of a key; null for a wrong one. Wrong keys are counted by address, and an address that sent too many of them is refused
 * before the next key is looked up.
 */
export async function verifyKey(c: Context<ServerEnv>, key: string): Promise<Caller | null> {
  const { keys, wrongKeys, limits, clock } = c.var.services
  const address = addressOf(c)
  refuseSpent(limits.rate, wrongKeys.peek(address, performance.now()))
  const caller = await keys.verify(key, clock())
  if (caller === null) wrongKeys.take(address, performance.now())
  return caller
}

/** Finds out who makes a request: by key, by the session of the page, or, while there is no key at all, whoever sits at this machine. */
export const identify = createMiddleware<ServerEnv>(async (c, next) => {
  const { keys, sessions, clock } = c.var.services
  const cookie = getCookie(c, SESSION_COOKIE)
  const session = cookie === undefined ? null : sessions.find(cookie, clock())
  const header = c.req.header('authorization')
  if (header !== undefined) {
    const key = BEARER.exec(header)?.[1]
    const caller = await verifyKey(c, key ?? '')
    if (caller === null) {
      throw new ProblemError(401, 'bad-key', 'the API key is malformed, unknown or revoked', {
        headers: { 'www-authenticate': 'Bearer realm="keyhound", error="invalid_token"' },
      })
    }
    c.set('caller', caller)
  } else {
    // A key that is revoked ends what it opened.
    const caller = session === null ? null : await keys.find(session.keyId)
    if (caller !== null) {
      if (!isSafe(c.req.method) && c.req.header(PAGE_HEADER) === undefined) {
        const said = `a session changes things beside the header ${PAGE_HEADER} only`
        throw new ProblemError(403, 'not-the-page', said)
      }
      c.set('caller', caller)
    } else if (!(await keys.hasAny())) {
      if (!LOCAL_HOST.test(c.req.header('host') ?? '')) {
        throw new ProblemError(
          421,
          'host',
          'without API keys this server answers to the names of its own machine only',
        )
      }
      c.set('caller', LOCAL)
    }
  }
  await next()
})

/**
 * Refuses callers that ask too often and tells the others their remaining requests. Keys have a bucket each, callers without a key a
 * bucket for each address; a flood of other requests leaves the bucket of logins alone.
 */
export function limitRate({ limits }: Services) {
  const limiter = createRateLimiter(limits.rate)
  return createMiddleware<ServerEnv>(async (c, next) => {
    const { caller } = c.var
    const isLogin = c.req.method === 'POST' && c.req.path === SESSION_PATH
    const who = caller === undefined || isLogin ? `address ${addressOf(c)}` : (caller.keyId ?? caller.name)
    const verdict = limiter.take(isLogin ? `login ${who}` : who, performance.now())
    refuseSpent(limits.rate, verdict)
    await next()
    for (const [name, value] of Object.entries(rateHeaders(limits.rate, verdict)))
      c.res.headers.set(name, value)
  })
}

function refuseSpent(limit: RateLimit, verdict: RateVerdict): void {
  if (verdict.isAllowed) return
  const headers = rateHeaders(limit, verdict)
  throw new ProblemError(429, 'rate', `Too many requests. Try again in ${verdict.resetSeconds} s.`, {
    headers,
  })
}

/** A router whose validation problems are answered like all others, everything wrong at once. */
export function createRouter(): Router {
  return new OpenAPIHono<ServerEnv>({
    defaultHook: (result, c) => {
      if (result.success) return
      const errors = result.error.issues.map(issue => ({
        in: result.target,
        path: issue.path.join('.'),
        problem: issue.message,
      }))
      const said = errors
        .map(({ path, problem }) => (path === '' ? problem : `${path}: ${problem}`))
        .join('; ')
      const status = result.target === 'json' ? 422 : 400
      return answerProblem(c, new ProblemError(status, 'bad-request', said, { errors }))
    },
  })
}

const PROBLEM_CONTENT = { 'application/problem+json': { schema: Problem } }

/** Problems of every guarded route. */
const SHARED = [400, 401, 403, 429, 500, 503, 504] as const

/** The problems that a route may answer with, by status; what all guarded routes share is among them. */
export function problems<S extends number>(...statuses: S[]) {
  const all = [...new Set([...SHARED, ...statuses])]
  return Object.fromEntries(
    all.map(status => [status, { description: DESCRIPTIONS[status]!, content: PROBLEM_CONTENT }]),
  ) as Record<(typeof SHARED)[number] | S, { description: string; content: typeof PROBLEM_CONTENT }>
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is worded wrongly.',
  401: 'No API key, or not a valid one.',
  403: 'The key may not do this.',
  404: 'There is no such thing, or not for this key.',
  409: 'It stands against something that exists.',
  413: 'The body is too large.',
  415: 'The body is of a type that is not read here.',
  422: 'The content of the request cannot be used.',
  429: 'Too many requests; Retry-After says when to go on.',
  500: 'Something failed on our side.',
  503: 'Not ready, or a part that is needed does not answer.',
  504: 'It took too long.',
}
