import { existsSync, readdirSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { type Engine, quoteName, quoteText } from '../../../src/sql/duckdb.ts'
import type { Workspace } from '../../../src/sql/workspace.ts'
import { withState } from '../../../src/state/state.ts'

/** What differs between two tables of the same name; as many as each row stands there. */
export interface Difference {
  readonly table: string
  readonly rows: number
  /** Rows of the undisturbed workspace that the other lacks, and rows that only the other has. */
  readonly lost: number
  readonly twice: number
}

const TABLES = [
  'events',
  'rejects',
  'activity',
  'facets',
  'tails',
  'features',
  'history',
  'scores',
  'alerts',
] as const

/** Compares all rows of two workspaces, and what their state says of progress; every table is named, equal ones with zeros. */
export async function compareWorkspaces(
  engine: Engine,
  undisturbed: Workspace,
  other: Workspace,
): Promise<Difference[]> {
  const differences: Difference[] = []
  for (const table of TABLES) {
    const [wanted, found] = [partsOf(undisturbed[table], table), partsOf(other[table], table)]
    for (const part of new Set([...wanted.keys(), ...found.keys()])) {
      await readInto(engine, 'wanted', wanted.get(part) ?? [], table)
      await readInto(engine, 'found', found.get(part) ?? [], table)
      const name = part === '' ? table : `${table} ${part}`
      differences.push({ table: name, ...(await countDifferences(engine)) })
    }
  }
  for (const table of ['checkpoints', 'suppressions'] as const) {
    const [wanted, found] = [await stateRows(undisturbed, table), await stateRows(other, table)]
    const lost = wanted.filter(row => !found.includes(row)).length
    differences.push({
      table,
      rows: wanted.length,
      lost,
      twice: found.filter(row => !wanted.includes(row)).length,
    })
  }
  return differences
}

/** Parquet files by the table that they belong to: history is several. */
function partsOf(folder: string, table: string): Map<string, string[]> {
  const parts = new Map<string, string[]>()
  for (const file of filesBelow(folder).filter(file => file.endsWith('.parquet'))) {
    const part = table === 'history' ? basename(file, '.parquet') : ''
    parts.set(part, [...(parts.get(part) ?? []), file])
  }
  return parts
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}

/** The name of a batch holds the moment of its run; history is kept by the day of its folder. */
async function readInto(
  engine: Engine,
  name: string,
  files: readonly string[],
  table: string,
): Promise<void> {
  const left = table === 'rejects' ? 'batch, filename' : 'filename'
  const day = table === 'rejects' ? '' : ", regexp_extract(filename, 'date=([0-9-]+)', 1) AS kept_under"
  const read = `SELECT * EXCLUDE (${left})${day} FROM read_parquet([${files.map(quoteText).join(', ')}],
    union_by_name = true, hive_partitioning = false, filename = true)`
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE ${quoteName(name)} AS ${files.length === 0 ? 'SELECT NULL AS nothing WHERE false' : read}`,
  )
}

async function countDifferences(engine: Engine): Promise<Omit<Difference, 'table'>> {
  const count = async (sql: string) =>
    (await engine.rows<{ n: number }>(`SELECT count(*) AS n FROM (${sql})`))[0]!.n
  const rows = await count('FROM wanted')
  const others = await count('FROM found')
  if (rows === 0 || others === 0) return { rows, lost: rows, twice: others }
  return {
    rows,
    lost: await count('FROM wanted EXCEPT ALL FROM found'),
    twice: await count('FROM found EXCEPT ALL FROM wanted'),
  }
}

/** Rows of the state as text, without when they were written. */
async function stateRows(workspace: Workspace, table: 'checkpoints' | 'suppressions'): Promise<string[]> {
  const rows = await withState(workspace, state => state.db.selectFrom(table).selectAll().execute())
  return rows.map(row => JSON.stringify({ ...row, at: null, last_hit_at: null }))
}

/** Work in progress that nobody is at: what a killed run left behind. */
export function leftovers({ root }: Workspace): string[] {
  if (!existsSync(root)) return []
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => /^\..*\.tmp$|^\.ingest-/.test(entry.name))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
}
