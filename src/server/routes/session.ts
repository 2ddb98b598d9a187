import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { ROLES } from '../../state/tables.ts'
import {
  createRouter,
  problems,
  type Router,
  SESSION_COOKIE,
  SESSION_PATH,
  type ServerEnv,
  VIEW,
  verifyKey,
} from '../access.ts'
import type { Caller } from '../caller.ts'
import { ProblemError } from '../problem.ts'
import { Moment, momentOf } from '../schemas.ts'
import type { Services } from '../services.ts'
import { SESSION_MS } from '../sessions.ts'

const Who = z
  .strictObject({
    name: z.string(),
    role: z.enum(ROLES),
    tenantId: z.string().nullable().openapi({ description: 'the only tenant that is seen; null for all' }),
  })
  .openapi('Who')

const SessionRecord = z
  .strictObject({
    who: Who.nullable().openapi({ description: 'null: nobody is logged in' }),
    isKeyNeeded: z.boolean().openapi({ description: 'false while there is no API key at all' }),
    until: Moment.nullable().openapi({ description: 'when the session ends by itself' }),
  })
  .openapi('Session')
type SessionRecord = z.infer<typeof SessionRecord>

const answered = (description: string) => ({
  200: { description, content: { 'application/json': { schema: SessionRecord } } },
})

const show = createRoute({
  method: 'get',
  path: SESSION_PATH,
  tags: ['session'],
  summary: 'Who is asking. Needs no key',
  responses: { ...answered('Who it is.'), ...problems() },
})

const open = createRoute({
  method: 'post',
  path: SESSION_PATH,
  tags: ['session'],
  summary: 'Log in to the page: an API key for a cookie that scripts cannot read',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ key: z.string().min(1).max(200) }) } },
    },
  },
  responses: { ...answered('The session; its id is in the cookie.'), ...problems(413, 415, 422) },
})

const close = createRoute({
  method: 'delete',
  path: SESSION_PATH,
  tags: ['session'],
  summary: 'Log out',
  responses: { ...answered('Nobody is logged in any more.'), ...problems() },
})

/**
 * Logging in. The key goes over the wire once; from then on the browser shows a random session id in a cookie that scripts cannot read
 * (HttpOnly), that is sent with requests of the page itself only (SameSite=Strict), and that counts for changes only beside a header
 * that other sites cannot add. A script that got into the page could thus act while it is open, but carry no key away.
 */
export function sessionRoutes({ keys, sessions, clock }: Services): Router {
  const needed = () => keys.hasAny()
  return createRouter()
    .openapi(show, async c => {
      const id = getCookie(c, SESSION_COOKIE)
      const session = id === undefined ? null : sessions.find(id, clock())
      const { caller } = c.var
      return c.json(recordOf(caller ?? null, await needed(), session?.until ?? null), 200)
    })
    .openapi(open, async c => {
      const { key } = c.req.valid('json')
      const now = clock()
      const caller = await verifyKey(c, key.trim())
      if (caller?.keyId == null) {
        throw new ProblemError(401, 'bad-key', 'the API key is malformed, unknown or revoked')
      }
      if (!VIEW.roles.includes(caller.role)) {
        const said = `a key of role ${caller.role} is for programs; the page takes ${VIEW.roles.join(', ')}`
        throw new ProblemError(403, 'role', said)
      }
      endSession(c, sessions)
      setCookie(c, SESSION_COOKIE, sessions.open(caller.keyId, now), {
        ...COOKIE,
        secure: isSecure(c),
        maxAge: SESSION_MS / 1000,
      })
      return c.json(recordOf(caller, true, now.getTime() + SESSION_MS), 200)
    })
    .openapi(close, async c => {
      endSession(c, sessions)
      return c.json(recordOf(null, await needed(), null), 200)
    })
}

const COOKIE = { path: '/v1', httpOnly: true, sameSite: 'Strict' } as const

function endSession(c: Context<ServerEnv>, sessions: Services['sessions']): void {
  const id = getCookie(c, SESSION_COOKIE)
  if (id === undefined) return
  sessions.close(id)
  deleteCookie(c, SESSION_COOKIE, { ...COOKIE, secure: isSecure(c) })
}

/** Behind a proxy that ends TLS the cookie must not go over plain HTTP either. */
function isSecure(c: Context): boolean {
  return c.req.header('x-forwarded-proto') === 'https' || new URL(c.req.url).protocol === 'https:'
}

function recordOf(caller: Caller | null, isKeyNeeded: boolean, until: number | null): SessionRecord {
  return {
    who: caller && { name: caller.name, role: caller.role, tenantId: caller.tenantId },
    isKeyNeeded,
    until: caller === null || until === null ? null : momentOf(new Date(until)),
  }
}
