import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench } from './ingest-fixture.ts'

/** Small logs as people have them, each of which was once read wrongly or not at all. */
const LOGS = fileURLToPath(new URL('../fixtures/logs', import.meta.url))
const log = (...parts: string[]) => join(LOGS, ...parts)

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})
afterEach(() => bench.engine.close())

describe('CSV', () => {
  test('quotes escaped by a backslash cost no row, and every event has a token', async () => {
    const summary = await bench.ingest(log('csv-backslash-quotes-null-token', 'log.csv'))
    expect(summary).toMatchObject({ read: 4, added: 4, rejected: 0, tokens: 2 })
    expect(await bench.events('count(*) AS n', 'WHERE token_id IS NULL')).toEqual([{ n: 0 }])
    expect(await bench.events('path, user_agent')).toEqual([
      { path: '/v1/a', user_agent: 'say "hi", ok' },
      { path: '/v1/b', user_agent: 'curl/8' },
      { path: '/v1/c', user_agent: 'curl/8' },
      { path: '/v1/d', user_agent: 'curl/8' },
    ])
  })

  test('lines that end in CR LF and in LF', async () => {
    const summary = await bench.ingest(log('mixed-line-ends-whole-file', 'log.csv'))
    expect(summary).toMatchObject({ read: 6, added: 6, tokens: 2 })
  })

  test('200 rows in CR LF and one in LF; a column named like a helper of ours', async () => {
    const { summary } = await bench.failure([log('hostile', 'v3.csv'), log('hostile', 'kh.csv')])
    expect(summary).toMatchObject({
      read: 203,
      added: 201,
      rejectsByReason: { 'row: more values than the header has columns': 2 },
    })
  })
})

test('status in words, and with its reason phrase', async () => {
  const folder = 'status-words-reject-all'
  const summary = await bench.ingest([log(folder, 'audit.jsonl'), log(folder, 'http.csv')])
  expect(summary).toMatchObject({ added: 12, rejected: 0 })
  const rows = await bench.events('operation, status, count(*) AS n', 'GROUP BY ALL ORDER BY ALL')
  expect(rows).toEqual([
    { operation: '/v1/orders', status: 200, n: 6 },
    { operation: 'user.read', status: 200, n: 5 },
    { operation: 'user.read', status: 400, n: 1 },
  ])
})

test('one log under two kinds of tokens', async () => {
  const path = log('same-file-twice-under-two-token-kinds', 'log.csv')
  expect((await bench.ingest(path)).added).toBe(6)
  await expect(bench.ingest(path, { tokens: 'identifier' })).rejects.toThrow('--tokens secret')
  expect(await bench.events('count(*) AS n', '')).toEqual([{ n: 6 }])
})
