import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { fitThreads } from '../../src/sql/threads.ts'

let folder: string
let engine: Engine

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-threads-'))
  engine = await openEngine({ threads: 2 })
  for (const rows of [10, 50_000])
    await engine.run(`COPY (SELECT * FROM range(${rows})) TO '${join(folder, `${rows}.parquet`)}'`)
})
afterAll(() => {
  engine.close()
  rmSync(folder, { recursive: true })
})

async function threads(): Promise<number> {
  return (await engine.rows<{ n: number }>(`SELECT current_setting('threads') AS n`))[0]!.n
}

async function threadsWhile(...rows: number[]): Promise<number> {
  let seen = 0
  const files = rows.map(count => join(folder, `${count}.parquet`))
  await fitThreads(engine, files, async () => {
    seen = await threads()
  })
  return seen
}

test('small files are worked on by one thread, and one large file brings all of them', async () => {
  expect(await threadsWhile(10)).toBe(1)
  expect(await threads()).toBe(2)
  expect(await threadsWhile(10, 50_000)).toBe(2)
})

test('work that fails gives the threads back', async () => {
  const failing = fitThreads(engine, [join(folder, '10.parquet')], () => Promise.reject(new Error('broken')))
  await expect(failing).rejects.toThrow('broken')
  expect(await threads()).toBe(2)
})
