import { dropTables, type Engine } from '../../engine/duckdb.ts'
import { linkConfidenceSql, LINK_RULES as R } from '../succession.ts'

/**
 * Which token follows which, as known when each was first seen. Reads `counted` and `today` of the day and the logs; makes
 *
 * - `lineage` (tok, lin, confidence): tokens whose history is that of another, `lin` the first of their lineage;
 * - `add_links`: links found today, and links of earlier days withdrawn since the predecessor went on;
 * - the views `past_<log>`: the logs under `lin` in place of the token.
 *
 * A token seen for the first time is held against the other tokens of its principal: what its first hour shows in common with
 * their past (see {@link linkConfidenceSql}). Nothing after that hour is looked at. Whether the predecessor then falls silent
 * is seen in time: a link is withdrawn from the next day on when it does not.
 */
export async function createLineage(engine: Engine, day: string): Promise<void> {
  const date = `DATE '${day}'`
  await engine.run(`
CREATE OR REPLACE TEMP TABLE links AS
SELECT * FROM log_links l WHERE kind = 'linked'
  AND NOT EXISTS (SELECT 1 FROM log_links x WHERE x.kind = 'withdrawn' AND x.tok = l.tok AND x.since = l.since);

-- The predecessor went on: it was no rotation.
CREATE OR REPLACE TEMP TABLE withdrawn AS
SELECT l.* FROM links l JOIN log_hours h ON h.tok = l.prev
WHERE l.reason NOT LIKE 'stated%' AND h.day >= l.since::DATE AND l.since > ${date} - ${R.watchDays}
  AND h.day + to_hours(h.slot % 24) > l.since
GROUP BY ALL
HAVING count(*) >= ${R.parallelHours}
  OR count(*) FILTER (h.day + to_hours(h.slot % 24) > l.since + to_hours(${R.graceHours})) > 0;
DELETE FROM links WHERE tok IN (SELECT tok FROM withdrawn);

-- First hours of tokens without a past, and the other tokens of their principals with one.
CREATE OR REPLACE TEMP TABLE newcomers AS
SELECT tok, tenant, principal, peer, tenant_id, token_id, window_start, first_time, requests FROM (
  SELECT *, row_number() OVER (PARTITION BY tok ORDER BY window_start) AS nth FROM counted)
WHERE nth = 1 AND tok NOT IN (SELECT tok FROM log_tokens);
CREATE OR REPLACE TEMP TABLE candidates AS
WITH seen AS (
  SELECT tok, principal, peer, last_time, hours FROM log_tokens SEMI JOIN newcomers USING (principal)
), earlier AS (
  SELECT n.tok, s.tok AS prev, arg_max(s.peer, s.last_time) AS peer, max(s.last_time) AS last_time, sum(s.hours) AS hours
  FROM newcomers n JOIN seen s USING (principal) WHERE s.tok <> n.tok GROUP BY ALL
  UNION ALL
  SELECT n.tok, c.tok, arg_max(c.peer, c.last_time), max(c.last_time), count(*)
  FROM newcomers n JOIN counted c USING (principal)
  WHERE c.tok <> n.tok AND c.window_start <= n.window_start AND c.first_time < n.first_time GROUP BY ALL
)
SELECT tok, prev, arg_max(peer, last_time) AS peer, max(last_time) AS last_time, sum(hours) AS hours
FROM earlier GROUP BY tok, prev
QUALIFY row_number() OVER (PARTITION BY tok ORDER BY max(last_time) DESC, prev) <= ${R.mostCandidates};

-- What the first hour shares with the past of each candidate: shares of its requests.
CREATE OR REPLACE TEMP TABLE first_hour AS
SELECT t.tok, t.facet, t.vh, t.n FROM today t JOIN newcomers n USING (tok, window_start);
CREATE OR REPLACE TEMP TABLE habits AS
SELECT DISTINCT tok AS prev, vh FROM log_values SEMI JOIN (SELECT prev AS tok FROM candidates) USING (tok)
SEMI JOIN first_hour USING (vh)
UNION
SELECT t.tok, t.vh FROM today t JOIN candidates c ON c.prev = t.tok JOIN newcomers n ON n.tok = c.tok
WHERE t.window_start <= n.window_start AND t.vh IN (SELECT vh FROM first_hour);
CREATE OR REPLACE TEMP TABLE likeness AS
WITH shared AS (
  SELECT c.tok, c.prev, f.facet, sum(f.n) FILTER (h.vh IS NOT NULL) / sum(f.n) AS share
  FROM candidates c JOIN first_hour f USING (tok) LEFT JOIN habits h ON h.prev = c.prev AND h.vh = f.vh
  GROUP BY ALL
), wide AS (
  SELECT tok, prev, map(list(facet), list(coalesce(share, 0))) AS share FROM shared GROUP BY tok, prev
)
SELECT n.*, c.prev, c.last_time AS prev_last_time, c.hours AS prev_hours, c.peer = n.peer AS same_peer,
  share['ip'] AS ip, share['net'] AS net, share['asn'] AS asn, share['client'] AS client, share['agent'] AS agent,
  share['operation'] AS operation, share['object'] AS object, share['bigram'] AS bigram,
  greatest(date_diff('minute', c.last_time, n.first_time) / 60.0, 0) AS idle_hours,
  c.last_time > n.first_time AS is_overlapping
FROM wide JOIN candidates c USING (tok, prev) JOIN newcomers n USING (tok);

CREATE OR REPLACE TEMP TABLE found AS
SELECT * FROM (
  SELECT *, ${linkConfidenceSql()} AS confidence FROM likeness
) WHERE confidence >= ${R.leastConfidence} AND tok NOT IN (SELECT tok FROM stated_links)
-- Each token follows one, and is followed by one.
QUALIFY row_number() OVER (PARTITION BY tok ORDER BY confidence DESC, prev_last_time DESC, prev) = 1;
DELETE FROM found WHERE EXISTS (SELECT 1 FROM found o WHERE o.prev = found.prev
  AND (o.confidence > found.confidence OR (o.confidence = found.confidence AND (o.first_time, o.tok) < (found.first_time, found.tok))));

CREATE OR REPLACE TEMP TABLE add_links AS
SELECT ${date} AS day, 'linked' AS kind, tok, prev, tenant_id, token_id, NULL::VARCHAR AS predecessor_id,
  first_time AS since, confidence, 'likeness' AS reason FROM found
`)
}
