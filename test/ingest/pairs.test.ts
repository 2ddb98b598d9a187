import { afterAll, beforeAll, expect, test } from 'vitest'
import { runInPairs } from '../../src/ingest/pairs.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 2 })
})
afterAll(() => engine.close())

const threads = async () => (await engine.rows(`SELECT current_setting('threads') AS n`))[0]!.n
const insert = (n: number) => `INSERT INTO sums SELECT ${n}`

test('every statement runs once, each is told of, and the engine has its threads again', async () => {
  await engine.run('CREATE OR REPLACE TABLE sums (n INTEGER)')
  const done: number[] = []
  await runInPairs(engine, [1, 2, 3, 4, 5].map(insert), place => done.push(place))
  expect(await engine.rows('SELECT sum(n) AS sum FROM sums')).toEqual([{ sum: 15 }])
  expect(done.sort()).toEqual([0, 1, 2, 3, 4])
  expect(await threads()).toBe(2)
})

test('a statement that fails is thrown, once the other has ended', async () => {
  await engine.run('CREATE OR REPLACE TABLE sums (n INTEGER)')
  const running = runInPairs(engine, ['SELECT nothing', insert(1)], () => {})
  await expect(running).rejects.toThrow(/nothing/)
  expect(await engine.rows('SELECT n FROM sums')).toEqual([{ n: 1 }])
  expect(await threads()).toBe(2)
})
