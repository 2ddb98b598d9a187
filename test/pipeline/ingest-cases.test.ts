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

describe('text logs', () => {
  const tokensAndAddresses = () =>
    bench.events('count(DISTINCT token_id) AS tokens, list(DISTINCT source_ip ORDER BY source_ip) AS ips', '')

  test('vhost_combined: the virtual host is no client, and nobody is no token', async () => {
    const path = log('apache-vhost-combined', 'other_vhosts_access.log')
    const { summary, message } = await bench.failure(path)
    expect(summary).toMatchObject({ read: 6, added: 0, rejectsByReason: { 'token_id: missing': 6 } })
    expect(message).toContain('found: vhost, ip, ident, remote_user')
    await bench.ingest(path, { map: bench.write('map.json', '{"token_id": "ip"}') })
    expect(await tokensAndAddresses()).toEqual([{ tokens: 2, ips: ['198.51.100.7', '198.51.100.8'] }])
  })

  test('?author= is no token, and the remote user comes before a guess', async () => {
    await bench.ingest(log('author-query-taken-for-token', 'access.log'))
    expect(await tokensAndAddresses()).toMatchObject([{ tokens: 2 }])
  })

  test.each(['access.log', 'cache-key.log'])('csrf_token= and cache_key= are no tokens: %s', async file => {
    await bench.ingest(log('nginx-cookie-csrf-taken-for-token', file))
    expect(await tokensAndAddresses()).toMatchObject([{ tokens: 2 }])
  })

  test('the client of X-Forwarded-For where a balancer stands first', async () => {
    const { findings } = await bench.ingest(log('nginx-main-xff-ignored', 'access.log'))
    expect(findings).toEqual([])
    expect(await tokensAndAddresses()).toEqual([
      { tokens: 2, ips: ['198.51.100.7', '198.51.100.8', '203.0.113.77'] },
    ])
  })

  test('IIS: #Fields is the header, date and time are one moment', async () => {
    const summary = await bench.ingest(log('w3c-extended-iis', 'u_ex260901.log'))
    expect(summary).toMatchObject({ added: 4, tokens: 2, firstTime: new Date('2026-09-01T08:10:31Z') })
    expect(await bench.events('DISTINCT operation, status, source_ip, client, latency_ms', '')).toEqual([
      {
        operation: 'GET /v1/orders',
        status: 200,
        source_ip: '198.51.100.7',
        client: 'okhttp',
        latency_ms: 103,
      },
    ])
  })

  test.each(['alb-unknown-text', 'envoy-text-unknown'])(
    '%s is known, and says that it names no caller',
    async folder => {
      const { message } = await bench.failure(log(folder, 'access.log'))
      expect(message).toMatch(/token_id: missing \(4\)\. It names no key, session or user.*--map/)
    },
  )

  test('a map names parts of a line, and nothing else', async () => {
    const folder = 'map-on-nginx-lines-binder-error'
    const path = log(folder, 'access.log')
    const error = await bench.failure(path, { map: log(folder, 'map-raw-sql.json') })
    expect(error.message).toContain('the parts are: ip, ident, remote_user')
    await bench.ingest(path, { map: log(folder, 'map.json') })
    expect(await tokensAndAddresses()).toMatchObject([{ tokens: 2 }])
  })
})
