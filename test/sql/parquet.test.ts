import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, openEngine, quoteText } from '../../src/sql/duckdb.ts'
import { type FileColumn as Column, parquetOf } from '../../src/sql/parquet.ts'

let engine: Engine
let folder: string
let files = 0
beforeAll(async () => {
  engine = await openEngine({ threads: 1 })
  folder = mkdtempSync(join(tmpdir(), 'keyhound-parquet-'))
})
afterAll(() => {
  engine.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Writes the columns and returns the file's name in SQL. */
async function write(columns: Record<string, Column>, rows: number, groupRows?: number): Promise<string> {
  const path = join(folder, `${files++}.parquet`)
  writeFileSync(path, await parquetOf(columns, rows, groupRows))
  return quoteText(path)
}

const text = (values: readonly (string | null)[]): Column => {
  const texts = [...new Set(values.filter(value => value !== null))]
  return {
    type: 'VARCHAR',
    codes: Int32Array.from(values, value => (value === null ? -1 : texts.indexOf(value))),
    texts,
  }
}
const floats = (values: readonly number[]): Column => ({ type: 'FLOAT', values: Float32Array.from(values) })
const numbers = (type: 'DOUBLE' | 'INTEGER' | 'TIMESTAMP_MS', values: readonly number[]): Column => ({
  type,
  values: Float64Array.from(values),
})

/** The rows as the SQL engine reads them, times as milliseconds. */
async function read(file: string) {
  const times = (await engine.describe(`SELECT * FROM ${file}`)).filter(({ type }) => type === 'TIMESTAMP')
  const replaced = times.map(({ name }) => `epoch_ms(${name})::DOUBLE AS ${name}`)
  const replace = replaced.length === 0 ? '' : ` REPLACE (${replaced.join(', ')})`
  return engine.rows(`SELECT *${replace} FROM ${file}`)
}

describe('a file of columns', () => {
  test('is read as the rows that were written, unknowns as nulls', async () => {
    const file = await write(
      {
        name: text(['b', null, 'ä', '', '𝄞']),
        f: floats([1.5, Number.NaN, -0, Number.POSITIVE_INFINITY, 2 ** -149]),
        d: numbers('DOUBLE', [0.1, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324, 2 ** 60]),
        i: numbers('INTEGER', [1, Number.NaN, -(2 ** 31), 2 ** 31 - 1, 0]),
        t: numbers('TIMESTAMP_MS', [0, Number.NaN, -1, 1_790_000_000_123, 2 ** 32]),
      },
      5,
    )
    expect(await read(file)).toEqual([
      { name: 'b', f: 1.5, d: 0.1, i: 1, t: 0 },
      { name: null, f: null, d: null, i: null, t: null },
      { name: 'ä', f: -0, d: Number.NEGATIVE_INFINITY, i: -(2 ** 31), t: -1 },
      { name: '', f: Number.POSITIVE_INFINITY, d: 5e-324, i: 2 ** 31 - 1, t: 1_790_000_000_123 },
      { name: '𝄞', f: 2 ** -149, d: 2 ** 60, i: 0, t: 2 ** 32 },
    ])
    expect((await engine.describe(`SELECT * FROM ${file}`)).map(({ type }) => type)).toEqual([
      'VARCHAR',
      'FLOAT',
      'DOUBLE',
      'INTEGER',
      'TIMESTAMP',
    ])
  })

  test('may have no rows, and columns without a value', async () => {
    expect(await read(await write({ a: text([]), f: floats([]) }, 0))).toEqual([])
    expect(
      await read(await write({ a: text([null, null]), f: floats([Number.NaN, Number.NaN]) }, 2)),
    ).toEqual([
      { a: null, f: null },
      { a: null, f: null },
    ])
  })

  test('reads as many rows as it is told, and no more of longer columns', async () => {
    expect(await read(await write({ f: floats([1, 2, 3]) }, 2))).toEqual([{ f: 1 }, { f: 2 }])
  })

  test('reads again whatever it is given, in any size of groups', async () => {
    const cell = fc.record({
      name: fc.option(fc.string({ unit: 'grapheme', maxLength: 3 }), { nil: null }),
      f: fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(0, 1, Number.NaN)),
      d: fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, 1, Number.NaN)),
      i: fc.oneof(fc.integer(), fc.constantFrom(0, Number.NaN)),
    })
    const rows = fc.array(cell, { minLength: 1, maxLength: 300 })
    const nullable = (value: number) => (Number.isNaN(value) ? null : value)
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 400 }), async (cells, groupRows) => {
        const columns = {
          name: text(cells.map(({ name }) => name)),
          f: floats(cells.map(({ f }) => f)),
          d: numbers(
            'DOUBLE',
            cells.map(({ d }) => d),
          ),
          i: numbers(
            'INTEGER',
            cells.map(({ i }) => i),
          ),
        }
        const expected = cells.map(({ name, f, d, i }) => ({
          name,
          f: nullable(f),
          d: nullable(d),
          i: nullable(i),
        }))
        expect(await read(await write(columns, cells.length, groupRows))).toEqual(expected)
      }),
      { numRuns: 60, seed: 7 },
    )
  })

  test('keeps long columns of few and of many distinct values, in several groups of rows', async () => {
    const rows = 9000
    const few = Float32Array.from({ length: rows }, (_, i) => (i % 7 === 0 ? Number.NaN : i % 5))
    const many = Float64Array.from({ length: rows }, (_, i) => Math.sqrt(i))
    const codes = Int32Array.from({ length: rows }, (_, i) => i)
    const file = await write(
      {
        few: { type: 'FLOAT', values: few },
        many: { type: 'DOUBLE', values: many },
        all: { type: 'VARCHAR', codes, texts: Array.from(many, String) },
      },
      rows,
      4096,
    )
    const columns = await engine.columns(`SELECT * FROM ${file}`)
    const bytesOf = (column: unknown) => Buffer.from(Float64Array.from(column as Float64Array).buffer)
    expect(bytesOf(columns.get('few')).equals(bytesOf(few))).toBe(true)
    expect(bytesOf(columns.get('many')).equals(bytesOf(many))).toBe(true)
    expect((columns.get('all') as string[]).every((text, i) => text === String(Math.sqrt(i)))).toBe(true)
    const groups = await engine.rows(
      `SELECT num_row_groups::INTEGER AS groups, num_rows::INTEGER AS n FROM parquet_file_metadata(${file})`,
    )
    expect(groups).toEqual([{ groups: 3, n: rows }])
  })
})

describe('the footer', () => {
  const columns = (): Record<string, Column> => ({
    name: text(['b', null, 'Zz', 'é']),
    f: floats([0, Number.NaN, 2, 3]),
    t: numbers('TIMESTAMP_MS', [5000, 1000, Number.NaN, 9000]),
    i: numbers('INTEGER', [-3, 4, Number.NaN, Number.NaN]),
    none: floats(new Array(4).fill(Number.NaN)),
    long: text(['x'.repeat(65), null, null, null]),
  })

  test('states the bounds and nulls of each group of rows', async () => {
    const bounds = await engine.rows(
      `SELECT row_group_id::INTEGER AS "group", path_in_schema AS name, stats_min_value AS least, stats_max_value AS most,
  stats_null_count::INTEGER AS nulls FROM parquet_metadata(${await write(columns(), 4, 2)}) ORDER BY 1, column_id`,
    )
    expect(bounds.slice(0, 6)).toEqual([
      { group: 0, name: 'name', least: 'b', most: 'b', nulls: 1 },
      { group: 0, name: 'f', least: '-0.0', most: '0.0', nulls: 1 },
      { group: 0, name: 't', least: '1970-01-01 00:00:01', most: '1970-01-01 00:00:05', nulls: 0 },
      { group: 0, name: 'i', least: '-3', most: '4', nulls: 0 },
      { group: 0, name: 'none', least: null, most: null, nulls: 2 },
      // Long texts are bounded by their beginnings.
      { group: 0, name: 'long', least: 'x'.repeat(64), most: `${'x'.repeat(63)}y`, nulls: 1 },
    ])
    // As bytes of UTF-8, Z (5A) comes before é (C3 A9), whatever follows.
    expect(bounds[6]).toEqual({ group: 1, name: 'name', least: 'Zz', most: 'é', nulls: 0 })
  })

  test('lets a query skip groups, and lose no row by it', async () => {
    const file = await write(columns(), 4, 1)
    const found = async (where: string) =>
      (await engine.rows<{ n: number }>(`SELECT count(*)::INTEGER AS n FROM ${file} WHERE ${where}`))[0]!.n
    expect(await found("name >= 'b'")).toBe(2)
    expect(await found('f = 0')).toBe(1)
    expect(await found('f IS NULL')).toBe(1)
    expect(await found("t > TIMESTAMP '1970-01-01 00:00:04'")).toBe(2)
    expect(await found(`long = '${'x'.repeat(65)}'`)).toBe(1)
  })

  test('names the types of columns for other readers', async () => {
    const elements = await engine.rows(
      `SELECT name, type, converted_type, logical_type IS NOT NULL AS logical FROM parquet_schema(${await write(columns(), 4)})`,
    )
    expect(elements.slice(1, 5)).toEqual([
      { name: 'name', type: 'BYTE_ARRAY', converted_type: 'UTF8', logical: true },
      { name: 'f', type: 'FLOAT', converted_type: null, logical: false },
      { name: 't', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', logical: true },
      { name: 'i', type: 'INT32', converted_type: null, logical: false },
    ])
  })
})
