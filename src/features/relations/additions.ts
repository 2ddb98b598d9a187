import { dropTables, type Engine } from '../../sql/duckdb.ts'
import { DRIFT_METRICS, METRICS, metricIndex } from '../metrics.ts'
import { FEATURE_PARAMETERS as P } from '../parameters.ts'

/** What the day adds to the history logs: tables `add_<log>` of the columns in history.ts. */
export async function createAdditions(engine: Engine, day: string): Promise<void> {
  const date = `DATE '${day}'`
  const dayMetrics = [...METRICS.keys()].filter(index => METRICS[index]!.level === 'day')
  const drift = DRIFT_METRICS.map(metricIndex)
  await engine.run(`
CREATE OR REPLACE TEMP TABLE add_tokens AS
SELECT ${date} AS day, tok, any_value(w.tenant) AS tenant, any_value(last_principal) AS principal, any_value(last_peer) AS peer,
  max(w.last_time)::TIMESTAMP_MS AS last_time, count(*)::INTEGER AS hours, true AS is_whole FROM w JOIN tokens USING (tok) GROUP BY tok;

CREATE OR REPLACE TEMP TABLE add_values AS
SELECT DISTINCT ${date} AS day, tok, vh FROM today;

-- The row with facet '' counts the token-day itself. Nothing is novel while the log is younger than the burn-in.
CREATE OR REPLACE TEMP TABLE add_novelty AS
WITH settled AS (SELECT count(DISTINCT day) >= ${P.burnInDays} AS yes FROM log_tokens)
SELECT ${date} AS day, tok, peer, facet, class, age, fresh FROM (
  SELECT tok, any_value(peer) AS peer, '' AS facet, 0::TINYINT AS class, any_value(age) AS age, 0 AS fresh FROM w GROUP BY tok
  UNION ALL
  SELECT tok, any_value(peer), facet, class, any_value(age), count(DISTINCT vh)::INTEGER FROM judged
  WHERE class IS NOT NULL GROUP BY tok, facet, class
) WHERE (SELECT yes FROM settled);

CREATE OR REPLACE TEMP TABLE add_tails AS
SELECT ${date} AS day, tok, metric, bin, count(*)::INTEGER AS n FROM long
WHERE metric NOT IN (${dayMetrics.join(', ')}) GROUP BY tok, metric, bin
UNION ALL
SELECT ${date}, tok, metric, max(bin), 1 FROM long WHERE metric IN (${dayMetrics.join(', ')}) GROUP BY tok, metric;

CREATE OR REPLACE TEMP TABLE add_daily AS
SELECT ${date} AS day, tok, metric, ln(1 + max(x)) AS x FROM long WHERE metric IN (${drift.join(', ')}) GROUP BY tok, metric;
${dropTables('today', 'judged', 'long')}`)
}
