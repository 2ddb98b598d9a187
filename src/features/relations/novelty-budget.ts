import type { Engine } from '../../sql/duckdb.ts'
import { LEAST_TENANT_TOKENS } from './drift.ts'

/** Days over which first-seen values are added up: a slow campaign spreads a few a day over a week or more. */
const BUDGET_DAYS = 7
const BUDGET_FACETS = ['operation', 'object', 'scope', 'asn', 'bigram'] as const

/**
 * `nb`: first-seen values of the last 7 days before this one against the token's earlier rate, by facet: (k - e) / sqrt(e + 1)
 * with k the count and e what the rate before leads to expect; null for tokens younger than the budget. What half of
 * the tenant's tokens show beyond their rates is expected of each: a release comes to all.
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
), settled AS (
  SELECT tok, tenant, past_days, recent_days FROM active JOIN tokens USING (tok) WHERE past_days >= 5
), common AS (
  SELECT tenant, facet, greatest(0, median(coalesce(recent, 0) - coalesce(past, 0) / past_days * recent_days)) AS recent
  FROM (SELECT * FROM settled, (VALUES ${BUDGET_FACETS.map(facet => `('${facet}')`).join(', ')}) facets(facet))
  LEFT JOIN fresh USING (tok, facet) WHERE recent_days > 0 GROUP BY ALL HAVING count(*) >= ${LEAST_TENANT_TOKENS}
), excess AS (
  SELECT tok, facet, coalesce(past, 0) / past_days * recent_days + coalesce(c.recent, 0) AS expected,
    (coalesce(fresh.recent, 0) - expected) / sqrt(expected + 1) AS excess
  FROM fresh JOIN settled USING (tok) LEFT JOIN common c USING (tenant, facet)
)
SELECT tok, ${wide.join(', ')} FROM excess GROUP BY tok`)
}
