import { type Engine, quoteText } from '../../sql/duckdb.ts'
import { clocksOf, LIKELY_COUNTRIES } from '../clocks.ts'
import { FEATURE_PARAMETERS as P } from '../parameters.ts'

/** Weekend or not, times the hour of the day, UTC: a token's clock is in its own history, whatever its time zone. */
const slotSql = (time: string) =>
  `(CASE WHEN isodow(${time}) >= 6 THEN 24 ELSE 0 END + hour(${time}))::INTEGER`

/** The slot so many hours (-47 to 47) later, in the same kind of day. */
const laterSql = (slot: string, hours: string) => `(${slot} // 24) * 24 + (${slot} % 24 + ${hours} + 48) % 24`

/**
 * `home`: the country that each token used on most of its days. `clock`: how its past hours read on today's clock, (tok, changed, delta):
 * hours of the days before `changed` come `delta` hours later. One row a token; where no country is known, one for each change that it
 * may have followed, and the kindest counts (to its peers it shows the unchanged one). `travel`: token-hours from a country that is not home but was used on an earlier day,
 * with the hours that its clock is ahead of home's.
 */
async function createClocks(engine: Engine, day: string): Promise<void> {
  const clocks = clocksOf(day, P.historyDays)
  const rows = clocks.map(
    ({ country, offset, changed, delta }) =>
      `(${quoteText(country)}, ${offset}, ${changed === null ? 'NULL' : `DATE '${changed}'`}, ${Math.round(delta)})`,
  )
  const likely = LIKELY_COUNTRIES.map(quoteText).join(', ')
  await engine.run(`
CREATE OR REPLACE TEMP TABLE clocks AS
SELECT hash('country', country) AS vh, country, ahead::DOUBLE AS ahead, changed::DATE AS changed, delta::INTEGER AS delta
FROM (VALUES ${rows.join(', ')}) zones(country, ahead, changed, delta);
CREATE OR REPLACE TEMP TABLE known_countries AS
SELECT tok, vh, count(*) AS days FROM inherited_values SEMI JOIN clocks USING (vh) GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE home AS
SELECT tok, arg_max(vh, days + 1e-9 * (vh / 18446744073709551616.0)) AS vh FROM known_countries GROUP BY tok;
CREATE OR REPLACE TEMP TABLE clock AS
SELECT tok, changed, delta, true AS for_peers FROM home JOIN clocks USING (vh)
UNION ALL
SELECT tok, changed, delta, changed IS NULL FROM (SELECT tok FROM tokens ANTI JOIN home USING (tok)),
  (SELECT NULL::DATE AS changed, 0 AS delta UNION SELECT changed, delta FROM clocks WHERE country IN (${likely}) AND changed IS NOT NULL);
CREATE OR REPLACE TEMP TABLE travel AS
SELECT t.tok, t.window_start, round(there.ahead - here.ahead)::INTEGER AS ahead
FROM today t JOIN clocks there USING (vh) JOIN home ON home.tok = t.tok JOIN clocks here ON here.vh = home.vh
SEMI JOIN known_countries k ON k.tok = t.tok AND k.vh = t.vh
WHERE t.facet = 'country' AND there.ahead <> here.ahead`)
}

/**
 * `hx`: how unusual the hour is for the token. The token's active days per slot of the day (48: weekday and weekend hours),
 * on today's clock (see {@link createClocks}), per calendar day of that kind without those lost to gaps in logging, smoothed over the
 * neighbouring hours (1/4, 1/2, 1/4), drawn to its peers' profile by `hourShrinkDays`; surprise = -ln(density / the densest slot), in
 * nats: 0 at the busiest hour. On travel the local hour counts, if it is the more usual one.
 */
export async function createHours(engine: Engine, day: string): Promise<void> {
  await createClocks(engine, day)
  await engine.run(`
CREATE OR REPLACE TEMP TABLE profile AS
WITH lost AS (SELECT tenant, ${slotSql('hour')} AS slot, count(*) AS days FROM missing WHERE hour < DATE '${day}' GROUP BY ALL),
slots AS (SELECT t.tok, t.peer, t.tenant, c.changed, c.for_peers AND NOT t.is_borrower AS for_peers, l.slot::INTEGER AS slot,
    CASE WHEN l.day < c.changed THEN c.delta ELSE 0 END AS delta, count(*)::DOUBLE AS days
  FROM inherited_hours l JOIN tokens t USING (tok) JOIN clock c USING (tok) GROUP BY ALL),
calendar AS (SELECT count(*) FILTER (isodow(day) < 6) AS weekdays, count(*) FILTER (isodow(day) >= 6) AS weekend
  FROM (SELECT DISTINCT day FROM log_tokens)),
rates AS (SELECT tok, peer, changed, for_peers, ${laterSql('s.slot', 'delta')} AS slot, s.days / greatest(1,
    CASE WHEN s.slot >= 24 THEN weekend ELSE weekdays END - coalesce(own.days, 0) - coalesce(whole.days, 0)) AS rate
  FROM slots s CROSS JOIN calendar
  LEFT JOIN lost own ON own.tenant = s.tenant AND own.slot = s.slot
  LEFT JOIN lost whole ON whole.tenant = 0 AND whole.slot = s.slot),
spread AS (SELECT tok, peer, changed, for_peers, ${laterSql('slot', 'step')} AS slot, rate * CASE WHEN step = 0 THEN 0.5 ELSE 0.25 END AS density
  FROM rates, (VALUES (-1), (0), (1)) steps(step))
SELECT tok, peer, changed, for_peers, slot, sum(density) AS density FROM spread GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE profile_peer AS
SELECT peer, slot, density / max(density) OVER (PARTITION BY peer) AS density
FROM (SELECT peer, slot, sum(density) AS density FROM profile WHERE for_peers GROUP BY ALL);
CREATE OR REPLACE TEMP TABLE profile_token AS
SELECT tok, slot, max(density) AS density
FROM (SELECT tok, slot, density / max(density) OVER (PARTITION BY tok, changed) AS density FROM profile) GROUP BY tok, slot;
CREATE OR REPLACE TEMP TABLE hx AS
WITH asked AS (
  SELECT tok, peer, window_start, ${slotSql('window_start')} AS slot FROM w
  UNION ALL
  SELECT tok, peer, window_start, ${laterSql(slotSql('window_start'), 'ahead')} FROM w JOIN travel USING (tok, window_start)
), usual AS (
  SELECT a.tok, a.window_start, max(pt.density) AS own, max(pq.density) AS peers FROM asked a
  LEFT JOIN profile_token pt ON pt.tok = a.tok AND pt.slot = a.slot
  LEFT JOIN profile_peer pq ON pq.peer = a.peer AND pq.slot = a.slot
  GROUP BY ALL
)
SELECT w.tok, w.window_start,
  CASE WHEN w.active_days + coalesce(pp.known, 0) > 0 THEN -ln(greatest(0.003,
    (w.active_days * coalesce(own, 0) + ${P.hourShrinkDays} * coalesce(peers, 0)) / (w.active_days + ${P.hourShrinkDays}))) END AS hour_surprise
FROM w JOIN usual USING (tok, window_start)
LEFT JOIN (SELECT peer, 1 AS known FROM profile_peer GROUP BY peer) pp USING (peer);

CREATE OR REPLACE TEMP TABLE add_hours AS
SELECT DISTINCT DATE '${day}' AS day, tok, ${slotSql('window_start')}::TINYINT AS slot FROM w`)
}
