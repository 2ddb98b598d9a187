import { join } from 'node:path'
import { dropTables, type Engine, quoteText } from '../sql/duckdb.ts'
import { listDays, listParquet, partition, publishQuery, type Workspace } from '../sql/workspace.ts'

/**
 * What is known of the past, as append-only logs of one row a day: no state is ever rewritten, the window of memory slides by
 * itself, and a killed run leaves whole days. The tables live in the engine while a run lasts:
 *
 * - `log_tokens`  (day, tok, tenant, principal, peer, last_time, hours, is_whole)    who was active; 0 hours: held, see held.ts
 * - `log_values`  (day, tok, vh)                                                     which facet values, hashed to 64 bits
 * - `log_hours`   (day, tok, slot)                                                   which hours of the day
 * - `log_novelty` (day, tok, peer, facet, class, age, fresh)                         how many first-seen values, by class
 * - `log_tails`   (day, tok, peer, metric, bin, n)                                   histogram of each metric,  quarter octaves
 * - `log_daily`   (day, tok, metric, x)                                              daily totals, log1p
 * - `log_pulse`   (day, tenant, hour)                                                hours with events; tenant 0: the whole log
 * - `log_gaps`    (day, tenant, tenant_id, start, finish)                            gaps in logging, by the day they ended
 * - `log_links`   (day, kind, tok, prev, since, confidence, reason)                  which token follows which
 */
export const HISTORY_LOGS = [
  'tokens',
  'values',
  'hours',
  'novelty',
  'tails',
  'daily',
  'pulse',
  'gaps',
  'links',
] as const
type HistoryLog = (typeof HISTORY_LOGS)[number]

const LOG_COLUMNS: Record<HistoryLog, string> = {
  tokens:
    'day DATE, tok UBIGINT, tenant UBIGINT, principal UBIGINT, peer UBIGINT, last_time TIMESTAMP_MS, hours INTEGER, is_whole BOOLEAN',
  values: 'day DATE, tok UBIGINT, vh UBIGINT',
  hours: 'day DATE, tok UBIGINT, slot TINYINT',
  novelty: 'day DATE, tok UBIGINT, peer UBIGINT, facet VARCHAR, class TINYINT, age TINYINT, fresh INTEGER',
  tails: 'day DATE, tok UBIGINT, metric SMALLINT, bin SMALLINT, n INTEGER',
  daily: 'day DATE, tok UBIGINT, metric SMALLINT, x DOUBLE',
  pulse: 'day DATE, tenant UBIGINT, hour TINYINT',
  gaps: 'day DATE, tenant UBIGINT, tenant_id VARCHAR, start TIMESTAMP_MS, finish TIMESTAMP_MS',
  links:
    'day DATE, kind VARCHAR, tok UBIGINT, prev UBIGINT, since TIMESTAMP_MS, confidence DOUBLE, reason VARCHAR',
}

/** Logs of what tokens did, which can be held back. */
export const TOKEN_LOGS = ['values', 'hours', 'novelty', 'tails', 'daily'] as const

/** Opens the logs with the days of `[day - historyDays, day)` that were published before. */
export async function openHistory(
  engine: Engine,
  workspace: Workspace,
  day: string,
  historyDays: number,
): Promise<void> {
  const from = new Date(Date.parse(day) - historyDays * 86_400_000).toISOString().slice(0, 10)
  const days = listDays(workspace.history).filter(known => known >= from && known < day)
  for (const log of HISTORY_LOGS) {
    await engine.run(`CREATE OR REPLACE TEMP TABLE log_${log} (${LOG_COLUMNS[log]})`)
    const files = days
      .flatMap(known => listParquet(partition(workspace.history, known)))
      .filter(f => f.endsWith(`/${log}.parquet`))
    if (files.length === 0) continue
    await engine.run(
      `INSERT INTO log_${log} SELECT * FROM read_parquet([${files.map(quoteText).join(', ')}], hive_partitioning = false)`,
    )
  }
}

/** Drops from the open logs what is older than `[day - historyDays, day)`: as if they had been opened for that day. */
export async function forgetHistory(engine: Engine, day: string, historyDays: number): Promise<void> {
  for (const log of HISTORY_LOGS)
    await engine.run(`DELETE FROM log_${log} WHERE day < DATE '${day}' - ${historyDays}`)
}

/** Publishes what the day adds to the logs (tables `add_<log>`), and appends it. */
export async function appendHistory(engine: Engine, workspace: Workspace, day: string): Promise<void> {
  for (const log of HISTORY_LOGS) {
    await publishQuery(
      engine,
      `SELECT * FROM add_${log}`,
      join(partition(workspace.history, day), `${log}.parquet`),
    )
    await engine.run(`INSERT INTO log_${log} SELECT * FROM add_${log}; DROP TABLE add_${log}`)
  }
}

/** Gives back the memory of the open logs. */
export async function closeHistory(engine: Engine): Promise<void> {
  await engine.run(dropTables(...HISTORY_LOGS.map(log => `log_${log}`)))
}
