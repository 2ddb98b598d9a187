import type { Engine } from '../../sql/duckdb.ts'
import { facetSql } from './values.ts'

/** Facets whose surprise is added up over the day: what one hour shows faintly, a day of it shows plainly. */
export const SO_FAR_FACETS = ['operation', 'bigram', 'scope', 'net'] as const

/** Pseudo-hours and pseudo-requests without surprise that a day begins with: the first strange one is not yet a strange day. */
const CALM_HOURS = 2
const CALM_REQUESTS = 3

/**
 * `sf`: surprise of the day from midnight UTC up to and including the hour: `hour`, mean over the token's hours; a column a
 * facet, sum over requests by the square root of their number, as sums of independent deviations grow (Stouffer's method).
 */
export async function createSoFar(engine: Engine): Promise<void> {
  const sums = SO_FAR_FACETS.map(
    facet =>
      `sum(w.requests * coalesce(${facetSql(facet, 'mean_surprise')}, 0)) OVER so_far / sqrt(sum(w.requests) OVER so_far + ${CALM_REQUESTS}) AS ${facet}`,
  )
  await engine.run(`
CREATE OR REPLACE TEMP TABLE sf AS
SELECT w.tok, w.window_start,
  sum(coalesce(hx.hour_surprise, 0)) OVER so_far / (count(*) OVER so_far + ${CALM_HOURS}) AS hour,
  ${sums.join(',\n  ')}
FROM w LEFT JOIN fx USING (tok, window_start) LEFT JOIN hx USING (tok, window_start)
WINDOW so_far AS (PARTITION BY w.tok ORDER BY w.window_start ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`)
}
