import type { Engine } from '../../sql/duckdb.ts'
import { quoteText } from '../../sql/duckdb.ts'
import { ageClassSql, FEATURE_PARAMETERS as P } from '../parameters.ts'
import { createLineage } from './lineage.ts'

/**
 * `w`: the token-hours of the day with 64-bit keys, and what was known of each token when the day began.
 * `today`: the day's facet values, one row a (token-hour, facet, value).
 * `tokens`: every token with history or traffic today, history being that of its lineage. A new role or
 * principal holds from the next day on (`last_*`), since an hour must not depend on what a later one shows; that of a new token
 * is its first hour's.
 */
export async function createWindows(
  engine: Engine,
  day: string,
  countFiles: string[],
  facetFiles: string[],
): Promise<void> {
  const read = (files: string[]) =>
    `read_parquet([${files.map(quoteText).join(', ')}], hive_partitioning = false)`
  await engine.run(`
CREATE OR REPLACE TEMP TABLE counted AS
SELECT *, hash(tenant_id, token_id) AS tok, hash(tenant_id) AS tenant, hash(tenant_id, principal_id) AS principal,
  hash(tenant_id, coalesce(role, token_kind, '')) AS peer
FROM ${read(countFiles)};

CREATE OR REPLACE TEMP TABLE today AS
SELECT hash(tenant_id, token_id) AS tok, window_start, facet, hash(facet, value) AS vh, value, n FROM ${read(facetFiles)};`)
  await createLineage(engine, day)
  await engine.run(`
CREATE OR REPLACE TEMP TABLE tokens AS
WITH past AS (
  SELECT tok, arg_max(tenant, day) AS tenant, arg_max(principal, day) AS principal, arg_max(peer, day) AS peer,
    min(day) AS first_day, max(last_time) AS last_time, count(*) FILTER (hours > 0) AS active_days, sum(hours) AS active_hours,
    count(*) FILTER (hours > 0 AND is_whole) AS whole_days,
    sum(pow(0.5, (DATE '${day}' - day) / ${P.halfLifeDays}.0)) FILTER (hours > 0) AS weight_days
  FROM inherited_tokens GROUP BY tok
), present AS (
  SELECT tok, any_value(tenant) AS tenant, arg_min(principal, window_start) AS principal, arg_min(peer, window_start) AS peer,
    arg_max(principal, window_start) AS last_principal, arg_max(peer, window_start) AS last_peer
  FROM counted GROUP BY tok
)
SELECT tok, coalesce(past.tenant, present.tenant) AS tenant, coalesce(past.principal, present.principal) AS principal,
  coalesce(past.peer, present.peer) AS peer, last_principal, last_peer, past.first_day, past.last_time,
  coalesce(active_days, 0) AS active_days, coalesce(active_hours, 0) AS active_hours, coalesce(whole_days, 0) AS whole_days, coalesce(weight_days, 0) AS weight_days,
  ${ageClassSql('coalesce(active_days, 0)')} AS age, present.tok IS NOT NULL AS is_present,
  tok IN (SELECT tok FROM borrowers) AS is_borrower,
  coalesce(own.days, 0) AS own_days
FROM past FULL JOIN present USING (tok)
LEFT JOIN (SELECT tok, count(*) FILTER (hours > 0) AS days FROM log_tokens GROUP BY tok) own USING (tok);

CREATE OR REPLACE TEMP TABLE w AS
SELECT counted.* EXCLUDE (tenant, principal, peer), tokens.tenant, tokens.principal, tokens.peer, tokens.age,
  tokens.active_days, tokens.own_days, tokens.active_hours, tokens.weight_days, tokens.first_day,
  coalesce(lag(counted.last_time) OVER earlier, tokens.last_time) AS previous_time,
  date_diff('hour', previous_time, counted.window_start)::DOUBLE AS gap_hours,
  sum(requests) OVER so_far AS day_requests, sum(response_bytes) OVER so_far AS day_response_bytes,
  sum(denied) OVER so_far AS day_denied, sum(deletes) OVER so_far AS day_deletes, sum(sensitive) OVER so_far AS day_sensitive,
  sum(writes) OVER so_far AS day_writes, count(*) OVER so_far AS day_hours
FROM counted JOIN tokens USING (tok)
WINDOW earlier AS (PARTITION BY tok ORDER BY window_start),
  so_far AS (PARTITION BY tok ORDER BY window_start ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

DROP TABLE counted`)
}
