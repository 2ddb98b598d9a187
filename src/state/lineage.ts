import { hasState, type State, withState } from './state.ts'

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
export async function addLinkDecision(state: State, decision: LinkDecision): Promise<void> {
  await state.client.execute({
    sql: `INSERT INTO lineage_decisions (tenant_id, token_id, predecessor_id, is_linked, since, because, owner, at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    args: [
      decision.tenantId,
      decision.tokenId,
      decision.predecessorId,
      decision.isLinked ? 1 : 0,
      decision.since.getTime(),
      decision.because,
      decision.owner,
      decision.at.getTime(),
    ],
  })
}

/** Every decision, oldest first. */
export async function listLinkDecisions(state: State): Promise<LinkDecision[]> {
  const { rows } = await state.client.execute('SELECT * FROM lineage_decisions ORDER BY decision_id')
  return rows.map(row => ({
    tenantId: String(row.tenant_id),
    tokenId: String(row.token_id),
    predecessorId: String(row.predecessor_id),
    isLinked: Number(row.is_linked) === 1,
    since: new Date(Number(row.since)),
    because: String(row.because),
    owner: String(row.owner),
    at: new Date(Number(row.at)),
  }))
}

/** The decisions in force in a workspace: the newest of each pair; of a token with two predecessors stated, the newest. */
export async function readLinkDecisions(workspace: { readonly stateFile: string }): Promise<LinkDecision[]> {
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
