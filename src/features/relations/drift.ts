import type { Engine } from '../../sql/duckdb.ts'
import { DRIFT_METRICS, metricIndex } from '../metrics.ts'

/** Days of the recent past that slow drift is looked for in, and days before them that it is compared with. */
const RECENT_DAYS = 5
const LEAST_PAST_DAYS = 5

/** Allowance of the CUSUM in robust standard deviations: half the shift to be found (Page 1954; Montgomery's k = 1/2). */
const CUSUM_ALLOWANCE = 0.5

/** Smallest scale of a daily log1p total: below a third of a nat day-to-day changes are noise of small counts. */
const SCALE_FLOOR = 0.3

/** Tokens of a tenant from which their median says what the whole tenant does: of fewer, one drifting token would be half of it. */
export const LEAST_TENANT_TOKENS = 5

/**
 * `dr`: slow change of the token's daily totals, all from days before this one: `<metric>_cusum`, one-sided CUSUM of robust z
 * scores over the memory (the largest sum up to yesterday, whenever it began, or 0), and `<metric>_shift`, mean of the last 5 active days less the median before, in robust deviations.
 * Growth that half of the tenant's tokens share is taken off each day: a business grows, a thief grows alone.
 */
export async function createDrift(engine: Engine): Promise<void> {
  const wide = DRIFT_METRICS.flatMap(name => [
    `max(cusum) FILTER (metric = ${metricIndex(name)}) AS ${name}_cusum`,
    `max(shift) FILTER (metric = ${metricIndex(name)}) AS ${name}_shift`,
  ])
  await engine.run(`
CREATE OR REPLACE TEMP TABLE dr AS
WITH ranked AS (
  SELECT *, row_number() OVER (PARTITION BY tok, metric ORDER BY day DESC) AS back FROM inherited_daily
), scaled AS (
  SELECT tok, metric, median(x) AS centre, greatest(${SCALE_FLOOR}, 1.4826 * mad(x)) AS scale
  FROM ranked WHERE back > ${RECENT_DAYS} GROUP BY ALL HAVING count(*) >= ${LEAST_PAST_DAYS}
), own AS (
  SELECT tok, tenant, metric, day, back, least((x - centre) / scale, 4) AS z
  FROM ranked JOIN scaled USING (tok, metric) JOIN tokens USING (tok)
), common AS (
  SELECT tenant, metric, day, greatest(0, median(z)) AS z FROM own
  GROUP BY ALL HAVING count(*) >= ${LEAST_TENANT_TOKENS}
), z AS (
  SELECT own.tok, own.metric, own.back, own.z - coalesce(common.z, 0) AS z FROM own SEMI JOIN w USING (tok)
  LEFT JOIN common ON common.tenant = own.tenant AND common.metric = own.metric AND common.day = own.day
), sums AS (
  SELECT *, sum(z - ${CUSUM_ALLOWANCE}) OVER (PARTITION BY tok, metric ORDER BY back) AS since FROM z
), ends AS (
  SELECT tok, metric, greatest(0, max(since)) AS cusum, avg(z) FILTER (back <= ${RECENT_DAYS}) AS shift
  FROM sums GROUP BY ALL
)
SELECT tok, ${wide.join(', ')} FROM ends GROUP BY tok`)
}
