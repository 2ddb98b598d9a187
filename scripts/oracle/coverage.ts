import { FEATURES } from '../../src/features/catalogue.ts'
import { type Engine, quoteName, quoteText } from '../../src/sql/duckdb.ts'

/** How much the goldens say about a feature. */
export interface Coverage {
  readonly name: string
  /** Rows in which it is not null. */
  readonly known: number
  /** Distinct values that are not null. */
  readonly values: number
  /** Worlds in which it takes at least two values. */
  readonly worlds: number
}

/** Counts of each feature over the features of all worlds, one file each. */
export async function coverageOf(engine: Engine, worlds: ReadonlyMap<string, string>): Promise<Coverage[]> {
  const parts = [...worlds].map(
    ([name, file]) => `SELECT ${quoteText(name)} AS world, * FROM read_parquet(${quoteText(file)})`,
  )
  await engine.run(`CREATE OR REPLACE TEMP TABLE goldens AS ${parts.join(' UNION ALL BY NAME ')}`)
  const found: Coverage[] = []
  for (const { name } of FEATURES) {
    const column = quoteName(name)
    const [row] = await engine.rows<Omit<Coverage, 'name'>>(`
SELECT count(${column}) AS known, count(DISTINCT ${column}) AS values,
  (SELECT count(*) FROM (SELECT world FROM goldens GROUP BY world HAVING count(DISTINCT ${column}) > 1)) AS worlds
FROM goldens`)
    found.push({ name, ...row! })
  }
  await engine.run('DROP TABLE goldens')
  return found
}
