import type { Engine } from '../../sql/duckdb.ts'
import { facetSql } from './values.ts'

/**
 * `cx`: what the whole tenant does in the same hour, so that an outage, a roll-out or a release is told from one token's
 * misuse. Shares are over the tenant's other active tokens; null where the token is alone.
 */
export async function createContext(engine: Engine): Promise<void> {
  await engine.run(`
CREATE OR REPLACE TEMP TABLE cx AS
WITH facts AS (
  SELECT w.tok, w.tenant, w.window_start,
    (coalesce(${facetSql('asn', 'fresh')}, ${facetSql('net', 'fresh')}, 0) > 0)::INT AS moved, (coalesce(${facetSql('client', 'fresh')}, 0) > 0)::INT AS new_client,
    (coalesce(${facetSql('operation', 'fresh')}, 0) > 0)::INT AS new_operation, coalesce(w.server_errors, 0) AS server_errors,
    w.requests, coalesce(w.failed, 0) AS failed
  FROM w LEFT JOIN fx USING (tok, window_start)
)
SELECT tok, window_start, count(*) OVER hour AS tenant_tokens,
  (sum(moved) OVER hour - moved) / nullif(count(*) OVER hour - 1, 0) AS tenant_moved,
  (sum(new_client) OVER hour - new_client) / nullif(count(*) OVER hour - 1, 0) AS tenant_new_client,
  (sum(new_operation) OVER hour - new_operation) / nullif(count(*) OVER hour - 1, 0) AS tenant_new_operation,
  (sum(server_errors) OVER hour - server_errors) / nullif(sum(requests) OVER hour - requests, 0) AS tenant_server_errors,
  (sum(failed) OVER hour - failed) / nullif(sum(requests) OVER hour - requests, 0) AS tenant_failed
FROM facts WINDOW hour AS (PARTITION BY tenant, window_start)`)
}
