import type { Engine } from '../../engine/duckdb.ts'
import { FEATURE_PARAMETERS as P } from '../parameters.ts'

/** Weekend or not, times the hour of the day, UTC: a token's clock is in its own history, whatever its time zone. */
const slotSql = (time: string) =>
  `(CASE WHEN isodow(${time}) >= 6 THEN 24 ELSE 0 END + hour(${time}))::INTEGER`

/**
 * `hx`: how unusual the hour is for the token. The token's active days per slot of the day (48: weekday and weekend hours),
 * smoothed over the neighbouring hours (1/4, 1/2, 1/4) and per calendar day of that kind, drawn to its peers' profile by
 * `hourShrinkDays`; surprise = -ln(density / the densest slot), in nats: 0 at the busiest hour.
 */
export async function createHours(engine: Engine, day: string): Promise<void> {
  await engine.run(`
CREATE OR REPLACE TEMP TABLE profile AS
WITH slots AS (SELECT t.tok, t.peer, t.is_borrower, l.slot::INTEGER AS slot, count(*)::DOUBLE AS days
  FROM inherited_hours l JOIN tokens t USING (tok) GROUP BY ALL),
calendar AS (SELECT count(*) FILTER (isodow(day) < 6) AS weekdays, count(*) FILTER (isodow(day) >= 6) AS weekend
  FROM (SELECT DISTINCT day FROM log_tokens)),
spread AS (SELECT tok, peer, is_borrower, (slot // 24) * 24 + (slot % 24 + step + 24) % 24 AS slot,
    days * CASE WHEN step = 0 THEN 0.5 ELSE 0.25 END / greatest(1, CASE WHEN slot >= 24 THEN weekend ELSE weekdays END) AS density
  FROM slots, calendar, (VALUES (-1), (0), (1)) steps(step))
SELECT tok, peer, is_borrower, slot, sum(density) AS density FROM spread GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE profile_peer AS
SELECT peer, slot, density / max(density) OVER (PARTITION BY peer) AS density
FROM (SELECT peer, slot, sum(density) AS density FROM profile WHERE NOT is_borrower GROUP BY ALL);
CREATE OR REPLACE TEMP TABLE profile_token AS SELECT tok, slot, density / max(density) OVER (PARTITION BY tok) AS density FROM profile;
CREATE OR REPLACE TEMP TABLE hx AS
SELECT w.tok, w.window_start,
  CASE WHEN w.active_days + coalesce(pp.known, 0) > 0 THEN -ln(greatest(0.003,
    (w.active_days * coalesce(pt.density, 0) + ${P.hourShrinkDays} * coalesce(pq.density, 0)) / (w.active_days + ${P.hourShrinkDays}))) END AS hour_surprise,
  CASE WHEN w.active_days > 0 THEN -ln(greatest(0.003, coalesce(pt.density, 0))) END AS hour_surprise_own
FROM w
LEFT JOIN (SELECT peer, 1 AS known FROM profile_peer GROUP BY peer) pp USING (peer)
LEFT JOIN profile_token pt ON pt.tok = w.tok AND pt.slot = ${slotSql('w.window_start')}
LEFT JOIN profile_peer pq ON pq.peer = w.peer AND pq.slot = ${slotSql('w.window_start')};

CREATE OR REPLACE TEMP TABLE add_hours AS
SELECT DISTINCT DATE '${day}' AS day, tok, ${slotSql('window_start')}::TINYINT AS slot FROM w`)
}
