import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
  expect(await engine.rows('SELECT count(*) AS n FROM t')).toEqual([{ n: 3 }])
})

test('more rows than a chunk holds survive the round trip', async () => {
  const x = Float64Array.from({ length: 5000 }, (_, i) => i)
  await engine.load('many', { x })
  expect(await engine.rows('SELECT sum(x) AS s, count(*) AS n FROM many')).toEqual([{ s: 12497500, n: 5000 }])
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
