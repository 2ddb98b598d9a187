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
  const [size] = await engine.rows<{ rows: number | null }>(
    `SELECT max(num_rows) AS rows FROM parquet_file_metadata([${files.map(quoteText).join(', ')}])`,
  )
  return (size!.rows ?? 0) >= LEAST_ROWS ? work() : onOneThread(engine, work)
}

/** Does the work with one thread for each statement of the engine. */
export async function onOneThread<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
  const threads = await threadsOf(engine)
  if (threads === 1) return work()
  await engine.run('SET threads = 1')
  try {
    return await work()
  } finally {
    await engine.run(`SET threads = ${threads}`)
  }
}

/** How many threads a statement of the engine may use. */
export async function threadsOf(engine: Engine): Promise<number> {
  const [setting] = await engine.rows<{ threads: number }>(`SELECT current_setting('threads') AS threads`)
  return setting!.threads
}
