import { readTold } from '../engine/history-files.ts'
import { KeyhoundError } from '../lib/errors.ts'
import { COUNT_COLUMNS, WINDOW_KEY } from '../schema/activity.ts'
import type { Engine } from '../sql/duckdb.ts'
import { createView, listDays } from '../sql/workspace.ts'
import { addLinkDecision, type LinkDecision, readLinkDecisions } from '../state/lineage.ts'
import { withState } from '../state/state.ts'
import type { Context } from './context.ts'

/** `linked`: in force; `withdrawn`: the predecessor went on; `unlinked`: undone by a person. */
export const LINK_STATUSES = ['linked', 'withdrawn', 'unlinked'] as const

/** One token following another. */
export interface LineageLink {
  readonly tenantId: string
  readonly principalId: string
  readonly tokenId: string
  readonly predecessorId: string
  /** First request of the follower. */
  readonly since: Date
  /** 0 to 1; null where a person decided. */
  readonly confidence: number | null
  readonly reason: string
  readonly status: (typeof LINK_STATUSES)[number]
  /** Who decided; null where nobody did. */
  readonly owner: string | null
}

/** Every link that was inferred or decided, the latest first. Decisions show at once; features follow at the next scoring. */
export async function listLineage(context: Context): Promise<LineageLink[]> {
  const { engine, workspace } = context
  const decisions = await readLinkDecisions(workspace)
  const key = (link: { tenantId: string; tokenId: string; predecessorId: string }) =>
    JSON.stringify([link.tenantId, link.tokenId, link.predecessorId])
  const decided = new Set(decisions.map(key))
  const overruled = new Set(
    decisions.filter(one => one.isLinked).map(one => JSON.stringify([one.tenantId, one.tokenId])),
  )
  const inferred = (await inferredLinks(context)).filter(
    link => !decided.has(key(link)) && !overruled.has(JSON.stringify([link.tenantId, link.tokenId])),
  )
  const principals = await principalsOf(engine, context, decisions)
  const stated = decisions.map(
    (one): LineageLink => ({
      tenantId: one.tenantId,
      principalId: principals.get(JSON.stringify([one.tenantId, one.tokenId])) ?? '',
      tokenId: one.tokenId,
      predecessorId: one.predecessorId,
      since: one.since,
      confidence: null,
      reason: one.because,
      status: one.isLinked ? 'linked' : 'unlinked',
      owner: one.owner,
    }),
  )
  return [...inferred, ...stated].sort(
    (a, b) => b.since.getTime() - a.since.getTime() || (a.tokenId < b.tokenId ? -1 : 1),
  )
}

/** The tokens of a token's lineage, oldest first, itself among them: along the links in force. */
export function lineageOf(links: readonly LineageLink[], tokenId: string): string[] {
  const inForce = links.filter(link => link.status === 'linked')
  const chain = [tokenId]
  const add = (next: string | undefined, place: 'push' | 'unshift') => {
    if (next === undefined || chain.includes(next)) return false
    chain[place](next)
    return true
  }
  while (add(inForce.find(link => link.tokenId === chain[0])?.predecessorId, 'unshift')) {}
  while (add(inForce.find(link => link.predecessorId === chain.at(-1))?.tokenId, 'push')) {}
  return chain
}

/** Records that a token follows another, or that it does not. Throws `not-found` for tokens without traffic, `usage` for other tenants' or a circle. */
export async function decideLink(
  context: Context,
  decision: Pick<LinkDecision, 'tokenId' | 'predecessorId' | 'isLinked' | 'because' | 'owner'>,
): Promise<LinkDecision> {
  const [token, predecessor] = await firstUses(context, [decision.tokenId, decision.predecessorId])
  if (token!.tenantId !== predecessor!.tenantId)
    throw new KeyhoundError(
      'usage',
      `${decision.tokenId} is of tenant ${token!.tenantId}, ${decision.predecessorId} of ${predecessor!.tenantId}: a lineage stays in one tenant`,
    )
  if (predecessor!.first >= token!.first)
    throw new KeyhoundError(
      'usage',
      `${decision.predecessorId} was first used ${predecessor!.first.toISOString()}, not before ${decision.tokenId} (${token!.first.toISOString()}): a predecessor comes first`,
    )
  const full: LinkDecision = { ...decision, tenantId: token!.tenantId, since: token!.first, at: context.now }
  await withState(context.workspace, state => addLinkDecision(state, full, context.actor))
  return full
}

async function inferredLinks({ engine, workspace }: Context): Promise<LineageLink[]> {
  const links = listDays(workspace.features).flatMap(day => readTold(workspace, day).links)
  if (links.length === 0) return []
  await viewActivity(engine, workspace.activity)
  await engine.load('told_links', {
    kind: links.map(link => link.kind),
    tenant_id: links.map(link => link.tenantId),
    token_id: links.map(link => link.tokenId),
    previous_id: links.map(link => link.previousId),
    since: Float64Array.from(links, link => link.since),
    confidence: Float64Array.from(links, link => link.confidence ?? Number.NaN),
    reason: links.map(link => link.reason),
  })
  return engine.rows<LineageLink>(`
WITH principals AS (
  SELECT tenant_id, token_id, arg_min(principal_id, window_start) AS principal_id
  FROM lineage_activity GROUP BY tenant_id, token_id
)
SELECT l.tenant_id AS "tenantId", p.principal_id AS "principalId", l.token_id AS "tokenId", l.previous_id AS "predecessorId",
  epoch_ms(l.since::BIGINT)::TIMESTAMP_MS AS since, l.confidence, concat(l.reason, '; ' || x.reason) AS reason,
  CASE WHEN x.kind IS NULL THEN 'linked' ELSE 'withdrawn' END AS status, NULL AS owner
FROM told_links l JOIN principals p USING (tenant_id, token_id)
LEFT JOIN told_links x ON x.kind = 'withdrawn' AND x.tenant_id = l.tenant_id AND x.token_id = l.token_id AND x.since = l.since
WHERE l.kind = 'linked'`)
}

async function principalsOf(
  engine: Engine,
  { workspace }: Context,
  decisions: readonly LinkDecision[],
): Promise<Map<string, string>> {
  if (decisions.length === 0) return new Map()
  await viewActivity(engine, workspace.activity)
  const rows = await engine.rows<{ tenant_id: string; token_id: string; principal_id: string }>(
    'SELECT tenant_id, token_id, arg_min(principal_id, window_start) AS principal_id FROM lineage_activity GROUP BY ALL',
  )
  return new Map(rows.map(row => [JSON.stringify([row.tenant_id, row.token_id]), row.principal_id]))
}

async function firstUses(
  { engine, workspace }: Context,
  tokens: readonly string[],
): Promise<{ tenantId: string; first: Date }[]> {
  await viewActivity(engine, workspace.activity)
  const uses: { tenantId: string; first: Date }[] = []
  for (const token of tokens) {
    const found = await engine.rows<{ tenantId: string; first: Date }>(
      'SELECT tenant_id AS "tenantId", min(first_time) AS first FROM lineage_activity WHERE token_id = $token GROUP BY tenant_id ORDER BY first',
      { token },
    )
    if (found.length === 0)
      throw new KeyhoundError(
        'not-found',
        `there is no traffic of a token ${token} in ${workspace.activity}; ids are those of \`keyhound query\`, raw tokens go through \`keyhound hash\``,
      )
    uses.push(found[0]!)
  }
  return uses
}

function viewActivity(engine: Engine, folder: string): Promise<void> {
  return createView(engine, 'lineage_activity', folder, [...WINDOW_KEY, ...COUNT_COLUMNS])
}
