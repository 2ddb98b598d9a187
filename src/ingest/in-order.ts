import { join } from 'node:path'
import { type Engine, quoteText } from '../sql/duckdb.ts'
import { type Staged, stagedSql } from './stage.ts'

/**
 * How many days a row group may reach over, on average, before staged rows are put in order first: each day reads all groups
 * that reach into it, and to sort once costs about as much as to read three times.
 */
const MOST_DAYS = 4

/** Staged rows as a relation from which a day can be read without the others: sorted below `scratch` where logs are in no order. */
export async function inOrderOfTime(
  engine: Engine,
  staged: Staged,
  days: readonly string[],
  scratch: string,
): Promise<string> {
  const relation = stagedSql(staged)
  if ((await daysPerGroup(engine, staged.paths, days)) <= MOST_DAYS) return relation
  const path = join(scratch, 'in-order.parquet')
  await engine.run(
    `COPY (SELECT * FROM ${relation} WHERE reason IS NULL ORDER BY time) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 30000)`,
  )
  return `(SELECT * FROM read_parquet(${quoteText(path)}, hive_partitioning = false))`
}

/** Of the days given (ascending), how many a row group reaches over on average. */
async function daysPerGroup(
  engine: Engine,
  paths: readonly string[],
  days: readonly string[],
): Promise<number> {
  const groups = await engine.rows<{ first: string | null; last: string | null }>(
    `SELECT stats_min_value[1:10] AS first, stats_max_value[1:10] AS last
FROM parquet_metadata([${paths.map(quoteText).join(', ')}]) WHERE path_in_schema = 'time'`,
  )
  // A day can't be read from less than a group.
  if (groups.length <= MOST_DAYS) return 0
  const reached = groups.map(({ first, last }) =>
    first === null || last === null ? 0 : days.filter(day => first <= day && day <= last).length,
  )
  return reached.reduce((sum, n) => sum + n, 0) / groups.length
}
