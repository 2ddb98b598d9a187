import { dropTables, type Engine } from '../../sql/duckdb.ts'
import { FEATURE_PARAMETERS as P } from '../parameters.ts'

/** Facets whose values belong to the product, not to one tenant: a release reaches every tenant at once. */
const PRODUCT_FACETS = `('operation', 'resource', 'scope', 'bigram', 'client', 'agent', 'status')`

/**
 * `judged`: each facet value of each token-hour with its surprise in nats, against the past known when the day began and the
 * waves of first uses up to and including the hour.
 *
 * Seen before by the token on d of its D active days (weights halve with age): p = d / (D + 1).
 * First seen: p = 1 - (1 - r)(1 - a), where r is the rate per active day at which tokens like this one show a first-seen value
 * of this class (0 known to peers, 1 known in the tenant, 2 new to the tenant), drawn from the token to its peers to all of the
 * same age, and a the share of active tokens that took the value up within the last days: a release, move or roll-out.
 * Surprise = -ln p. Known to another token of the principal counts as class 0 with r raised by the principal's own use.
 */
export async function createJudged(engine: Engine, day: string): Promise<void> {
  const k = P.noveltyShrinkDays
  await engine.run(`
CREATE OR REPLACE TEMP TABLE known AS
SELECT tok, vh, sum(pow(0.5, (DATE '${day}' - day) / ${P.halfLifeDays}.0)) AS weight_days, min(day) AS first_day
FROM inherited_values SEMI JOIN (SELECT DISTINCT vh FROM today) USING (vh) GROUP BY tok, vh;
CREATE OR REPLACE TEMP TABLE by_peer AS
SELECT peer, vh, count(*) AS tokens FROM known JOIN tokens USING (tok) WHERE NOT is_borrower GROUP BY peer, vh;

-- Values that are new to the token, and who else holds them.
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT today.*, tokens.tenant, tokens.principal, tokens.peer, tokens.age
FROM today ANTI JOIN known USING (tok, vh) JOIN tokens USING (tok);
CREATE OR REPLACE TEMP TABLE holders AS
SELECT known.vh, known.weight_days, tokens.tenant, tokens.principal,
  known.first_day > DATE '${day}' - ${P.adoptionDays} AND tokens.first_day < known.first_day AS is_recent
FROM known SEMI JOIN fresh USING (vh) JOIN tokens USING (tok) WHERE NOT is_borrower;
CREATE OR REPLACE TEMP TABLE by_principal AS
SELECT principal, vh, max(weight_days) AS weight_days FROM holders GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE by_tenant AS
SELECT tenant, vh, count(*) AS tokens, count(DISTINCT principal) AS principals, count(*) FILTER (is_recent) AS adopters
FROM holders GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE by_all AS
SELECT vh, count(*) FILTER (is_recent) AS adopters FROM holders GROUP BY ALL;

-- How many tokens had a value for the first time today, by each hour.
CREATE OR REPLACE TEMP TABLE first_today AS
SELECT tok, vh, any_value(tenant) AS tenant, min(window_start) AS window_start FROM fresh GROUP BY tok, vh;
CREATE OR REPLACE TEMP TABLE wave_tenant AS
SELECT tenant, vh, window_start, sum(count(*)) OVER (PARTITION BY tenant, vh ORDER BY window_start) AS adopters
FROM first_today GROUP BY tenant, vh, window_start;
CREATE OR REPLACE TEMP TABLE wave_all AS
SELECT vh, window_start, sum(count(*)) OVER (PARTITION BY vh ORDER BY window_start) AS adopters
FROM first_today GROUP BY vh, window_start;

-- Rates of first-seen values per token-day, by facet and class.
CREATE OR REPLACE TEMP TABLE days_by_age AS
SELECT peer, age, count(*)::DOUBLE AS days, tok FROM (
  SELECT DISTINCT day, tok, peer, age FROM log_novelty WHERE facet = '') GROUP BY peer, age, tok;
CREATE OR REPLACE TEMP TABLE rate_all AS
SELECT facet, class, age, (sum((fresh > 0)::INT) + 0.5) / (any_value(total.days) + 1) AS rate
FROM log_novelty JOIN (SELECT age, sum(days) AS days FROM days_by_age GROUP BY age) total USING (age)
WHERE facet <> '' GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE rate_peer AS
SELECT peer, facet, class, age, sum((fresh > 0)::INT) AS hits FROM log_novelty WHERE facet <> '' GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE rate_token AS
SELECT tok, facet, class, sum((fresh > 0)::INT) AS hits FROM inherited_novelty WHERE facet <> '' AND age >= 2 GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE days_peer AS SELECT peer, age, sum(days) AS days FROM days_by_age GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE days_all AS SELECT age, sum(days) AS days FROM days_by_age GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE days_token AS
SELECT tok, count(*)::DOUBLE AS days FROM (SELECT DISTINCT day, tok, peer, age FROM inherited_novelty WHERE facet = '' AND age >= 2) GROUP BY tok;

-- Tokens of each tenant, and of all, active within the last days or today up to the hour.
CREATE OR REPLACE TEMP TABLE active AS
WITH lately AS (
  SELECT tenant, count(*)::DOUBLE AS tokens FROM tokens WHERE last_time >= DATE '${day}' - ${P.adoptionDays} AND NOT is_borrower GROUP BY tenant
), arrived AS (
  SELECT w.tok, w.tenant, min(w.window_start) AS since FROM w JOIN tokens USING (tok)
  WHERE tokens.last_time IS NULL OR tokens.last_time < DATE '${day}' - ${P.adoptionDays} GROUP BY w.tok, w.tenant
)
SELECT tenant, window_start,
  coalesce((SELECT tokens FROM lately l WHERE l.tenant = h.tenant), 0)
    + (SELECT count(*) FROM arrived a WHERE a.tenant = h.tenant AND a.since <= h.window_start) AS tokens,
  coalesce((SELECT sum(tokens) FROM lately), 0) + (SELECT count(*) FROM arrived a WHERE a.since <= h.window_start) AS all_tokens
FROM (SELECT DISTINCT tenant, window_start FROM w) h;

CREATE OR REPLACE TEMP TABLE priced AS
WITH placed AS (
  SELECT f.*, coalesce(bn.tokens, 0) AS peer_tokens, coalesce(bt.principals, 0) AS tenant_principals,
    bp.weight_days AS principal_days, coalesce(bt.adopters, 0) AS tenant_adopters, coalesce(ba.adopters, 0) AS all_adopters,
    CASE WHEN bp.principal IS NOT NULL OR bn.tokens > 0 THEN 0 WHEN bt.tokens > 0 THEN 1 ELSE 2 END::TINYINT AS class
  FROM fresh f
  LEFT JOIN by_peer bn ON bn.peer = f.peer AND bn.vh = f.vh
  LEFT JOIN by_principal bp ON bp.principal = f.principal AND bp.vh = f.vh
  LEFT JOIN by_tenant bt ON bt.tenant = f.tenant AND bt.vh = f.vh
  LEFT JOIN by_all ba ON ba.vh = f.vh
), waved AS (
  SELECT p.*, coalesce(wt.adopters, 1) - 1 AS tenant_wave, coalesce(wa.adopters, 1) - 1 AS all_wave
  FROM placed p
  ASOF LEFT JOIN wave_tenant wt ON wt.tenant = p.tenant AND wt.vh = p.vh AND p.window_start >= wt.window_start
  ASOF LEFT JOIN wave_all wa ON wa.vh = p.vh AND p.window_start >= wa.window_start
), rated AS (
  SELECT p.*,
    coalesce(ra.rate, 0.5 / (coalesce(da.days, 0) + 1)) AS rate_all,
    coalesce(rp.hits, 0) AS peer_hits, coalesce(dp.days, 0) AS peer_days,
    coalesce(rt.hits, 0) AS token_hits, coalesce(dt.days, 0) AS token_rate_days,
    greatest(
      CASE WHEN p.facet IN ${PRODUCT_FACETS} THEN (p.all_adopters + p.all_wave) / greatest(ac.all_tokens, 1) ELSE 0 END,
      (p.tenant_adopters + p.tenant_wave) / (ac.tokens + 2)) AS adopted
  FROM waved p
  LEFT JOIN rate_all ra ON ra.facet = p.facet AND ra.class = p.class AND ra.age = p.age
  LEFT JOIN days_all da ON da.age = p.age
  LEFT JOIN rate_peer rp ON rp.peer = p.peer AND rp.facet = p.facet AND rp.class = p.class AND rp.age = p.age
  LEFT JOIN days_peer dp ON dp.peer = p.peer AND dp.age = p.age
  LEFT JOIN rate_token rt ON rt.tok = p.tok AND rt.facet = p.facet AND rt.class = p.class
  LEFT JOIN days_token dt ON dt.tok = p.tok
  LEFT JOIN active ac ON ac.tenant = p.tenant AND ac.window_start = p.window_start
)
SELECT *,
  (token_hits + ${k} * (peer_hits + ${k} * least(rate_all, 1)) / (peer_days + ${k})) / (token_rate_days + ${k}) AS rate
FROM rated;

CREATE OR REPLACE TEMP TABLE judged AS
WITH chances AS (
  SELECT t.tok, t.window_start, t.facet, t.vh, t.value, t.n, NULL::TINYINT AS class, tk.peer, tk.age,
    coalesce(bn.tokens, 0) AS peer_tokens, 0 AS tenant_principals, NULL AS principal_days, 0.0 AS adopted, 0 AS all_wave,
    k.weight_days / (tk.weight_days + 1) AS chance
  FROM today t JOIN known k USING (tok, vh) JOIN tokens tk USING (tok)
  LEFT JOIN by_peer bn ON bn.peer = tk.peer AND bn.vh = t.vh
  UNION ALL
  SELECT tok, window_start, facet, vh, value, n, class, peer, age, peer_tokens, tenant_principals, principal_days, adopted, all_wave,
    1 - (1 - least(rate, 1)) * (1 - least(adopted, 1)) * (1 - coalesce(principal_days / (principal_days + 2), 0))
  FROM priced
)
SELECT *, -ln(least(1, greatest(1e-9, chance))) AS surprise FROM chances;
${dropTables('known', 'fresh', 'holders', 'by_peer', 'by_principal', 'by_tenant', 'by_all', 'first_today', 'wave_tenant', 'wave_all', 'priced')}`)
}

/** Added to what values are ranked by: equals are told apart by their hash, not by the order in which threads meet them. */
const TIE_BREAK = '1e-9 * (hash(value) / 18446744073709551616.0)'

/**
 * `fx`: statistics of the judged values of each token-hour, a column a facet that {@link facetSql} reads. The columns come
 * out of a map: a pivot by filtered aggregates takes many times as long.
 */
export async function createFacetStatistics(engine: Engine): Promise<void> {
  await engine.run(`
CREATE OR REPLACE TEMP TABLE fx AS
WITH facets AS (
  SELECT tok, window_start, facet, {
    distinct_values: count(*),
    surprise: max(surprise),
    worst: arg_max(value, surprise + ${TIE_BREAK}),
    worst_peers: arg_max(peer_tokens, surprise + ${TIE_BREAK}),
    surplus: sum(greatest(0, surprise - 1)),
    fresh: count(*) FILTER (class IS NOT NULL),
    mean_surprise: sum(n * surprise) / sum(n),
    adopted: max(adopted)
  } AS statistics
  FROM judged GROUP BY tok, window_start, facet
), wide AS (
  SELECT tok, window_start, ${FACET_STATISTICS.map(facet => `facets['${facet}'] AS ${facet}`).join(', ')}
  FROM (SELECT tok, window_start, map(list(facet), list(statistics)) AS facets FROM facets GROUP BY tok, window_start)
), addresses AS (
  SELECT tok, window_start, max(all_wave) AS ip_new_sharers FROM judged
  WHERE facet = 'ip' AND class IS NOT NULL GROUP BY tok, window_start
), objects AS (
  SELECT tok, window_start, count(*) AS objects,
    count(*) FILTER (is_fresh) AS objects_fresh,
    sum(n) FILTER (is_fresh) AS objects_fresh_requests,
    count(*) FILTER (is_fresh AND tenant_principals > 0) AS objects_foreign,
    count(*) FILTER (is_fresh AND tenant_principals = 1) AS objects_private,
    arg_max(value, n + ${TIE_BREAK}) FILTER (is_fresh AND tenant_principals > 0) AS object_worst
  FROM (SELECT *, class IS NOT NULL AND principal_days IS NULL AS is_fresh FROM judged WHERE facet = 'object')
  GROUP BY tok, window_start
)
SELECT w.tok, w.window_start, wide.* EXCLUDE (tok, window_start), addresses.ip_new_sharers, objects.* EXCLUDE (tok, window_start)
FROM w LEFT JOIN wide USING (tok, window_start) LEFT JOIN addresses USING (tok, window_start)
LEFT JOIN objects USING (tok, window_start);

CREATE OR REPLACE TEMP TABLE entropies AS
SELECT tok, window_start,
  -sum(share * ln(share)) FILTER (facet = 'operation') AS operation_entropy,
  -sum(share * ln(share)) FILTER (facet = 'object') AS object_entropy
FROM (SELECT tok, window_start, facet, n / sum(n) OVER (PARTITION BY tok, window_start, facet) AS share
      FROM today WHERE facet IN ('operation', 'object'))
GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE sharing AS
SELECT tok, window_start, max(tokens) AS ip_tokens, max(tenants) AS ip_tenants FROM (
  SELECT t.tok, t.window_start, count(*) OVER ip AS tokens, count(DISTINCT tk.tenant) OVER ip AS tenants
  FROM today t JOIN tokens tk USING (tok) WHERE t.facet = 'ip' WINDOW ip AS (PARTITION BY t.vh, t.window_start))
GROUP BY ALL`)
}

/** Facets that get the full set of statistics in `fx`; objects have columns of their own besides. */
export const FACET_STATISTICS = [
  'ip',
  'net',
  'asn',
  'country',
  'network_type',
  'client',
  'agent',
  'operation',
  'resource',
  'scope',
  'status',
  'bigram',
  'object',
] as const

/** Reads a statistic of a facet from `fx`. */
export function facetSql(
  facet: (typeof FACET_STATISTICS)[number],
  statistic:
    | 'distinct_values'
    | 'surprise'
    | 'worst'
    | 'worst_peers'
    | 'surplus'
    | 'fresh'
    | 'mean_surprise'
    | 'adopted',
): string {
  return `fx.${facet}.${statistic}`
}
