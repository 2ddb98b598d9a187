import { type Engine, quoteText } from './duckdb.ts'

/**
 * Below so many events a file (a day) its facet values, about three an event, do not fill one row group of 122,880, the unit of
 * work that DuckDB hands to a thread: a second thread costs half as much processor time again and gains nothing (measured on
 * days of 29,000 events).
 */
const LEAST_ROWS = 40_000

/** Does the work on one thread where each of the Parquet files holds less than a row group, else on all of the engine's. */
export async function fitThreads(
  engine: Engine,
  files: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const [size] = await engine.rows<{ threads: number; rows: number | null }>(
    `SELECT current_setting('threads') AS threads, max(num_rows) AS rows
FROM parquet_file_metadata([${files.map(quoteText).join(', ')}])`,
  )
  const { threads, rows } = size!
  if (threads === 1 || (rows ?? 0) >= LEAST_ROWS) return await work()
  await engine.run('SET threads = 1')
  try {
    await work()
  } finally {
    await engine.run(`SET threads = ${threads}`)
  }
}
