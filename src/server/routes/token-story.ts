import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from '../../pipeline/context.ts'
import { LINK_STATUSES, lineageOf, listLineage } from '../../pipeline/lineage.ts'
import { ORIGIN_FACETS, tokenProfile } from '../../pipeline/token-story/profile.ts'
import { type KnownSubject, type Subject, storyPeriod } from '../../pipeline/token-story/subject.ts'
import { tokenTimeline } from '../../pipeline/token-story/timeline.ts'
import { openViews } from '../../pipeline/views.ts'
import { createRouter, guarded, problems, type Router, VIEW } from '../access.ts'
import type { Caller } from '../caller.ts'
import { ProblemError } from '../problem.ts'
import { AskedMoment, Moment, momentOf, momentOrNull } from '../schemas.ts'
import { type Services, withContext } from '../services.ts'

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } })
const Share = z.number().min(0).max(1)

const SubjectRecord = z
  .strictObject({
    tenantId: z.string(),
    tokenId: z.string(),
    principalId: z.string(),
    role: z.string().nullable(),
    kind: z.string().nullable(),
    createdAt: Moment.nullable(),
    from: Moment.openapi({ description: 'begin of the story, a midnight UTC' }),
    to: Moment.openapi({ description: 'end of the story, exclusive' }),
    firstHour: Moment.openapi({ description: 'first hour with traffic in the story' }),
    lastHour: Moment,
    requests: z.number(),
    peers: z.int().openapi({ description: 'other tokens of the same tenant and role' }),
  })
  .openapi('StorySubject')

const Timeline = z
  .strictObject({
    subject: SubjectRecord,
    hours: z
      .array(
        z.strictObject({
          start: Moment,
          requests: z.int(),
          denied: z.int().nullable(),
          responseBytes: z.number().nullable(),
          risk: z.number().min(0).max(100).nullable().openapi({ description: 'null: not scored' }),
          score: z.number().nullable(),
          reasons: z.array(z.strictObject({ code: z.string(), contribution: z.number() })),
        }),
      )
      .openapi({ description: 'hours with traffic, ascending' }),
    detectors: z.array(z.strictObject({ name: z.string(), nats: z.array(z.number().nullable()) })).openapi({
      description: 'calibrated surprise of each of the hours; detectors that never stirred left out',
    }),
    days: z.array(
      z.strictObject({
        day: z.string().openapi({ example: '2026-10-05' }),
        requests: z.number(),
        low: z.number().nullable().openapi({ description: '5th percentile of the 28 days before' }),
        median: z.number().nullable(),
        high: z.number().nullable().openapi({ description: '95th percentile' }),
        peerMedian: z.number().nullable().openapi({ description: 'of the peers active on the day' }),
        peerHigh: z.number().nullable().openapi({ description: '90th percentile' }),
      }),
    ),
    usualHours: z
      .array(
        z.strictObject({
          isWeekend: z.boolean(),
          hour: z.int().min(0).max(23).openapi({ description: 'UTC' }),
          low: z.number(),
          median: z.number(),
          high: z.number(),
        }),
      )
      .openapi({
        description: 'requests at an hour of the day: 5th, 50th, 95th percentile, alerted hours left out',
      }),
  })
  .openapi('TokenActivity')

const Profile = z
  .strictObject({
    subject: SubjectRecord,
    origins: z.array(
      z.strictObject({
        facet: z.enum(ORIGIN_FACETS),
        value: z.string(),
        name: z.string().nullable().openapi({ description: 'owner of an autonomous system' }),
        firstSeen: Moment,
        lastSeen: Moment,
        requests: z.number(),
        days: z.array(z.strictObject({ day: z.string(), n: z.number() })),
        peers: z.int().openapi({ description: 'peers seen with it' }),
      }),
    ),
    operations: z.array(
      z.strictObject({
        operation: z.string(),
        requests: z.number().openapi({ description: '0: usual in its cluster, not used by it' }),
        firstSeen: Moment.nullable(),
        lastSeen: Moment.nullable(),
        days: z.int(),
        peers: z.int(),
        clusterShare: Share.nullable().openapi({
          description: 'tokens of its permission cluster that use it',
        }),
        expected: Share.nullable().openapi({ description: 'probability that use by this token is normal' }),
      }),
    ),
    clock: z.strictObject({
      country: z.string().nullable().openapi({ description: 'with most of its requests' }),
      offsetHours: z.number().openapi({ description: 'its clock, ahead of UTC' }),
    }),
    cluster: z
      .strictObject({ number: z.int(), tokens: z.int(), clusters: z.int() })
      .nullable()
      .openapi({ description: 'permission cluster of the token; null for one that training did not see' }),
  })
  .openapi('TokenProfile')

const Lineage = z
  .strictObject({
    tokens: z.array(z.string()).openapi({ description: 'oldest first, itself among them' }),
    links: z.array(
      z.strictObject({
        tokenId: z.string(),
        predecessorId: z.string(),
        since: Moment,
        confidence: Share.nullable().openapi({ description: 'null: a person decided' }),
        reason: z.string(),
        status: z.enum(LINK_STATUSES),
        owner: z.string().nullable(),
      }),
    ),
  })
  .openapi('TokenLineage')

const TokenId = z.object({ tokenId: z.string().min(1) })
const StoryQuery = z.object({
  tenantId: z
    .string()
    .optional()
    .openapi({ description: 'needed where tokens of two tenants share the name' }),
  from: AskedMoment.optional().openapi({ description: 'by default 35 days before `to`' }),
  to: AskedMoment.optional().openapi({ description: 'by default the end of the activity' }),
})

const activity = createRoute({
  method: 'get',
  path: '/v1/tokens/{tokenId}/activity',
  tags: ['tokens'],
  summary: 'What a token did, hour by hour, beside what is usual for it and its peers',
  ...guarded(VIEW),
  request: { params: TokenId, query: StoryQuery },
  responses: { 200: { description: 'The activity.', content: json(Timeline) }, ...problems(404) },
})

const profile = createRoute({
  method: 'get',
  path: '/v1/tokens/{tokenId}/profile',
  tags: ['tokens'],
  summary: 'Where a token is used from and for what, beside its peers and its permission cluster',
  ...guarded(VIEW),
  request: { params: TokenId, query: StoryQuery },
  responses: { 200: { description: 'The profile.', content: json(Profile) }, ...problems(404) },
})

const lineage = createRoute({
  method: 'get',
  path: '/v1/tokens/{tokenId}/lineage',
  tags: ['tokens'],
  summary: 'Which tokens a token follows and is followed by',
  ...guarded(VIEW),
  request: { params: TokenId, query: StoryQuery.pick({ tenantId: true }) },
  responses: { 200: { description: 'The lineage.', content: json(Lineage) }, ...problems(404) },
})

export function tokenStoryRoutes(services: Services): Router {
  const { scorers, logger } = services
  /** Does work on the subject of a request, which the caller may see. Throws 404 where there is none. */
  const told = <T>(
    caller: Caller,
    asked: {
      tokenId: string
      tenantId?: string | undefined
      from?: string | undefined
      to?: string | undefined
    },
    work: (context: Context, subject: Subject) => Promise<T | null>,
  ): Promise<T> =>
    withContext(services, caller, async context => {
      const { tokenId, from, to } = asked
      const period = storyPeriod(context, {
        from: from === undefined ? undefined : new Date(from),
        to: to === undefined ? undefined : new Date(to),
      })
      const tenantId = period && (await tenantOf(context, caller, asked))
      const found = tenantId == null ? null : await work(context, { tenantId, tokenId, ...period! })
      if (found === null)
        throw new ProblemError(404, 'not-found', `there is no activity of a token ${tokenId}`)
      return found
    })
  return createRouter()
    .openapi(activity, async c => {
      const asked = { ...c.req.valid('param'), ...c.req.valid('query') }
      const found = await told(c.var.caller, asked, tokenTimeline)
      const hours = found.hours.map(hour => ({
        ...hour,
        start: momentOf(hour.start),
        reasons: [...hour.reasons],
      }))
      const detectors = found.detectors.map(({ name, nats }) => ({ name, nats: [...nats] }))
      const { days, usualHours } = found
      const subject = subjectOf(found.subject)
      return c.json({ subject, hours, detectors, days: [...days], usualHours: [...usualHours] }, 200)
    })
    .openapi(profile, async c => {
      const asked = { ...c.req.valid('param'), ...c.req.valid('query') }
      // A workspace without a model has activity all the same.
      const scorer = await scorers.of().catch(error => {
        logger.info({ err: error }, 'a profile without permission clusters')
        return null
      })
      const clusters = scorer?.model.detectors.clusters ?? null
      const found = await told(c.var.caller, asked, (context, subject) =>
        tokenProfile(context, subject, clusters),
      )
      return c.json(
        {
          subject: subjectOf(found.subject),
          origins: found.origins.map(one => ({
            ...one,
            days: [...one.days],
            firstSeen: momentOf(one.firstSeen),
            lastSeen: momentOf(one.lastSeen),
          })),
          operations: found.operations.map(one => ({
            ...one,
            firstSeen: momentOrNull(one.firstSeen),
            lastSeen: momentOrNull(one.lastSeen),
          })),
          clock: found.clock,
          cluster: found.cluster,
        },
        200,
      )
    })
    .openapi(lineage, async c => {
      const asked = { ...c.req.valid('param'), ...c.req.valid('query') }
      const found = await told(c.var.caller, asked, async (context, { tenantId, tokenId }) => {
        if (!(await tenantsOf(context, tokenId)).includes(tenantId)) return null
        const links = (await listLineage(context)).filter(link => link.tenantId === tenantId)
        const tokens = lineageOf(links, tokenId)
        const touching = links.filter(link => tokens.includes(link.tokenId) || link.predecessorId === tokenId)
        return { tokens, links: touching }
      })
      const links = found.links.map(({ tenantId: _, principalId: __, ...link }) => ({
        ...link,
        since: momentOf(link.since),
      }))
      return c.json({ tokens: found.tokens, links }, 200)
    })
}

/** The tenant whose token is meant; null where the caller sees none. Throws 400 where it could be several. */
async function tenantOf(
  context: Context,
  caller: Caller,
  { tokenId, tenantId }: { tokenId: string; tenantId?: string | undefined },
): Promise<string | null> {
  if (caller.tenantId !== null) {
    return tenantId === undefined || tenantId === caller.tenantId ? caller.tenantId : null
  }
  if (tenantId !== undefined) return tenantId
  const found = await tenantsOf(context, tokenId)
  if (found.length > 1) {
    const said = `${tokenId} is a token of ${found.join(', ')}; say which with tenantId`
    throw new ProblemError(400, 'bad-request', said)
  }
  return found[0] ?? null
}

/** The tenants that have a token of a name. */
async function tenantsOf({ engine, workspace }: Context, tokenId: string): Promise<string[]> {
  await openViews(engine, workspace)
  const found = await engine.rows<{ tenant: string }>(
    'SELECT DISTINCT tenant_id AS tenant FROM activity WHERE token_id = $tokenId ORDER BY tenant',
    { tokenId },
  )
  return found.map(({ tenant }) => tenant)
}

function subjectOf({
  createdAt,
  from,
  to,
  firstHour,
  lastHour,
  ...rest
}: KnownSubject): z.infer<typeof SubjectRecord> {
  return {
    ...rest,
    createdAt: momentOrNull(createdAt),
    from: momentOf(from),
    to: momentOf(to),
    firstHour: momentOf(firstHour),
    lastHour: momentOf(lastHour),
  }
}
