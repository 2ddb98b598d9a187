import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inOrderOfTime } from '../../src/ingest/in-order.ts'
import { stagedSql } from '../../src/ingest/stage.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 1 })
})
afterAll(() => engine.close())

const folder = mkdtempSync(join(tmpdir(), 'keyhound-order-'))
const DAYS = Array.from({ length: 10 }, (_, i) => `2026-10-${String(i + 1).padStart(2, '0')}`)
/** Six row groups; the day of row i is what the SQL says, counted from the first. */
async function stage(name: string, day: string) {
  const path = join(folder, name)
  await engine.run(
    `COPY (SELECT 0 AS file, NULL::BIGINT AS "row", TIMESTAMP '2026-10-01' + INTERVAL (${day}) DAY AS time,
       CASE WHEN i = 7 THEN 'bad' END AS reason, NULL::VARCHAR AS row_hash, 't' AS token_id
     FROM range(12288) r(i)) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  )
  return { paths: [path], columns: new Set<string>() }
}

test('rows whose days lie together are read where they are', async () => {
  const staged = await stage('together.parquet', 'i // 1229')
  expect(await inOrderOfTime(engine, staged, DAYS, folder)).toBe(stagedSql(staged))
})

test('rows in no order are sorted once; they keep their file and place, and what is rejected is left out', async () => {
  const staged = await stage('scattered.parquet', 'i % 10')
  const relation = await inOrderOfTime(engine, staged, DAYS, folder)
  expect(relation).not.toBe(stagedSql(staged))
  expect(
    await engine.rows(
      `SELECT count(*) AS n, count(*) FILTER (time < before) AS disordered, min(place) AS first, max(place) AS last, max(file) AS file
       FROM (SELECT *, lag(time) OVER () AS before FROM ${relation})`,
    ),
  ).toEqual([{ n: 12287, disordered: 0, first: 0, last: 12287, file: 0 }])
})
