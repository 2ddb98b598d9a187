import { ensureFacets } from '../../engine/facets.ts'
import { COUNT_COLUMNS, FACET_COLUMNS, WINDOW_KEY } from '../../schema/activity.ts'
import { SCORE_COLUMNS } from '../../schema/scores.ts'
import { DETECTOR_NAMES } from '../../scoring/score-windows.ts'
import { createView, dayOf, listDays } from '../../sql/workspace.ts'
import type { Context } from '../context.ts'

/** Days that a story tells when it is not said: five weeks hold a month beside the week that stands out. */
export const STORY_DAYS = 35
/** Days of history behind each band: four of every weekday. */
export const BAND_DAYS = 28

const DAY_MS = 86_400_000

/** Whose story is told, over which UTC days. */
export interface Subject {
  readonly tenantId: string
  readonly tokenId: string
  /** UTC, inclusive: a midnight. */
  readonly from: Date
  /** UTC, exclusive: a midnight. */
  readonly to: Date
}

/** A token with what it is known as on its last day. */
export interface KnownSubject extends Subject {
  readonly principalId: string
  readonly role: string | null
  readonly kind: string | null
  readonly createdAt: Date | null
  /** First and last hour of the story with traffic. */
  readonly firstHour: Date
  readonly lastHour: Date
  readonly requests: number
  /** Tokens of the same tenant and role, itself left out. */
  readonly peers: number
}

/** The UTC days of a story; by default the last {@link STORY_DAYS} with activity. Null for a workspace without activity. */
export function storyPeriod(
  { workspace }: Pick<Context, 'workspace'>,
  { from, to }: { from?: Date | undefined; to?: Date | undefined },
): { from: Date; to: Date } | null {
  const last = listDays(workspace.events).at(-1)
  if (last === undefined) return null
  const end = to === undefined ? Date.parse(last) + DAY_MS : midnightAfter(to)
  const begin = from === undefined ? end - STORY_DAYS * DAY_MS : Date.parse(dayOf(from))
  return { from: new Date(begin), to: new Date(end) }
}

function midnightAfter(time: Date): number {
  return Math.ceil(time.getTime() / DAY_MS) * DAY_MS
}

/** Opens views `activity`, `facets` and `scores` on the days of a story, with `before` days of history. */
async function openStory(
  { engine, workspace }: Context,
  { from, to }: Pick<Subject, 'from' | 'to'>,
  before: number,
): Promise<void> {
  const days: string[] = []
  for (let at = from.getTime() - before * DAY_MS; at < to.getTime(); at += DAY_MS)
    days.push(dayOf(new Date(at)))
  const detectors = DETECTOR_NAMES.map(name => ({ name: `detector_${name}`, type: 'DOUBLE', doc: '' }))
  await createView(engine, 'activity', workspace.activity, [...WINDOW_KEY, ...COUNT_COLUMNS], days)
  await ensureFacets(engine, workspace, days)
  await createView(engine, 'facets', workspace.facets, FACET_COLUMNS, days)
  await createView(engine, 'scores', workspace.scores, [...SCORE_COLUMNS, ...detectors], days)
}

/**
 * Opens views `facets` and `scores` on the days of a story, and reads the activity of the tenant, with `before` days of history, once: table
 * `story` (token_id, principal_id, window_start, requests, denied, response_bytes, peer, ...) has the token and its peers, table `peers`
 * (token_id) the latter. Peers share tenant and role (or kind), as the features take it. Null for a token without traffic in the period.
 */
export async function loadStory(
  context: Context,
  subject: Subject,
  before: number,
): Promise<KnownSubject | null> {
  const { engine } = context
  const { tenantId, tokenId, from } = subject
  await openStory(context, subject, before)
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE story AS SELECT token_id, principal_id, window_start, requests, denied, response_bytes, role, token_kind,
       token_created_at, coalesce(role, token_kind, '') AS peer FROM activity WHERE tenant_id = $tenantId`,
    { tenantId },
  )
  const [found] = await engine.rows<Omit<KnownSubject, keyof Subject | 'peers'> & { hours: number }>(
    `SELECT arg_max(principal_id, window_start) AS "principalId", arg_max(role, window_start) AS role,
       arg_max(token_kind, window_start) AS kind, min(token_created_at) AS "createdAt",
       min(window_start) AS "firstHour", max(window_start) AS "lastHour", sum(requests)::DOUBLE AS requests, count(*) AS hours
     FROM story WHERE token_id = $tokenId AND window_start >= ${sqlTime(from)}`,
    { tokenId },
  )
  if (found === undefined || found.hours === 0) return null
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE peers AS SELECT token_id FROM story GROUP BY token_id
     HAVING token_id <> $tokenId AND arg_max(peer, window_start) = (SELECT arg_max(peer, window_start) FROM story WHERE token_id = $tokenId)`,
    { tokenId },
  )
  const [{ n }] = (await engine.rows<{ n: number }>('SELECT count(*) AS n FROM peers')) as [{ n: number }]
  const { hours: _, ...known } = found
  return { ...subject, ...known, peers: n }
}

/** A moment as SQL. */
export const sqlTime = (time: Date): string =>
  `TIMESTAMP '${time.toISOString().slice(0, 19).replace('T', ' ')}'`
