import { recordAudit } from './audit.ts'
import { hasState, inTransaction, type State, type StatePlace, withState } from './state.ts'

/** What a person decided about one token following another. The newest decision about a pair holds. */
export interface LinkDecision {
  readonly tenantId: string
  /** The follower. */
  readonly tokenId: string
  readonly predecessorId: string
  /** False: they are apart, whatever is inferred. */
  readonly isLinked: boolean
  /** First request of the follower: from that day on the decision holds, and features are made again. */
  readonly since: Date
  readonly because: string
  readonly owner: string
  readonly at: Date
}

/** Records a decision; earlier ones are kept. */
export async function addLinkDecision(
  state: State,
  decision: LinkDecision,
  actor: string = decision.owner,
): Promise<void> {
  await inTransaction(state, async ({ db }) => {
    await db
      .insertInto('lineage_decisions')
      .values({
        tenant_id: decision.tenantId,
        token_id: decision.tokenId,
        predecessor_id: decision.predecessorId,
        is_linked: decision.isLinked ? 1 : 0,
        since: decision.since.getTime(),
        because: decision.because,
        owner: decision.owner,
        at: decision.at.getTime(),
      })
      .execute()
    const { tenantId, tokenId, predecessorId, because, owner, at } = decision
    await recordAudit(
      { db },
      {
        action: decision.isLinked ? 'lineage.link' : 'lineage.unlink',
        subject: `token:${tokenId}`,
        tenantId,
        details: { predecessorId, because, owner },
      },
      { actor, at },
    )
  })
}

/** Every decision, oldest first. */
export async function listLinkDecisions(state: State): Promise<LinkDecision[]> {
  const rows = await state.db.selectFrom('lineage_decisions').selectAll().orderBy('decision_id').execute()
  return rows.map(row => ({
    tenantId: row.tenant_id,
    tokenId: row.token_id,
    predecessorId: row.predecessor_id,
    isLinked: row.is_linked === 1,
    since: new Date(row.since),
    because: row.because,
    owner: row.owner,
    at: new Date(row.at),
  }))
}

/** The decisions in force in a workspace: the newest of each pair; of a token with two predecessors stated, the newest. */
export async function readLinkDecisions(workspace: StatePlace): Promise<LinkDecision[]> {
  return hasState(workspace) ? newest(await withState(workspace, listLinkDecisions)) : []
}

function newest(decisions: readonly LinkDecision[]): LinkDecision[] {
  const byPair = new Map<string, LinkDecision>()
  for (const one of decisions) {
    if (one.isLinked)
      for (const [key, other] of byPair)
        if (other.isLinked && other.tenantId === one.tenantId && other.tokenId === one.tokenId)
          byPair.delete(key)
    byPair.set(JSON.stringify([one.tenantId, one.tokenId, one.predecessorId]), one)
  }
  return [...byPair.values()]
}
