import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeArrow } from '../../src/cli/query/arrow-format.ts'
import { project } from '../../src/cli/query/projection.ts'
import { readOnlyStatement, sealEngine } from '../../src/cli/query/seal.ts'
import { collectTexts, writeCsv, writeJson } from '../../src/cli/query/text-formats.ts'
import { type Engine, openEngine, quoteText } from '../../src/sql/duckdb.ts'

let folder: string
let engine: Engine

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-query-'))
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'secret.csv'), 'a,b\n1,2\n')
  engine = await openEngine({ memoryLimit: '300MB', threads: 2, temporaryFolder: join(folder, 'spill') })
  const file = quoteText(join(folder, 'data', 'rows.parquet'))
  await engine.run(
    `COPY (SELECT 1 AS n, TIMESTAMP_MS '2026-10-05 01:00:00' AS at) TO ${file} (FORMAT parquet);
     CREATE VIEW rows_view AS SELECT * FROM read_parquet([${file}])`,
  )
  await sealEngine(engine, [join(folder, 'data'), join(folder, 'spill')])
})
afterAll(() => {
  engine.close()
  rmSync(folder, { recursive: true, force: true })
})

async function text(write: typeof writeCsv, sql: string): Promise<string> {
  const pieces: string[] = []
  await write(engine, await project(engine, sql), async piece => {
    pieces.push(String(piece))
  })
  return pieces.join('')
}

describe('a sealed engine', () => {
  test('still reads its views', async () => {
    expect(await engine.rows('SELECT n FROM rows_view')).toEqual([{ n: 1 }])
  })

  test.each([
    ['another file', "SELECT * FROM read_csv('FOLDER/secret.csv')"],
    ['another file by its name', "SELECT * FROM 'FOLDER/secret.csv'"],
    ['another file by a way round', "SELECT * FROM read_csv('FOLDER/data/../secret.csv')"],
    ['a listing', "SELECT * FROM glob('FOLDER/*')"],
    ['a text file', "SELECT * FROM read_text('FOLDER/secret.csv')"],
    ['an export', "COPY (SELECT 1) TO 'FOLDER/out.csv'"],
    ['a database', "ATTACH 'FOLDER/other.db'"],
    ['the network', "SELECT * FROM read_csv('https://example.org/x.csv')"],
    ['its own lock', 'SET enable_external_access = true'],
    ['a wider permission', "SET allowed_directories = ['/']"],
  ])('refuses %s', async (_, sql) => {
    await expect(engine.run(sql.replace('FOLDER', folder))).rejects.toThrow(
      /Permission Error|configuration has been locked|Cannot change|disabled|not an existing|does not exist|requires/,
    )
  })

  test('may still spill to its temporary folder', async () => {
    // 4 M rows of 60 bytes do not fit the 300 MB of this engine while they are sorted.
    const [row] = await engine.rows<{ n: number }>(
      'SELECT count(*)::DOUBLE AS n FROM (SELECT repeat(md5(i::VARCHAR), 3) AS s FROM range(4000000) t(i) ORDER BY s LIMIT 3999999)',
    )
    expect(row!.n).toBe(3_999_999)
  })
})

describe('a read-only statement', () => {
  test.each([
    'select 1',
    'with a as (select 1 as x) from a',
    'from rows_view',
    'values (1), (2)',
    'describe rows_view',
    'show tables',
    'summarize rows_view',
    'select 1 -- with a remark',
  ])('%s', async sql => {
    const statement = await readOnlyStatement(engine, sql)
    await expect(project(engine, statement)).resolves.toBeDefined()
  })

  test('loses its semicolon', async () => {
    expect(await readOnlyStatement(engine, ' select 1 ; ; ')).toBe('select 1')
  })

  test.each([
    ["copy (select 1) to 'x.csv'", 'only reads'],
    ['insert into rows_view values (1)', 'only reads'],
    ['create table t as select 1', 'only reads'],
    ["attach 'x'", 'only reads'],
    ['pragma version', 'only reads'],
    ['set threads = 1', 'only reads'],
    ['drop view rows_view', 'only reads'],
    ["explain analyze copy (select 1) to 'x.csv'", 'only reads'],
    ["select 1; copy (select 1) to 'x.csv'", 'only reads'],
    ['select 1; select 2', 'one statement, not 2'],
    ['', 'empty'],
    ['-- nothing', 'empty'],
    ['selec 1', 'cannot be parsed'],
  ])('is not: %s', async (sql, why) => {
    await expect(readOnlyStatement(engine, sql)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(why),
    })
  })
})

describe('csv', () => {
  test('times are ISO 8601 UTC, unknown is empty, an empty text is quoted', async () => {
    const csv = await text(
      writeCsv,
      `SELECT 'tok' AS token_id, TIMESTAMP_MS '2026-10-05 01:00:00' AS window_start, 0.5::DOUBLE AS score, NULL::DOUBLE AS u, '' AS e`,
    )
    expect(csv).toBe('token_id,window_start,score,u,e\ntok,2026-10-05T01:00:00.000Z,0.5,,""\n')
  })

  test('what would break a line or a field is quoted', async () => {
    expect(await text(writeCsv, `SELECT 'a,b' AS "x,y", 'say "hi"' AS q, E'two\\nlines' AS l`)).toBe(
      '"x,y",q,l\n"a,b","say ""hi""","two\nlines"\n',
    )
  })

  test('numbers keep all their digits; a sum of integers stays an integer', async () => {
    const csv = await text(
      writeCsv,
      'SELECT 0.1::DOUBLE AS d, 9007199254740993::BIGINT AS big, sum(i) AS total, 1.25::DECIMAL(9, 2) AS price, true AS yes FROM range(3) t(i)',
    )
    expect(csv).toBe('d,big,total,price,yes\n0.1,9007199254740993,3,1.25,true\n')
  })

  test('every kind of time', async () => {
    const csv = await text(
      writeCsv,
      `SELECT TIMESTAMP '2026-10-05 01:02:03.456789' AS us, TIMESTAMP_S '2026-10-05 01:02:03' AS s, TIMESTAMP_NS '2026-10-05 01:02:03.123456789' AS ns,
        DATE '2026-10-05' AS d, NULL::TIMESTAMP_MS AS u, TIMESTAMP '1969-12-31 23:59:59.5' AS old`,
    )
    expect(csv.split('\n')[1]).toBe(
      '2026-10-05T01:02:03.456Z,2026-10-05T01:02:03.000Z,2026-10-05T01:02:03.123Z,2026-10-05,,1969-12-31T23:59:59.500Z',
    )
  })

  test('the same name twice, and nested values as JSON', async () => {
    expect(await text(writeCsv, "SELECT 1 AS a, 2 AS a, [1, 2] AS list, {'k': 'v'} AS record")).toMatch(
      /^a,a\S*,list,record\n1,2,"\[1,2\]","\{""k"":""v""\}"\n$/,
    )
  })

  test('no rows: the header alone', async () => {
    expect(await text(writeCsv, 'SELECT 1 AS a WHERE false')).toBe('a\n')
  })

  test('order by holds over many chunks', async () => {
    const csv = await text(writeCsv, 'SELECT (i * 7919) % 50021 AS k FROM range(50021) t(i) ORDER BY k DESC')
    const values = csv.trim().split('\n').slice(1).map(Number)
    expect(values).toEqual(Array.from({ length: 50021 }, (_, i) => 50020 - i))
  })
})

describe('json', () => {
  test('parses, keeps types, and gives unsafe integers as texts', async () => {
    const json = await text(
      writeJson,
      `SELECT 'a"b' AS t, 1.5::DOUBLE AS d, 'NaN'::DOUBLE AS nan, 7::BIGINT AS n, 9007199254740993::BIGINT AS big, true AS yes, NULL AS u, [1, 2] AS list
       UNION ALL SELECT 'x', 1, 2, 3, 4, false, NULL, NULL`,
    )
    expect(JSON.parse(json)).toEqual([
      { t: 'a"b', d: 1.5, nan: null, n: 7, big: '9007199254740993', yes: true, u: null, list: [1, 2] },
      { t: 'x', d: 1, nan: 2, n: 3, big: 4, yes: false, u: null, list: null },
    ])
  })

  test('no rows: an empty list', async () => {
    expect(JSON.parse(await text(writeJson, 'SELECT 1 AS a WHERE false'))).toEqual([])
  })
})

describe('arrow', () => {
  async function arrow(sql: string) {
    const pieces: Uint8Array[] = []
    await writeArrow(engine, await project(engine, sql), async piece => {
      pieces.push(piece as Uint8Array)
    })
    return tableFromIPC(Buffer.concat(pieces))
  }

  test('round trip of every kind, unknown values included', async () => {
    const read = await arrow(
      `SELECT 'a' AS t, 1.5::DOUBLE AS d, 9007199254740993::BIGINT AS n, true AS b, TIMESTAMP_MS '2026-10-05 01:00:00' AS at, 3::SMALLINT AS s
       UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL`,
    )
    expect(read.schema.fields.map(field => `${field.name} ${field.type}`)).toEqual([
      't Utf8',
      'd Float64',
      'n Int64',
      'b Bool',
      'at Timestamp<MILLISECOND, UTC>',
      's Float64',
    ])
    const row = read.get(0)!.toJSON()
    expect(row).toEqual({ t: 'a', d: 1.5, n: 9007199254740993n, b: true, at: Date.UTC(2026, 9, 5, 1), s: 3 })
    expect(Object.values(read.get(1)!.toJSON())).toEqual([null, null, null, null, null, null])
  })

  test('many chunks, in order', async () => {
    const read = await arrow('SELECT i::DOUBLE AS i FROM range(10000) t(i) ORDER BY i')
    expect(read.numRows).toBe(10_000)
    expect(read.batches.length).toBeGreaterThan(1)
    expect(read.get(9999)!.i).toBe(9999)
  })

  test('no rows: the schema alone', async () => {
    const read = await arrow('SELECT 1 AS a WHERE false')
    expect([read.numRows, read.schema.fields[0]!.name]).toEqual([0, 'a'])
  })

  test('an integer that does not fit is an error that says what to do', async () => {
    await expect(arrow('SELECT (2::HUGEINT ** 100)::HUGEINT AS h')).rejects.toThrow(
      /cast the column to DOUBLE/,
    )
  })
})

test('a table stops at its limit and says that there is more', async () => {
  const projection = await project(engine, 'SELECT i, NULL AS u FROM range(5) t(i) ORDER BY i')
  expect(await collectTexts(engine, projection, 3)).toEqual({
    rows: [
      ['0', ''],
      ['1', ''],
      ['2', ''],
    ],
    more: true,
  })
  expect((await collectTexts(engine, projection, 5)).more).toBe(false)
})
