import { join } from 'node:path'
import { DETECTOR_NAMES } from '../../../src/scoring/score-windows.ts'
import { type Engine, quoteText } from '../../../src/sql/duckdb.ts'
import { dayOf, partition, publishQuery, type Workspace } from '../../../src/sql/workspace.ts'

export interface SyntheticWindows {
  readonly windows: number
  readonly days: number
  readonly tokens: number
  readonly tenants: number
  /** Distinct operations and autonomous systems; few of them make most of the traffic. */
  readonly operations: number
  readonly networks: number
}

const DAY_MS = 86_400_000
const FIRST = Date.parse('2026-01-05')
const NETWORK_TYPES = ['business', 'hosting', 'residential', 'mobile', 'vpn', 'tor', 'private']
const COUNTRIES = ['NL', 'DE', 'US', 'GB', 'FR', 'IN', 'BR', 'JP', 'SG', 'ZA']
const KINDS = ['api_key', 'oauth', 'pat', 'session']

/**
 * Publishes scores, activity and facets of made-up token-hours: as many columns and values an hour as real logs have, risks that are
 * mostly small, values that are mostly a few. Numbers come from hashes of row numbers: the same options give the same rows.
 */
export async function writeWindows(
  engine: Engine,
  workspace: Workspace,
  { windows, days, tokens, tenants, operations, networks }: SyntheticWindows,
): Promise<void> {
  const perDay = Math.ceil(windows / days)
  const list = (values: readonly string[]) => `[${values.map(quoteText).join(', ')}]`
  // Uniform in [0, 1), another one for each salt.
  await engine.run(
    'CREATE OR REPLACE TEMP MACRO uniform(i, salt) AS (hash(i * 1000 + salt) >> 11)::DOUBLE / 9007199254740992',
  )
  for (let n = 0; n < days; n++) {
    const begin = n * perDay
    const end = Math.min(windows, begin + perDay)
    const day = dayOf(new Date(FIRST + n * DAY_MS))
    await engine.run(`CREATE OR REPLACE TEMP TABLE made AS
      SELECT i, 'tenant-' || (token % ${tenants}) AS tenant_id, 'person-' || (token // 2) AS principal_id, 'token-' || token AS token_id, token,
        (DATE '${day}' + to_hours((i // ${tokens} % 24)::INTEGER))::TIMESTAMP_MS AS window_start,
        CASE WHEN uniform(i, 1) < 0.02 THEN 100 * uniform(i, 2) ELSE 20 * uniform(i, 2) ^ 3 END AS risk
      FROM (SELECT i, i % ${tokens} AS token FROM range(${begin}, ${end}) t(i))`)
    const detectors = DETECTOR_NAMES.map(
      (name, d) =>
        `CASE WHEN uniform(i, ${20 + d}) < 0.4 THEN 0 ELSE -ln(1 - uniform(i, ${20 + d})) END AS "detector_${name}"`,
    )
    await publishQuery(
      engine,
      `SELECT tenant_id, principal_id, token_id, window_start, window_start + INTERVAL 1 HOUR AS window_end, risk / 4 + uniform(i, 3) AS score, risk,
         NULL::DOUBLE AS filter_probability, CASE WHEN risk >= 90 THEN 'critical' WHEN risk >= 70 THEN 'high' WHEN risk >= 50 THEN 'medium' WHEN risk >= 25 THEN 'low' ELSE 'info' END AS severity,
         1.0 AS maturity, 'default@1' AS model, '[]' AS reasons, ${detectors.join(', ')} FROM made`,
      join(partition(workspace.scores, day), 'scores.parquet'),
    )
    await publishQuery(
      engine,
      `SELECT tenant_id, principal_id, token_id, window_start, CASE WHEN token % 9 > 0 THEN ${list(KINDS)}[1 + token % 4] END AS token_kind FROM made`,
      join(partition(workspace.activity, day), 'counts.parquet'),
    )
    // Of each facet so many draws an hour, the square of a uniform: the first values are the frequent ones.
    const facet = (name: string, draws: number, salt: number, value: string) =>
      `SELECT tenant_id, token_id, window_start, '${name}' AS facet, ${value} AS value, count(*)::INTEGER AS n
       FROM (SELECT *, uniform(i, ${salt} + draw) ^ 2 AS u FROM made, range(${draws}) r(draw) WHERE draw <= (i + ${salt}) % ${draws + 1}) GROUP BY ALL`
    const facets = [
      facet(
        'network_type',
        2,
        100,
        `${list(NETWORK_TYPES)}[1 + (u * ${NETWORK_TYPES.length})::INTEGER % ${NETWORK_TYPES.length}]`,
      ),
      facet(
        'country',
        2,
        200,
        `${list(COUNTRIES)}[1 + (u * ${COUNTRIES.length})::INTEGER % ${COUNTRIES.length}]`,
      ),
      facet('asn', 2, 300, `(64500 + (u * ${networks})::INTEGER)::VARCHAR`),
      facet('operation', 8, 400, `'GET /v2/things-' || (u * ${operations})::INTEGER || '/{id}'`),
      facet('ip', 2, 500, `'10.0.' || (u * 255)::INTEGER || '.' || i % 255`),
    ]
    await publishQuery(
      engine,
      facets.join(' UNION ALL '),
      join(partition(workspace.facets, day), 'facets.parquet'),
    )
  }
  await engine.run('DROP TABLE made')
}
