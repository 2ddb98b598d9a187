import { dropTables, type Engine } from '../../sql/duckdb.ts'
import { METRICS, metricIndex } from '../metrics.ts'
import { FEATURE_PARAMETERS as P } from '../parameters.ts'
import { facetSql } from './values.ts'

/** Histogram bin of a non-negative number: quarter octaves of 1 + x, so bin 0 is zero and a bin is 19 % wide. */
const binSql = (x: string) => `floor(4 * log2(1 + greatest(${x}, 0)))::SMALLINT`

/**
 * `dx`: running totals since midnight that need the facet statistics. `long`: the metrics of every token-hour that are not
 * zero, named by their index in METRICS. Zeros are most of the table and surprise nobody: P(X >= 0) = 1.
 */
async function createLong(engine: Engine): Promise<void> {
  const values = METRICS.map(metric => `(${metric.sql})::DOUBLE`).join(', ')
  await engine.run(`
CREATE OR REPLACE TEMP TABLE dx AS
SELECT w.tok, w.window_start, sum(${facetSql('operation', 'fresh')}) OVER so_far AS fresh_operations,
  sum(fx.objects_foreign) OVER so_far AS foreign_objects, sum(fx.objects) OVER so_far AS objects,
  sum(fx.objects_fresh_requests) OVER so_far AS fresh_object_requests
FROM w LEFT JOIN fx USING (tok, window_start)
WINDOW so_far AS (PARTITION BY w.tok ORDER BY w.window_start ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

CREATE OR REPLACE TEMP TABLE long AS
SELECT *, ${binSql('x')} AS bin FROM (
  SELECT w.tok, w.window_start, w.peer, unnest(range(0, ${METRICS.length}))::SMALLINT AS metric,
    unnest([${values}]) AS x
  FROM w LEFT JOIN fx USING (tok, window_start) LEFT JOIN dx USING (tok, window_start))
WHERE x > 0`)
}

/**
 * `tl`: for each token-hour and metric above zero the surprise -ln P(X >= x) under the token's own histogram, drawn to its
 * peers' and to everyone's by `tailShrinkHours` pseudo-hours; the excess in octaves above the 95th percentile; the typical
 * value (median). A column a metric, read by {@link metricSql}, out of a
 * map: a pivot by filtered aggregates took nine tenths of the stage.
 */
export async function createTails(engine: Engine): Promise<void> {
  await createLong(engine)
  const k = P.tailShrinkHours
  await engine.run(`
CREATE OR REPLACE TEMP TABLE hist AS
SELECT tok, metric, bin, sum(n)::DOUBLE AS n FROM inherited_tails GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE hist_peer AS
SELECT peer, metric, bin, sum(n) AS n FROM hist JOIN tokens USING (tok) WHERE NOT is_borrower GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE hist_all AS SELECT metric, bin, sum(n) AS n FROM hist_peer GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE hours_token AS SELECT tok, active_hours::DOUBLE AS hours, whole_days::DOUBLE AS days FROM tokens;
CREATE OR REPLACE TEMP TABLE hours_peer AS
SELECT peer, sum(active_hours)::DOUBLE AS hours, sum(whole_days)::DOUBLE AS days FROM tokens WHERE NOT is_borrower GROUP BY peer;

CREATE OR REPLACE TEMP TABLE asked AS SELECT DISTINCT tok, peer, metric, bin FROM long;
CREATE OR REPLACE TEMP TABLE ranked_token AS
${ranked('tok', '(FROM hist SEMI JOIN asked USING (tok, metric))')};
CREATE OR REPLACE TEMP TABLE ranked_peer AS
${ranked('peer', 'hist_peer')};
CREATE OR REPLACE TEMP TABLE above_token AS
SELECT a.tok, a.metric, a.bin, h.above AS n FROM asked a
ASOF JOIN ranked_token h ON h.tok = a.tok AND h.metric = a.metric AND h.bin >= a.bin;
CREATE OR REPLACE TEMP TABLE above_peer AS
SELECT a.peer, a.metric, a.bin, h.above AS n FROM (SELECT DISTINCT peer, metric, bin FROM asked) a
ASOF JOIN ranked_peer h ON h.peer = a.peer AND h.metric = a.metric AND h.bin >= a.bin;
CREATE OR REPLACE TEMP TABLE above_all AS
SELECT a.metric, a.bin, sum(h.n) AS n FROM (SELECT DISTINCT metric, bin FROM asked) a
JOIN hist_all h ON a.metric = h.metric AND h.bin >= a.bin GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE middle_token AS
${quantiles('tok', 'ranked_token', 'hours_token')};
CREATE OR REPLACE TEMP TABLE middle_peer AS
${quantiles('peer', 'ranked_peer', 'hours_peer')};

CREATE OR REPLACE TEMP TABLE tl AS
WITH counted AS (
  SELECT l.tok, l.window_start, l.metric, l.bin,
    coalesce(t.n, 0) AS token_above, ${trials('ht')} AS token_n, coalesce(mt.p50, 0) AS token_p50, coalesce(mt.p95, 0) AS token_p95,
    coalesce(p.n, 0) AS peer_above, ${trials('hp')} AS peer_n, coalesce(mp.p50, 0) AS peer_p50, coalesce(mp.p95, 0) AS peer_p95,
    coalesce(a.n, 0) AS all_above, ${trials('ha')} AS all_n
  FROM long l
  LEFT JOIN above_token t USING (tok, metric, bin)
  LEFT JOIN above_peer p ON p.peer = l.peer AND p.metric = l.metric AND p.bin = l.bin
  LEFT JOIN above_all a ON a.metric = l.metric AND a.bin = l.bin
  LEFT JOIN hours_token ht ON ht.tok = l.tok LEFT JOIN hours_peer hp ON hp.peer = l.peer
  CROSS JOIN (SELECT sum(hours) AS hours, sum(days) AS days FROM hours_peer) ha
  LEFT JOIN middle_token mt ON mt.tok = l.tok AND mt.metric = l.metric
  LEFT JOIN middle_peer mp ON mp.peer = l.peer AND mp.metric = l.metric
), judged AS (
  SELECT tok, window_start, metric, {
    surprise: -ln(least(1, (token_above + ${k} * (peer_above + ${k} * (all_above + 0.5) / (all_n + 1)) / (peer_n + ${k})) / (token_n + ${k}))),
    excess: (bin - (token_n * token_p95 + ${k} * peer_p95) / (token_n + ${k})) / 4,
    typical: pow(2, (CASE WHEN token_n >= ${k} THEN token_p50 ELSE peer_p50 END) / 4) - 1
  } AS judgement FROM counted
)
SELECT tok, window_start, ${METRICS.map(({ name }, index) => `m[${index}::SMALLINT] AS ${name}`).join(', ')}
FROM (SELECT tok, window_start, map(list(metric), list(judgement)) AS m FROM judged GROUP BY tok, window_start);
${dropTables('hist', 'hist_peer', 'hist_all', 'asked', 'ranked_token', 'ranked_peer', 'above_token', 'above_peer', 'middle_token', 'middle_peer')}`)
}

/** A histogram with what lies in each bin and above it. */
function ranked(key: string, histogram: string): string {
  return `SELECT *, sum(n) OVER (PARTITION BY ${key}, metric ORDER BY bin DESC) AS above FROM ${histogram}`
}

const DAY_METRICS = [...METRICS.keys()].filter(index => METRICS[index]!.level === 'day').join(', ')

/** How often the metric could have been counted: hours with traffic, or days for the running totals. */
function trials(table: string): string {
  return `coalesce(CASE WHEN l.metric IN (${DAY_METRICS}) THEN ${table}.days ELSE ${table}.hours END, 0)`
}

/** Bins of the median and the 95th percentile per key and metric; what the histogram lacks of the trials was zero. */
function quantiles(key: string, ranked: string, hours: string): string {
  const reaches = (q: number) => `min(bin) FILTER (trials - above + n >= ${q} * trials)`
  return `
SELECT ${key}, metric,
  CASE WHEN max(trials) - max(above) >= 0.5 * max(trials) THEN 0 ELSE ${reaches(0.5)} END AS p50, ${reaches(0.95)} AS p95
FROM (SELECT h.*, CASE WHEN metric IN (${DAY_METRICS}) THEN t.days ELSE t.hours END AS trials
      FROM ${ranked} h JOIN ${hours} t USING (${key}))
GROUP BY ${key}, metric
HAVING max(trials) - max(above) < 0.95 * max(trials)`
}

/** Metrics that are none, not unknown, where their expression is null: an hour may touch no object and hold no pair. */
const NONE_WHEN_NULL = new Set([
  'fresh_bigrams',
  'objects',
  'fresh_objects',
  'foreign_objects',
  'private_objects',
  'id_steps',
  'new_sharers',
  'day_fresh_operations',
  'day_foreign_objects',
  'day_objects',
  'day_fresh_object_requests',
])

/**
 * Reads a field of a metric from `tl`; zero metrics have no entry: no surprise, no excess (which is never below zero). Null
 * where the log does not say the metric.
 */
export function metricSql(name: string, field: 'surprise' | 'excess' | 'typical' | 'actual'): string {
  const { sql } = METRICS[metricIndex(name)]!
  if (field === 'typical') return `tl.${name}.typical`
  const read = field === 'actual' ? sql : `tl.${name}.${field}`
  const zero = field === 'surprise' ? `coalesce(${read}, 0)` : `greatest(coalesce(${read}, 0), 0)`
  return NONE_WHEN_NULL.has(name) ? zero : `CASE WHEN ${sql} IS NOT NULL THEN ${zero} END`
}
