import type { EventColumn } from '../schema/event.ts'
import { type Engine, quoteText } from '../sql/duckdb.ts'
import { readColumns, valuesSql } from './normalise.ts'
import { type Staged, stagedSql } from './stage.ts'

/** Columns of events that hold few texts in most logs: a text is then sorted and written as its number. */
const FEW_TEXTS = [
  'tenant_id',
  'principal_id',
  'token_id',
  'session_id',
  'token_kind',
  'role',
  'granted_scopes',
  'method',
  'operation',
  'resource_type',
  'required_scope',
  'as_org',
  'network_type',
  'country',
  'city',
  'user_agent',
  'client',
  'client_version',
  'device_type',
] as const satisfies readonly EventColumn[]

/** Of fewer rows, to find the texts takes longer than it saves: 40 ms, against 3 us a row (measured). */
const LEAST_ROWS = 20_000
/** A file of events names all texts of the run, also those of other days: they are to be few beside its own rows. */
const ROWS_A_TEXT = 8

/**
 * Creates an ENUM for each column with few texts; returns the types by column. The dictionaries of the staged rows are there
 * already. Files have texts all the same: the type is the engine's own business.
 */
export async function createFewTexts(
  engine: Engine,
  rows: Staged,
  size: { rows: number; days: number },
): Promise<Map<string, string>> {
  const types = new Map<string, string>()
  if (size.rows < LEAST_ROWS) return types
  const most = Math.floor(size.rows / size.days / ROWS_A_TEXT)
  const many = await manyTexts(engine, rows, most)
  for (const name of FEW_TEXTS) {
    if (readColumns(name).some(column => many.has(column))) continue
    await engine.run(
      `CREATE OR REPLACE TEMP TABLE kh_texts AS ${valuesSql(name, stagedSql(rows))} ORDER BY value`,
    )
    const [row] = await engine.rows<{ n: number }>('SELECT count(*) AS n FROM kh_texts')
    if (row!.n > most) continue
    await engine.run(
      `DROP TYPE IF EXISTS ${typeOf(name)}; CREATE TYPE ${typeOf(name)} AS ENUM (SELECT value FROM kh_texts ORDER BY value)`,
    )
    types.set(name, typeOf(name))
  }
  await engine.run('DROP TABLE IF EXISTS kh_texts')
  return types
}

/** Removes what {@link createFewTexts} made, once no table uses it. */
export async function dropFewTexts(engine: Engine): Promise<void> {
  for (const name of FEW_TEXTS) await engine.run(`DROP TYPE IF EXISTS ${typeOf(name)}`)
}

const typeOf = (name: string) => `kh_enum_${name}`

/** Staged columns with more than so many texts in some group of rows, as the dictionaries of their files say. */
async function manyTexts(engine: Engine, { paths }: Staged, most: number): Promise<Set<string>> {
  const rows = await engine.rows<{ name: string }>(
    `SELECT DISTINCT path_in_schema AS name FROM parquet_metadata([${paths.map(quoteText).join(', ')}])
WHERE type = 'BYTE_ARRAY' AND stats_null_count < num_values AND coalesce(stats_distinct_count > ${most}, true)`,
  )
  return new Set(rows.map(({ name }) => name))
}
