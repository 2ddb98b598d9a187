import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { readTold } from '../../../src/engine/history-files.ts'
import { type Engine, quoteName, quoteText } from '../../../src/sql/duckdb.ts'
import { listPartitions, type Workspace } from '../../../src/sql/workspace.ts'
import { withState } from '../../../src/state/state.ts'

/** What differs between two tables of the same name; as many as each row stands there. */
export interface Difference {
  readonly table: string
  readonly rows: number
  /** Rows of the undisturbed workspace that the other lacks, and rows that only the other has. */
  readonly lost: number
  readonly twice: number
}

const TABLES = ['events', 'rejects', 'activity', 'use', 'features', 'scores', 'alerts'] as const

/** Compares all rows of two workspaces, and what their state says of progress; every table is named, equal ones with zeros. */
export async function compareWorkspaces(
  engine: Engine,
  undisturbed: Workspace,
  other: Workspace,
): Promise<Difference[]> {
  const differences: Difference[] = []
  for (const table of TABLES) {
    await readInto(engine, 'wanted', parquetBelow(undisturbed[table]), table)
    await readInto(engine, 'found', parquetBelow(other[table]), table)
    differences.push({ table, ...(await countDifferences(engine)) })
  }
  differences.push({ table: 'history', ...differenceOf(toldRows(undisturbed), toldRows(other)) })
  for (const table of ['checkpoints', 'suppressions'] as const) {
    const [wanted, found] = [await stateRows(undisturbed, table), await stateRows(other, table)]
    differences.push({ table, ...differenceOf(wanted, found) })
  }
  return differences
}

function parquetBelow(folder: string): string[] {
  return filesBelow(folder).filter(file => file.endsWith('.parquet'))
}

/** Gaps and links that the history tells, by day. The rest of it is numbers of one workspace: it shows in the features of later days. */
function toldRows(workspace: Workspace): string[] {
  return listPartitions(workspace.history).flatMap(day => {
    const { gaps, links } = readTold(workspace, day)
    return [...gaps, ...links].map(one => JSON.stringify({ day, ...one }))
  })
}

function differenceOf(wanted: readonly string[], found: readonly string[]): Omit<Difference, 'table'> {
  const lost = wanted.filter(row => !found.includes(row)).length
  return { rows: wanted.length, lost, twice: found.filter(row => !wanted.includes(row)).length }
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}

/** The name of a batch holds the moment of its run; whatever else there is belongs to the day of its folder. */
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
