import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEngine } from '../../src/sql/duckdb.ts'
import { publishQuery } from '../../src/sql/workspace.ts'
import { type ColumnCells, type Columns, readColumns } from './columns.ts'
import { compareFeatures, tiedColumns } from './compare.ts'

function table(columns: Record<string, ColumnCells>): Columns {
  const names = Object.keys(columns)
  return { names, columns: new Map(Object.entries(columns)), rows: columns[names[0]!]!.length }
}

const HOURS = {
  tenant_id: ['a', 'a', 'b'],
  token_id: ['t', 't', 't'],
  window_start: [0, 3_600_000, 0],
  role: [null, 'job', 'job'],
  ip_surprise: [0.5, null, 200],
  ip_worst: ['10.0.0.1', null, '10.0.0.2'],
  ip_worst_peers: [1, null, 2],
  foreign_object: ['docs:1', null, null],
}

const differences = (changes: Record<string, ColumnCells>) => {
  const found = compareFeatures(table(HOURS), table({ ...HOURS, ...changes }))
  return found.map(({ column, different }) => [column, different])
}

test('tables are equal whatever the order of their rows, and within 1e-5 of the number or of one', () => {
  const reverse = Object.entries(HOURS).map(([name, cells]) => [name, [...cells].reverse()])
  expect(compareFeatures(table(HOURS), table(Object.fromEntries(reverse)))).toEqual([])
  expect(differences({ ip_surprise: [0.500009, null, 200.0019] })).toEqual([])
  // What is NaN in a typed array is null.
  expect(differences({ ip_surprise: Float64Array.of(0.5, Number.NaN, 200) })).toEqual([])
})

test('a number beyond the bound, a null and a text are found, with the row of the first', () => {
  expect(differences({ ip_surprise: [0.50002, null, 200.003] })).toEqual([['ip_surprise', 2]])
  expect(differences({ ip_surprise: [null, null, 200] })).toEqual([['ip_surprise', 1]])
  expect(differences({ ip_surprise: [0.5, 0, 200] })).toEqual([['ip_surprise', 1]])
  expect(differences({ role: ['job', 'job', 'admin'] })).toEqual([['role', 2]])
  const [found] = compareFeatures(table(HOURS), table({ ...HOURS, ip_surprise: [0.5, null, 201] }))
  expect(found!.report).toBe('ip_surprise: 1 of 3 rows differ; first "b" "t" 0: 200 -> 201')
})

test('rows and columns that one table lacks, and rows that it has twice, are found', () => {
  const [first, ...rest] = compareFeatures(table(HOURS), table({ ...HOURS, token_id: ['t', 'u', 't'] }))
  expect(first!.report).toBe('row: 2 of 2 rows differ; first "a" "t" 3600000: missing')
  expect(rest).toEqual([])
  expect(differences({ window_start: [0, 0, 0] })).toEqual([['row', 2]])
  const { role: _, ...lacking } = HOURS
  const [missing] = compareFeatures(table(HOURS), table(lacking))
  expect(missing).toMatchObject({ column: 'role', first: 'only the expected table has it' })
  expect(compareFeatures(table(lacking), table(HOURS))).toHaveLength(1)
})

test('another worst value is a tie where all else agrees, and only there', () => {
  const other = { ip_worst: ['10.0.0.9', null, '10.0.0.2'], ip_worst_peers: [7, null, 2] }
  expect(differences(other)).toEqual([])
  expect(differences({ foreign_object: ['docs:2', null, null] })).toEqual([])
  const tied = tiedColumns(table(HOURS), table({ ...HOURS, ...other }))
  expect(tied.map(({ column, tied: rows }) => [column, rows])).toEqual([
    ['ip_worst', 1],
    ['ip_worst_peers', 1],
  ])
  // The same value with other peers, and a row that differs in more.
  expect(differences({ ip_worst_peers: [7, null, 2] })).toEqual([['ip_worst_peers', 1]])
  expect(differences({ ...other, ip_surprise: [0.6, null, 200] })).toEqual([
    ['ip_surprise', 1],
    ['ip_worst', 1],
    ['ip_worst_peers', 1],
  ])
})

test('what is read from Parquet is as it was written: moments in ms, numbers, texts and nulls', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-columns-'))
  const engine = await openEngine({ threads: 1 })
  const file = join(folder, 'rows.parquet')
  await publishQuery(
    engine,
    `SELECT 'a' AS tenant_id, TIMESTAMP_MS '1970-01-01 01:00:00' AS window_start, 0.5::FLOAT AS x, NULL::DOUBLE AS y, 3 AS n`,
    file,
  )
  const read = await readColumns(engine, [file, file])
  engine.close()
  rmSync(folder, { recursive: true })
  expect(read.rows).toBe(2)
  expect(Object.fromEntries(read.columns)).toEqual({
    tenant_id: ['a', 'a'],
    window_start: [3_600_000, 3_600_000],
    x: [0.5, 0.5],
    y: [null, null],
    n: [3, 3],
  })
})
