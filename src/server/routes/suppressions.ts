import { createRoute, z } from '@hono/zod-openapi'
import {
  addSuppression,
  listSuppressions,
  removeSuppression,
  type Suppression,
} from '../../state/suppressions.ts'
import { createRouter, guarded, problems, type Router, TRIAGE, VIEW } from '../access.ts'
import { actorOf, type Caller, sees } from '../caller.ts'
import { PageQuery, pageOf, paginate } from '../pages.ts'
import { ProblemError } from '../problem.ts'
import { Moment, momentOf } from '../schemas.ts'
import type { Services } from '../services.ts'

const DAY_MS = 86_400_000
/** A suppression without an end would hide the next theft of the same token. */
const MOST_DAYS = 365

const Scope = {
  tenantId: z.string().nullable(),
  principalId: z.string().nullable(),
  tokenId: z.string().nullable(),
  operation: z.string().nullable(),
  reasonCode: z.string().nullable(),
}

const SuppressionRecord = z
  .strictObject({
    suppressionId: z.int(),
    ...Scope,
    because: z.string(),
    owner: z.string(),
    createdAt: Moment,
    expiresAt: Moment,
    hits: z.int().openapi({ description: 'alerts held back so far' }),
  })
  .openapi('Suppression')

const NewSuppression = z
  .strictObject({
    ...z.object(Scope).partial().shape,
    because: z.string().min(1).max(4000).openapi({ description: 'why it is benign' }),
    days: z.int().min(1).max(MOST_DAYS).optional().openapi({
      description: 'how long; by default as the configuration says',
    }),
  })
  .openapi('NewSuppression')

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } })

const list = createRoute({
  method: 'get',
  path: '/v1/suppressions',
  tags: ['suppressions'],
  summary: 'Suppressions, newest first, expired ones included',
  ...guarded(VIEW),
  request: { query: PageQuery },
  responses: {
    200: { description: 'A page of suppressions.', content: json(pageOf(SuppressionRecord)) },
    ...problems(422),
  },
})

const create = createRoute({
  method: 'post',
  path: '/v1/suppressions',
  tags: ['suppressions'],
  summary: 'Hold back alike alerts, for a time; every field of the scope that is given must match',
  ...guarded(TRIAGE),
  request: { body: { required: true, content: json(NewSuppression) } },
  responses: {
    201: { description: 'The suppression.', content: json(SuppressionRecord) },
    ...problems(413, 415, 422),
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/v1/suppressions/{suppressionId}',
  tags: ['suppressions'],
  summary: 'End a suppression',
  ...guarded(TRIAGE),
  request: { params: z.object({ suppressionId: z.coerce.number().int().min(1) }) },
  responses: { 204: { description: 'It is ended.' }, ...problems(404) },
})

export function suppressionRoutes({ state, clock, config }: Services): Router {
  const visible = async (caller: Caller) =>
    (await listSuppressions(state)).filter(one => sees(caller, one.tenantId))
  return createRouter()
    .openapi(list, async c => {
      const page = paginate(await visible(c.var.caller), one => [-one.suppressionId], c.req.valid('query'))
      return c.json({ ...page, items: page.items.map(recordOf) }, 200)
    })
    .openapi(create, async c => {
      const { caller } = c.var
      const { because, days = config.alerts.suppressionDays, ...scope } = c.req.valid('json')
      // Also of a key that is bound: its tenant alone would hide every alert that it sees.
      if (Object.values(scope).every(value => value == null)) {
        throw new ProblemError(
          422,
          'bad-input',
          'say what must match: tenantId, principalId, tokenId, operation or reasonCode',
        )
      }
      const tenantId = scope.tenantId ?? caller.tenantId
      if (!sees(caller, tenantId)) {
        throw new ProblemError(403, 'tenant', 'the key is bound to another tenant')
      }
      const at = clock()
      const id = await addSuppression(
        state,
        {
          ...scope,
          tenantId,
          because,
          owner: caller.name,
          createdAt: at,
          expiresAt: new Date(at.getTime() + days * DAY_MS),
        },
        actorOf(caller),
      )
      const added = (await visible(caller)).find(one => one.suppressionId === id)!
      return c.json(recordOf(added), 201)
    })
    .openapi(remove, async c => {
      const { suppressionId } = c.req.valid('param')
      const found = (await visible(c.var.caller)).some(one => one.suppressionId === suppressionId)
      const by = { actor: actorOf(c.var.caller), at: clock() }
      if (!found || !(await removeSuppression(state, suppressionId, by))) {
        throw new ProblemError(404, 'not-found', `there is no suppression ${suppressionId}`)
      }
      return c.body(null, 204)
    })
}

function recordOf({ createdAt, expiresAt, ...rest }: Suppression): z.infer<typeof SuppressionRecord> {
  return { ...rest, createdAt: momentOf(createdAt), expiresAt: momentOf(expiresAt) }
}
