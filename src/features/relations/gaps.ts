import type { Engine } from '../../sql/duckdb.ts'
import { METRICS } from '../metrics.ts'

/** Days of a kind (weekday, weekend) that an hour must have been seen on, always with events, before its silence says anything. */
const LEAST_DAYS = 5

/**
 * Evidence from which a silence is a gap in logging, nats: one in a thousand. An hour that had events on all n days of its kind has
 * none with probability 1 / (n + 2) at most (Laplace's rule of succession), so its silence is worth ln(n + 2): a gap is told after four
 * such hours at n = 5, three at n = 8, two at n = 30.
 */
const LEAST_NATS = Math.log(1000)

const slotSql = (time: string) => `(isodow(${time}) >= 6) AS is_weekend, hour(${time})::TINYINT AS hour`

/** The whole log, among tenants. */
const EVERYONE = '0::UBIGINT'

/**
 * `missing`: hours of gaps known when the day began (tenant, hour; tenant 0: the whole log). Days with some are partial: their
 * totals leave the day-level baselines, which would else fall by what was not logged.
 */
export async function createMissing(engine: Engine): Promise<void> {
  const dayMetrics = [...METRICS.keys()].filter(index => METRICS[index]!.level === 'day').join(', ')
  const isPartial = '(day, tok) IN (SELECT (day, tok) FROM partial)'
  await engine.run(`
CREATE OR REPLACE TEMP TABLE missing AS
SELECT DISTINCT tenant, unnest(range(start::TIMESTAMP, finish::TIMESTAMP, INTERVAL 1 HOUR)) AS hour FROM log_gaps;
CREATE OR REPLACE TEMP TABLE partial AS
SELECT DISTINCT t.day, t.tok FROM log_tokens t JOIN (SELECT DISTINCT tenant, hour::DATE AS day FROM missing) m USING (day)
WHERE m.tenant IN (t.tenant, ${EVERYONE});
DELETE FROM log_daily WHERE ${isPartial};
DELETE FROM log_tails WHERE metric IN (${dayMetrics}) AND ${isPartial};
UPDATE log_tokens SET is_whole = false WHERE ${isPartial};
DROP TABLE partial`)
}

/**
 * `add_pulse`: hours of the day in which each tenant, and the whole log, had events. `add_gaps`: silences that end today and are gaps:
 * runs of hours without any event whose always busy hours add up to {@link LEAST_NATS}, from the first of those to the last.
 * What an hour is used to is taken from the days before the tenant's last active one. The hours join `missing`, and `w.gap_hours`
 * counts observed hours alone. A run ends with an event of the tenant, so no hour depends on a later one.
 *
 * A holiday on which nobody and nothing of a tenant calls looks the same, and is treated the same: nothing is held against anyone.
 */
export async function createGaps(engine: Engine, day: string): Promise<void> {
  await engine.run(`
CREATE OR REPLACE TEMP TABLE add_pulse AS
SELECT DISTINCT DATE '${day}' AS day, tenant, hour(window_start)::TINYINT AS hour FROM w
UNION ALL
SELECT DISTINCT DATE '${day}', ${EVERYONE}, hour(window_start)::TINYINT FROM w;

CREATE OR REPLACE TEMP TABLE add_gaps AS
WITH spans AS (
  SELECT tenant, min(day) AS first_day, max(day) AS last_day, max(day + to_hours(hour)) AS last_hour FROM log_pulse GROUP BY tenant
), calendar AS (
  SELECT tenant, isodow(day) >= 6 AS is_weekend, count(*) AS days
  FROM (SELECT tenant, unnest(range(first_day::TIMESTAMP, last_day::TIMESTAMP, INTERVAL 1 DAY)) AS day FROM spans) GROUP BY ALL
), lost AS (
  SELECT s.tenant, ${slotSql('m.hour')}, count(DISTINCT m.hour) AS days
  FROM missing m JOIN spans s ON m.tenant IN (s.tenant, ${EVERYONE}) AND m.hour < s.last_day GROUP BY ALL
), always AS (
  SELECT p.tenant, p.is_weekend, p.hour, c.days - coalesce(l.days, 0) AS days
  FROM (SELECT tenant, isodow(day) >= 6 AS is_weekend, hour, count(*) AS days
        FROM log_pulse JOIN spans USING (tenant) WHERE day < last_day GROUP BY ALL) p
  JOIN calendar c USING (tenant, is_weekend) LEFT JOIN lost l USING (tenant, is_weekend, hour)
  WHERE p.days >= c.days - coalesce(l.days, 0) AND p.days >= ${LEAST_DAYS}
), beats AS (
  SELECT tenant, day + to_hours(hour) AS hour FROM add_pulse UNION ALL SELECT tenant, last_hour FROM spans
), silences AS (
  SELECT tenant, lag(hour) OVER (PARTITION BY tenant ORDER BY hour) + INTERVAL 1 HOUR AS start, hour AS finish FROM beats
), silent AS (
  SELECT tenant, finish AS run, unnest(range(start, finish, INTERVAL 1 HOUR)) AS time FROM silences WHERE start < finish
), judged AS (
  SELECT tenant, run, time, ln(a.days + 2) AS nats
  FROM (SELECT tenant, run, time, ${slotSql('time')} FROM silent) JOIN always a USING (tenant, is_weekend, hour)
), found AS (
  SELECT tenant, min(time) AS start, max(time) + INTERVAL 1 HOUR AS finish FROM judged
  GROUP BY tenant, run HAVING sum(nats) >= ${LEAST_NATS}
)
SELECT DATE '${day}' AS day, tenant, names.tenant_id, start::TIMESTAMP_MS AS start, finish::TIMESTAMP_MS AS finish
FROM found LEFT JOIN (SELECT tenant, any_value(tenant_id) AS tenant_id FROM w GROUP BY tenant) names USING (tenant);

INSERT INTO missing SELECT tenant, unnest(range(start::TIMESTAMP, finish::TIMESTAMP, INTERVAL 1 HOUR)) FROM add_gaps;
UPDATE w SET gap_hours = gap_hours - lost.hours FROM (
  SELECT w.tok, w.window_start, count(DISTINCT m.hour) AS hours
  FROM w JOIN missing m ON m.tenant IN (w.tenant, ${EVERYONE}) AND m.hour > w.previous_time AND m.hour < w.window_start
  GROUP BY ALL
) lost WHERE lost.tok = w.tok AND lost.window_start = w.window_start`)
}
