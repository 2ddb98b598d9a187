import { dropTables, type Engine } from '../../sql/duckdb.ts'
import { linkConfidenceSql, LINK_RULES as R } from '../succession.ts'

/** Logs whose past a token reads under its lineage. */
const INHERITED = ['tokens', 'values', 'hours', 'novelty', 'tails', 'daily'] as const

/**
 * Which token follows which, as known when each was first seen. Reads `counted` and `today` of the day, the logs and
 * `stated_links` (what people decided); makes
 *
 * - `heirs` (tok, heir): who reads the past of whom: of every lineage its newest token, and those of its tokens in use today;
 * - `borrowers` (tok): those whose past counts elsewhere already, so that groups count each past once, and as it was known when
 *   the day began;
 * - `add_links`: links found today, and links of earlier days withdrawn since the predecessor went on;
 * - the views `inherited_<log>`: the logs with the heir in place of the token.
 *
 * A token seen for the first time is held against the other tokens of its principal: what its first hour shows in common with
 * their past (see {@link linkConfidenceSql}). Nothing after that hour is looked at. Whether the predecessor then falls silent
 * is seen in time: a link is withdrawn from the next day on when it does not.
 */
export async function createLineage(engine: Engine, day: string): Promise<void> {
  await findLinks(engine, day)
  await createHeirs(engine, day)
}

async function findLinks(engine: Engine, day: string): Promise<void> {
  const date = `DATE '${day}'`
  await engine.run(`
-- What people decided holds from the day of the follower's first hour on, whatever was inferred.
CREATE OR REPLACE TEMP TABLE decided AS
SELECT tok, prev, is_linked, since FROM stated_links WHERE since::DATE <= ${date};
CREATE OR REPLACE TEMP TABLE links AS
SELECT tok, prev, since FROM log_links l WHERE kind = 'linked'
  AND NOT EXISTS (SELECT 1 FROM log_links x WHERE x.kind = 'withdrawn' AND x.tok = l.tok AND x.since = l.since)
  AND NOT EXISTS (SELECT 1 FROM decided x WHERE x.tok = l.tok AND (x.is_linked OR x.prev = l.prev));

-- The predecessor went on: it was no rotation.
CREATE OR REPLACE TEMP TABLE withdrawn AS
SELECT l.tok, l.prev, l.since FROM links l JOIN log_hours h ON h.tok = l.prev
WHERE l.since > ${date} - ${R.watchDays} AND h.day >= l.since::DATE AND h.day + to_hours(h.slot % 24) > l.since
GROUP BY ALL
HAVING count(*) >= ${R.parallelHours}
  OR count(*) FILTER (h.day + to_hours(h.slot % 24) > l.since + to_hours(${R.graceHours})) > 0;
DELETE FROM links WHERE tok IN (SELECT tok FROM withdrawn);

-- First hours of tokens without a past, and the other tokens of their principals with one.
CREATE OR REPLACE TEMP TABLE newcomers AS
SELECT tok, principal, peer, window_start, first_time, requests FROM (
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
  share['net'] AS net, share['asn'] AS asn, share['client'] AS client, share['agent'] AS agent, share['operation'] AS operation,
  greatest(date_diff('minute', c.last_time, n.first_time) / 60.0, 0) AS idle_hours,
  c.last_time > n.first_time AS is_overlapping
FROM wide JOIN candidates c USING (tok, prev) JOIN newcomers n USING (tok);

-- Each token follows one, and is followed by one: the first to come, since who comes later is not known yet.
CREATE OR REPLACE TEMP TABLE found AS
SELECT * FROM (
  SELECT *, ${linkConfidenceSql()} AS confidence FROM likeness l
  WHERE NOT EXISTS (SELECT 1 FROM decided x WHERE x.tok = l.tok AND (x.is_linked OR x.prev = l.prev))
    AND NOT EXISTS (SELECT 1 FROM links x WHERE x.prev = l.prev)
) WHERE confidence >= ${R.leastConfidence}
QUALIFY row_number() OVER (PARTITION BY tok ORDER BY confidence DESC, prev_last_time DESC, prev) = 1;
DELETE FROM found WHERE EXISTS (SELECT 1 FROM found o WHERE o.prev = found.prev
  AND (o.window_start, -o.confidence, o.tok) < (found.window_start, -found.confidence, found.tok));

CREATE OR REPLACE TEMP TABLE add_links AS
SELECT ${date} AS day, 'linked' AS kind, tok, prev, first_time::TIMESTAMP_MS AS since, confidence::DOUBLE AS confidence,
  concat('same principal; of ', requests::BIGINT, ' requests in the first hour ', concat_ws(', ',
    round(100 * net)::INTEGER || ' % from known networks', round(100 * client)::INTEGER || ' % with a known client',
    round(100 * operation)::INTEGER || ' % known operations'),
    '; predecessor silent for ', round(idle_hours)::INTEGER, ' h') AS reason
FROM found
UNION ALL
SELECT ${date}, 'withdrawn', tok, prev, since, NULL, 'the predecessor went on' FROM withdrawn;
INSERT INTO links SELECT tok, prev, first_time FROM found;
INSERT INTO links SELECT tok, prev, since FROM decided WHERE is_linked;
${dropTables('decided', 'withdrawn', 'newcomers', 'candidates', 'first_hour', 'habits', 'likeness', 'found')}`)
}

async function createHeirs(engine: Engine, day: string): Promise<void> {
  const views = INHERITED.map(
    log => `
CREATE OR REPLACE TEMP VIEW inherited_${log} AS
SELECT l.* REPLACE (coalesce(h.heir, l.tok) AS tok) FROM log_${log} l LEFT JOIN heirs h USING (tok);`,
  )
  await engine.run(`
CREATE OR REPLACE TEMP TABLE descent AS
WITH RECURSIVE reach(tok, heir, is_old) AS (
  SELECT tok, tok, true FROM (SELECT tok FROM links UNION SELECT prev FROM links)
  UNION
  SELECT r.tok, l.tok, r.is_old AND l.since < DATE '${day}' FROM reach r JOIN links l ON l.prev = r.heir
)
SELECT tok, heir, bool_or(is_old) AS is_old FROM reach GROUP BY ALL;
-- The one heir that the past counts for in groups: the newest token of the lineage when the day began.
CREATE OR REPLACE TEMP TABLE newest AS
SELECT tok, arg_max(heir, (since, heir)) AS heir FROM (
  SELECT d.tok, d.heir, coalesce(max(l.since), '-infinity') AS since FROM descent d LEFT JOIN links l ON l.tok = d.heir
  WHERE d.is_old GROUP BY ALL)
GROUP BY tok;
CREATE OR REPLACE TEMP TABLE heirs AS
SELECT tok, heir FROM descent d
WHERE heir IN (SELECT tok FROM counted) OR (tok, heir) IN (SELECT (tok, heir) FROM newest);
CREATE OR REPLACE TEMP TABLE borrowers AS
SELECT tok FROM newest WHERE heir <> tok UNION SELECT tok FROM links WHERE since >= DATE '${day}';
${views.join('')}
${dropTables('links', 'descent', 'newest')}`)
}
