import type { Engine } from '../../engine/duckdb.ts'
import { METRICS, metricIndex } from '../metrics.ts'
import { FEATURE_PARAMETERS as P } from '../parameters.ts'
import { facetSql } from './values.ts'

/** Histogram bin of a non-negative number: quarter octaves of 1 + x, so bin 0 is zero and a bin is 19 % wide. */
export const binSql = (x: string) => `floor(4 * log2(1 + greatest(${x}, 0)))::SMALLINT`

/**
 * `dx`: running totals since midnight that need the facet statistics. `long`: every metric of every token-hour, named by its
 * index in METRICS (a number joins and sorts faster than its name, and `tl` turns it into a place in a list: a pivot by 40
 * filtered aggregates took nine tenths of the stage).
 */
async function createLong(engine: Engine): Promise<void> {
  const values = METRICS.map(metric => `(${metric.sql})::DOUBLE`).join(', ')
  await engine.run(`
CREATE OR REPLACE TEMP TABLE dx AS
SELECT w.tok, w.window_start, sum(${facetSql('operation', 'fresh')}) OVER so_far AS fresh_operations,
  sum(fx.objects_foreign) OVER so_far AS foreign_objects, sum(fx.objects) OVER so_far AS objects
FROM w LEFT JOIN fx USING (tok, window_start)
WINDOW so_far AS (PARTITION BY w.tok ORDER BY w.window_start ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

CREATE OR REPLACE TEMP TABLE long AS
SELECT *, ${binSql('x')} AS bin FROM (
  SELECT w.tok, w.window_start, w.peer, unnest(range(0, ${METRICS.length}))::SMALLINT AS metric,
    unnest([${values}]) AS x
  FROM w LEFT JOIN fx USING (tok, window_start) LEFT JOIN dx USING (tok, window_start))`)
}

/**
 * `tl`: for each token-hour and metric the surprise -ln P(X >= x) under the token's own histogram, drawn to its peers' and to
 * everyone's by `tailShrinkHours` pseudo-hours; the excess in octaves above the 95th percentile; the typical value (median).
 * One list of records a token-hour; {@link metricSql} reads one field of one metric.
 */
export async function createTails(engine: Engine): Promise<void> {
  await createLong(engine)
  const k = P.tailShrinkHours
  await engine.run(`
CREATE OR REPLACE TEMP TABLE hist AS
SELECT l.tok, t.peer, l.metric, l.bin, sum(l.n)::DOUBLE AS n FROM log_tails l JOIN tokens t USING (tok) GROUP BY ALL;
${cumulative('hist_token', 'tok')}
${cumulative('hist_peer', 'peer')}
${cumulative('hist_all', '')}
CREATE OR REPLACE TEMP TABLE tails AS
SELECT l.tok, l.window_start, l.metric, l.x, l.bin,
  coalesce(ht.n_above, 0) AS token_above, coalesce(nt.n, 0) AS token_n, nt.p50 AS token_p50, nt.p95 AS token_p95,
  coalesce(hp.n_above, 0) AS peer_above, coalesce(np.n, 0) AS peer_n, np.p50 AS peer_p50, np.p95 AS peer_p95,
  coalesce(ha.n_above, 0) AS all_above, coalesce(na.n, 0) AS all_n
FROM long l
ASOF LEFT JOIN hist_token ht ON ht.tok = l.tok AND ht.metric = l.metric AND l.bin <= ht.bin
ASOF LEFT JOIN hist_peer hp ON hp.peer = l.peer AND hp.metric = l.metric AND l.bin <= hp.bin
ASOF LEFT JOIN hist_all ha ON ha.metric = l.metric AND l.bin <= ha.bin
LEFT JOIN hist_token_total nt ON nt.tok = l.tok AND nt.metric = l.metric
LEFT JOIN hist_peer_total np ON np.peer = l.peer AND np.metric = l.metric
LEFT JOIN hist_all_total na ON na.metric = l.metric;

CREATE OR REPLACE TEMP TABLE tl AS
SELECT tok, window_start, list({surprise: surprise, excess: excess, typical: typical, actual: x} ORDER BY metric) AS m
FROM (
  SELECT *, -ln(least(1, (token_above + ${k} * (peer_above + ${k} * (all_above + 0.5) / (all_n + 1)) / (peer_n + ${k})) / (token_n + ${k}))) AS surprise,
    (bin - (token_n * coalesce(token_p95, 0) + ${k} * coalesce(peer_p95, token_p95, 0)) / (token_n + ${k})) / 4 AS excess,
    pow(2, coalesce(CASE WHEN token_n >= ${k} THEN token_p50 END, peer_p50, token_p50) / 4) - 1 AS typical
  FROM tails)
GROUP BY tok, window_start;
DROP TABLE tails`)
}

/** Per key and metric: events at or above each bin, total, and bins of the median and the 95th percentile. */
function cumulative(table: string, key: string): string {
  const keys = key === '' ? 'metric' : `${key}, metric`
  return `
CREATE OR REPLACE TEMP TABLE ${table} AS
SELECT ${keys}, bin, sum(sum(n)) OVER (PARTITION BY ${keys} ORDER BY bin DESC) AS n_above,
  sum(sum(n)) OVER (PARTITION BY ${keys} ORDER BY bin) AS n_below FROM hist GROUP BY ${keys}, bin;
CREATE OR REPLACE TEMP TABLE ${table}_total AS
SELECT ${keys}, max(n_below) AS n, min(bin) FILTER (n_below >= 0.5 * total) AS p50, min(bin) FILTER (n_below >= 0.95 * total) AS p95
FROM (SELECT *, max(n_below) OVER (PARTITION BY ${keys}) AS total FROM ${table}) GROUP BY ${keys};`
}

/** Reads a field of a metric from `tl`. */
export function metricSql(name: string, field: 'surprise' | 'excess' | 'typical' | 'actual'): string {
  return `tl.m[${metricIndex(name) + 1}].${field}`
}
