import { type Engine, quoteText } from '../sql/duckdb.ts'

/** What tells events apart. (The id alone would drop events of logs whose ids start over, and without the tenant one customer could make another's event vanish.) */
const IDENTITY = ['event_id', 'time', 'token_id', 'tenant_id'] as const

/** Table `kh_repeats (file, place, occurrence)`: usable rows whose very record stands several times in their file. */
export async function loadRepeats(engine: Engine, usable: string): Promise<void> {
  // Repeats are rare: only they go through a window function, which would be dear over all rows.
  await engine.run(`
CREATE OR REPLACE TABLE kh_repeats AS
WITH s AS (SELECT file, place, row_hash FROM (${usable}) WHERE row_hash IS NOT NULL),
repeated AS (SELECT file, row_hash FROM s GROUP BY ALL HAVING count(*) > 1)
SELECT file, place, row_number() OVER (PARTITION BY file, row_hash ORDER BY place) AS occurrence
FROM s SEMI JOIN repeated r ON r.file = s.file AND r.row_hash = s.row_hash`)
}

/**
 * Table `kh_duplicates (file, place)`: rows of a table of events that are no new ones, since one of the same {@link IDENTITY} is already
 * in one of the `stored` files or came earlier in the table.
 */
export async function loadDuplicates(
  engine: Engine,
  events: string,
  stored: readonly string[],
): Promise<void> {
  const names = IDENTITY.join(', ')
  const already =
    stored.length === 0
      ? ''
      : `UNION
SELECT e.file, e.place FROM ${events} e SEMI JOIN (
  SELECT ${names} FROM read_parquet([${stored.map(quoteText).join(', ')}], hive_partitioning = false)
  WHERE time BETWEEN (SELECT min(time) FROM ${events}) AND (SELECT max(time) FROM ${events})
) x ON ${IDENTITY.map(name => `x.${name} = e.${name}`).join(' AND ')}`
  // The hash of an identity is small to group by; those that share one are then compared in full.
  await engine.run(`
CREATE OR REPLACE TABLE kh_duplicates AS
WITH e AS (SELECT file, place, ${names}, hash(${names}) AS identity FROM ${events}),
repeated AS (SELECT identity FROM e GROUP BY identity HAVING count(*) > 1)
SELECT file, place FROM (
  SELECT file, place, row_number() OVER (PARTITION BY ${names} ORDER BY file, place) AS occurrence
  FROM e SEMI JOIN repeated r ON r.identity = e.identity
) WHERE occurrence > 1
${already}`)
}

/** The rows of some events that are no duplicates. */
export function freshSql(events: string): string {
  return `SELECT e.* FROM (${events}) e ANTI JOIN kh_duplicates d ON d.file = e.file AND d.place = e.place`
}
