import type { Engine } from '../../engine/duckdb.ts'

/** Days over which first-seen values are added up: a slow campaign spreads a few a day over a week or more. */
const BUDGET_DAYS = 7
const BUDGET_FACETS = ['operation', 'object', 'scope', 'asn', 'bigram'] as const

/**
 * `nb`: first-seen values of the last 7 days before this one against the token's earlier rate, by facet: (k - e) / sqrt(e + 1)
 * with k the count and e what the rate before leads to expect; null for tokens younger than the budget.
 */
export async function createNoveltyBudgets(engine: Engine, day: string): Promise<void> {
  const wide = BUDGET_FACETS.map(facet => `max(excess) FILTER (facet = '${facet}') AS ${facet}_budget`)
  await engine.run(`
CREATE OR REPLACE TEMP TABLE nb AS
WITH active AS (
  SELECT tok, count(DISTINCT day) FILTER (day >= DATE '${day}' - ${BUDGET_DAYS}) AS recent_days,
    count(DISTINCT day) FILTER (day < DATE '${day}' - ${BUDGET_DAYS}) AS past_days
  FROM inherited_novelty WHERE facet = '' GROUP BY tok
), fresh AS (
  SELECT tok, facet, sum(fresh) FILTER (day >= DATE '${day}' - ${BUDGET_DAYS}) AS recent,
    sum(fresh) FILTER (day < DATE '${day}' - ${BUDGET_DAYS}) AS past
  FROM inherited_novelty WHERE facet <> '' AND age >= 2 GROUP BY tok, facet
), excess AS (
  SELECT tok, facet, coalesce(past, 0) / past_days * recent_days AS expected,
    (coalesce(recent, 0) - expected) / sqrt(expected + 1) AS excess
  FROM fresh JOIN active USING (tok) WHERE past_days >= 5
)
SELECT tok, ${wide.join(', ')} FROM excess GROUP BY tok`)
}
