import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { columnOf } from '../../src/lib/matrix.ts'
import { type Engine, openEngine, quoteName, timestampLiteral } from '../../src/sql/duckdb.ts'
import { createView, listDays, partition, publishQuery } from '../../src/sql/workspace.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine()
})
afterAll(() => engine.close())

test('a table loaded from columns is read back as matrix, texts and rows, with missing values kept missing', async () => {
  await engine.load('t', { x: [1, Number.NaN, 3], name: ['a', null, 'c'] })
  const matrix = await engine.matrix('SELECT x, x * 2 AS y FROM t ORDER BY rowid')
  expect(matrix.names).toEqual(['x', 'y'])
  expect([...matrix.data]).toEqual([1, 2, Number.NaN, Number.NaN, 3, 6])
  expect((await engine.texts('SELECT name FROM t ORDER BY rowid')).columns).toEqual([['a', null, 'c']])
  const columns = await engine.columns('SELECT x, name FROM t ORDER BY rowid')
  expect([...columns]).toEqual([
    ['x', Float64Array.of(1, Number.NaN, 3)],
    ['name', ['a', null, 'c']],
  ])
  expect(await engine.rows('SELECT count(*) AS n FROM t')).toEqual([{ n: 3 }])
})

test('more rows than a chunk holds survive the round trip', async () => {
  const x = Float64Array.from({ length: 5000 }, (_, i) => i)
  await engine.load('many', { x })
  expect(await engine.rows('SELECT sum(x) AS s, count(*) AS n FROM many')).toEqual([{ s: 12497500, n: 5000 }])
})

test('numbers of every type are read alike, from whole chunks with and without nulls', async () => {
  const types = [
    'FLOAT',
    'DOUBLE',
    'TINYINT',
    'SMALLINT',
    'INTEGER',
    'BIGINT',
    'UINTEGER',
    'DECIMAL(9, 2)',
    'BOOLEAN',
  ]
  const columns = types.map((type, c) => `CASE WHEN i % 67 <> ${c} THEN (i % 2)::${type} END`)
  const sql = `SELECT ${columns.join(', ')}, 1.5::FLOAT FROM range(5000) t(i) ORDER BY i`
  const found = await engine.numbers(sql)
  const wanted = types.map((_, c) =>
    Float64Array.from({ length: 5000 }, (_, i) => (i % 67 === c ? Number.NaN : i % 2)),
  )
  expect(found).toEqual([...wanted, new Float64Array(5000).fill(1.5)])
  const matrix = await engine.matrix(sql)
  expect(matrix.rows).toBe(5000)
  found.forEach((column, c) => {
    expect(columnOf(matrix, c)).toEqual(column)
  })
  expect(await engine.floats(sql)).toEqual({ ...matrix, data: Float32Array.from(matrix.data) })
})

test('nothing found is a matrix without rows, and columns without values', async () => {
  expect(await engine.matrix('SELECT 1 AS a, 2 AS b WHERE false')).toMatchObject({
    rows: 0,
    cols: 2,
    names: ['a', 'b'],
  })
  expect(await engine.numbers('SELECT 1, 2 WHERE false')).toEqual([new Float64Array(0), new Float64Array(0)])
})

test('names and moments become safe literals', async () => {
  expect(quoteName('a"b')).toBe('"a""b"')
  const [row] = await engine.rows<{ t: Date }>(
    `SELECT ${timestampLiteral(new Date('2026-10-05T01:02:03.004Z'))} AS t`,
  )
  expect(row!.t.toISOString()).toBe('2026-10-05T01:02:03.004Z')
})

test('a view over partitions sees what was published, and none gives an empty view', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'keyhound-')), 'things')
  const columns = [{ name: 'x', type: 'INTEGER', doc: '' }]
  await createView(engine, 'things', folder, columns)
  expect(await engine.rows('SELECT * FROM things')).toEqual([])
  await publishQuery(engine, 'SELECT 7 AS x', join(partition(folder, '2026-01-02'), 'part.parquet'))
  await createView(engine, 'things', folder, columns)
  expect(await engine.rows('SELECT * FROM things')).toEqual([{ x: 7 }])
  expect(listDays(folder)).toEqual(['2026-01-02'])
})

test('connections share the engine and nothing else', async () => {
  const [a, b] = [await engine.connect(), await engine.connect()]
  const folders = ['a', 'b'].map(name => join(mkdtempSync(join(tmpdir(), 'keyhound-')), name))
  const columns = [{ name: 'x', type: 'INTEGER', doc: '' }]
  for (const [i, one] of [a, b].entries()) {
    await publishQuery(one, `SELECT ${i} AS x`, join(partition(folders[i]!, '2026-01-02'), 'part.parquet'))
    await createView(one, 'mine', folders[i]!, columns)
    await one.load('scratch', { n: [i] })
  }
  const seen = await Promise.all([a, b].map(one => one.rows('SELECT x, n FROM mine, scratch')))
  expect(seen).toEqual([[{ x: 0, n: 0 }], [{ x: 1, n: 1 }]])
  await expect(engine.rows('SELECT * FROM mine')).rejects.toThrow('mine')
  a.close()
  expect(await b.rows('SELECT x FROM mine')).toEqual([{ x: 1 }])
  b.close()
  expect(await engine.rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
})
