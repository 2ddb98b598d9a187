import { KeyhoundError } from '../../lib/errors.ts'
import { type Engine, quoteText } from '../../sql/duckdb.ts'

/**
 * Leaves the engine able to read and write the given folders and nothing else, for good: no other file, no network, no
 * extension, and no way to change that back. Views over files below those folders go on working.
 */
export async function sealEngine(engine: Engine, folders: readonly string[]): Promise<void> {
  await engine.run(`SET allowed_directories = [${folders.map(quoteText).join(', ')}]`)
  await engine.run('SET enable_external_access = false')
  await engine.run('SET lock_configuration = true')
}

interface Serialised {
  readonly error: boolean
  readonly error_type?: string
  readonly error_message?: string
  readonly statements?: readonly unknown[]
}

/**
 * Answers the statement without its final semicolon if it is exactly one that only reads: SELECT, WITH, FROM, VALUES,
 * DESCRIBE, SHOW, SUMMARIZE. Throws `usage` otherwise. DuckDB's own parser decides: `json_serialize_sql` takes nothing
 * but SELECT statements and those that it rewrites into one.
 */
export async function readOnlyStatement(engine: Engine, sql: string): Promise<string> {
  const [row] = await engine.rows<{ tree: string }>(
    'SELECT json_serialize_sql($sql::VARCHAR)::VARCHAR AS tree',
    {
      sql,
    },
  )
  const parsed = JSON.parse(row!.tree) as Serialised
  if (parsed.error) {
    throw new KeyhoundError(
      'usage',
      parsed.error_type === 'parser'
        ? `the query cannot be parsed: ${parsed.error_message}`
        : 'a query only reads: write one SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW or SUMMARIZE statement',
    )
  }
  const count = parsed.statements?.length ?? 0
  if (count !== 1) {
    throw new KeyhoundError('usage', count === 0 ? 'the query is empty' : `write one statement, not ${count}`)
  }
  return sql.trim().replace(/(\s*;)+$/, '')
}
