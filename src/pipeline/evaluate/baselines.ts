import { fitForest } from '../../detectors/isolation-forest/fit.ts'
import { scoreForest } from '../../detectors/isolation-forest/score.ts'
import { EVENT_COLUMNS } from '../../schema/event.ts'
import type { Progress } from '../../schema/run.ts'
import { type Engine, quoteName, timestampLiteral } from '../../sql/duckdb.ts'
import { createView, dayOf, listDays, type Workspace } from '../../sql/workspace.ts'
import type { Ranker } from './ranking.ts'
import { DAY_MS, KEY, valuesByRow, type World } from './world.ts'

/** What detection without any of Keyhound would look like, on the same token-hours: the bar to clear. */
export async function baselineRankers(
  engine: Engine,
  workspace: Workspace,
  world: World,
  options: { readonly seed: number; readonly progress: Progress },
): Promise<Ranker[]> {
  return [
    await plainForest(engine, workspace, world, options),
    await requestsZScore(engine, world),
    await firstSeenNetwork(engine, world),
  ]
}

/**
 * How many standard deviations the hour's requests lie above the token's mean before the period (the period itself where
 * there is nothing before). Tokens with fewer than two hours of history are held against all tokens. The deviation is at
 * least one request.
 */
async function requestsZScore(engine: Engine, world: World): Promise<Ranker> {
  const history = world.tokens.some(token => token.hasHistory)
    ? `window_start < ${timestampLiteral(world.from)}`
    : `window_start < ${timestampLiteral(world.to)}`
  const sql = `
    WITH history AS (SELECT tenant_id, token_id, requests FROM activity WHERE ${history}),
    own AS (SELECT tenant_id, token_id, avg(requests) AS centre, stddev_samp(requests) AS sd FROM history GROUP BY ALL),
    overall AS (SELECT avg(requests) AS centre, stddev_samp(requests) AS sd FROM history)
    SELECT row_no, CASE WHEN own.sd IS NULL
        THEN (requests - overall.centre) / greatest(coalesce(overall.sd, 1), 1)
        ELSE (requests - own.centre) / greatest(own.sd, 1) END AS value
    FROM evaluate_windows JOIN activity USING (${KEY}) LEFT JOIN own USING (tenant_id, token_id), overall`
  return {
    name: 'requests_z_score',
    title: 'Requests z-score',
    kind: 'baseline',
    doc: "Requests of the hour against the token's own mean and standard deviation.",
    scores: await valuesByRow(engine, sql, world.rows, Number.NaN),
  }
}

/** What "network" is taken to mean: the first of these that at least half of the events state. */
const NETWORK_COLUMNS = ['asn', 'net', 'source_ip', 'client'] as const

/**
 * Requests of the hour from networks that the token used for the first time that UTC day; none on the token's own first
 * day, when everything is new.
 */
async function firstSeenNetwork(engine: Engine, world: World): Promise<Ranker> {
  const [stated] = await engine.rows<Record<string, number>>(
    `SELECT count(*) AS n, ${NETWORK_COLUMNS.map(name => `count(${name}) AS ${name}`).join(', ')} FROM events`,
  )
  const column = NETWORK_COLUMNS.find(name => 2 * stated![name]! >= stated!.n!) ?? 'source_ip'
  const within = `time >= ${timestampLiteral(world.from)} AND time < ${timestampLiteral(world.to)}`
  const sql = `
    WITH first_use AS (
      SELECT tenant_id, token_id, ${column} AS network, min(time)::DATE AS first_day
      FROM events WHERE ${column} IS NOT NULL AND time < ${timestampLiteral(world.to)} GROUP BY ALL),
    fresh AS (SELECT * FROM first_use JOIN (
        SELECT tenant_id, token_id, min(first_day) AS token_first_day FROM first_use GROUP BY ALL
      ) USING (tenant_id, token_id) WHERE first_day > token_first_day),
    counted AS (
      SELECT e.tenant_id, e.token_id, date_trunc('hour', e.time) AS window_start, count(*) AS n
      FROM events e JOIN fresh f ON e.tenant_id = f.tenant_id AND e.token_id = f.token_id
        AND e.${column} = f.network AND e.time::DATE = f.first_day
      WHERE ${within} GROUP BY ALL)
    SELECT row_no, n AS value FROM evaluate_windows JOIN counted USING (${KEY})`
  return {
    name: 'first_seen_network',
    title: `First-seen ${column === 'source_ip' ? 'address' : column === 'asn' ? 'ASN' : column}`,
    kind: 'baseline',
    doc: `Requests of the hour from a value of ${column} that the token first used that day.`,
    scores: await valuesByRow(engine, sql, world.rows, 0),
  }
}

/** Plain numbers of a token-hour, as any first attempt would count them; ln(1 + x) tames what spans orders of magnitude. */
const PLAIN_FEATURES: Record<string, string> = {
  requests: 'ln(1 + count(*))',
  failed: 'ln(1 + count(*) FILTER (WHERE status >= 400))',
  denied: 'ln(1 + count(*) FILTER (WHERE status IN (401, 403)))',
  not_found: 'ln(1 + count(*) FILTER (WHERE status = 404))',
  server_errors: 'ln(1 + count(*) FILTER (WHERE status >= 500))',
  writes: `ln(1 + count(*) FILTER (WHERE method IN ('POST', 'PUT', 'PATCH')))`,
  deletes: `ln(1 + count(*) FILTER (WHERE method = 'DELETE'))`,
  operations: 'count(DISTINCT hash(operation))',
  resources: 'ln(1 + count(DISTINCT hash(resource_id)))',
  addresses: 'count(DISTINCT hash(source_ip))',
  networks: 'count(DISTINCT asn)',
  countries: 'count(DISTINCT country)',
  clients: 'count(DISTINCT hash(client))',
  request_bytes: 'ln(1 + sum(request_bytes))',
  response_bytes: 'ln(1 + sum(response_bytes))',
  latency_ms: 'ln(1 + avg(latency_ms))',
  hour_of_day: `date_part('hour', any_value(time))`,
  is_weekend: `(date_part('isodow', any_value(time)) >= 6)::INTEGER`,
}

/** Days before the period that the plain forest is fitted on: two weeks hold every hour of the week twice. */
const FIT_DAYS = 14

/** Rows it is fitted on: 100 trees of 256 rows draw 25,600; more only costs memory. */
const FIT_ROWS = 100_000

/** Rows read and scored at a time. */
const SCORE_ROWS = 200_000

/** Isolation forest (Liu et al. 2008, 100 trees of 256 rows) on {@link PLAIN_FEATURES}, fitted on the two weeks before. */
async function plainForest(
  engine: Engine,
  workspace: Workspace,
  world: World,
  { seed, progress }: { readonly seed: number; readonly progress: Progress },
): Promise<Ranker> {
  const firstDay = dayOf(new Date(world.from.getTime() - FIT_DAYS * DAY_MS))
  const lastDay = dayOf(new Date(world.to.getTime() - 1))
  const days = listDays(workspace.events).filter(day => day >= firstDay && day <= lastDay)
  const names = Object.keys(PLAIN_FEATURES)
  const list = names.map(name => `(${PLAIN_FEATURES[name]})::FLOAT AS ${quoteName(name)}`).join(', ')
  progress.start('baseline features', days.length)
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE evaluate_plain (tenant_id VARCHAR, token_id VARCHAR, window_start TIMESTAMP_MS,
       ${names.map(name => `${quoteName(name)} FLOAT`).join(', ')})`,
  )
  for (const day of days) {
    // A day at a time: several exact distinct counts over all of it would need the memory of all of it.
    await createView(engine, 'evaluate_events', workspace.events, EVENT_COLUMNS, [day])
    await engine.run(
      `INSERT INTO evaluate_plain SELECT tenant_id, token_id, date_trunc('hour', time) AS window_start, ${list}
       FROM evaluate_events GROUP BY ALL`,
    )
    progress.step(1, day)
  }
  progress.done()

  const before = `window_start < ${timestampLiteral(world.from)}`
  const [size] = await engine.rows<{ before: number; all: number }>(
    `SELECT count(*) FILTER (WHERE ${before}) AS before, count(*) AS "all" FROM evaluate_plain`,
  )
  const fitOn = size!.before > 0 ? before : 'true'
  const scores = new Float64Array(world.rows).fill(Number.NaN)
  if (size!.all > 0) {
    const every = Math.max(1, Math.floor((size!.before || size!.all) / FIT_ROWS))
    const columns = names.map(quoteName).join(', ')
    const table = await engine.matrix(
      `SELECT ${columns} FROM evaluate_plain WHERE ${fitOn} AND hash(${KEY}) % ${every} = 0 ORDER BY ${KEY}`,
    )
    const forest = fitForest(table, { trees: 100, subsample: 256, seed })
    for (let first = 0; first < world.rows; first += SCORE_ROWS) {
      const rows = await engine.matrix(
        `SELECT ${columns} FROM evaluate_windows LEFT JOIN evaluate_plain USING (${KEY})
         WHERE row_no >= ${first} AND row_no < ${first + SCORE_ROWS} ORDER BY row_no`,
      )
      scores.set(scoreForest(forest, rows), first)
    }
  }
  await engine.run('DROP TABLE evaluate_plain; DROP VIEW IF EXISTS evaluate_events')
  return {
    name: 'plain_forest',
    title: 'Plain isolation forest',
    kind: 'baseline',
    doc: `Isolation forest on ${names.length} plain numbers of the token-hour, fitted on ${size!.before > 0 ? `up to ${FIT_DAYS} days before the period` : 'the period itself'}.`,
    scores,
  }
}
