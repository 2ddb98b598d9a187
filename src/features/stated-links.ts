import type { Engine } from '../sql/duckdb.ts'
import type { LinkDecision } from '../state/lineage.ts'

/** Makes `stated_links` (tok, prev, is_linked, since): what people decided about who follows whom. */
export async function createStatedLinks(engine: Engine, decisions: readonly LinkDecision[]): Promise<void> {
  await engine.run(
    'CREATE OR REPLACE TEMP TABLE stated_links (tok UBIGINT, prev UBIGINT, is_linked BOOLEAN, since TIMESTAMP_MS)',
  )
  if (decisions.length === 0) return
  await engine.load('stated_input', {
    tenant_id: decisions.map(one => one.tenantId),
    token_id: decisions.map(one => one.tokenId),
    predecessor_id: decisions.map(one => one.predecessorId),
    is_linked: Float64Array.from(decisions, one => (one.isLinked ? 1 : 0)),
    since: Float64Array.from(decisions, one => one.since.getTime()),
  })
  await engine.run(`
INSERT INTO stated_links SELECT hash(tenant_id, token_id), hash(tenant_id, predecessor_id), is_linked > 0,
  epoch_ms(since::BIGINT)::TIMESTAMP_MS FROM stated_input;
DROP TABLE stated_input`)
}

/** What of the decisions the features of a day depend on, as text. */
export function decisionsBy(decisions: readonly LinkDecision[], day: string): string {
  const known = decisions.filter(one => one.since.toISOString().slice(0, 10) <= day)
  return JSON.stringify(known.map(one => [one.tenantId, one.tokenId, one.predecessorId, one.isLinked]).sort())
}
