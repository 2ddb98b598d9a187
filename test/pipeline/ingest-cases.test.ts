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

describe('envelopes', () => {
  test.each(['eventbridge.jsonl', 'lookup-events.json', 'athena.csv', 'console-download.csv'])(
    'CloudTrail by another delivery: %s',
    async file => {
      await bench.ingest(log('cloudtrail-other-deliveries', file))
      expect(await bench.events('token_id, operation, status, time')).toEqual([
        {
          token_id: 'AKIAEXAMPLE000000001',
          operation: 's3.amazonaws.com:GetObject',
          status: 200,
          time: new Date('2026-09-01T08:30:00Z'),
        },
      ])
    },
  )

  test('a bucket of CloudTrail: digests, Insights and empty files are left out with a note, and no failure', async () => {
    const summary = await bench.ingest(log('cloudtrail-bucket-exit-2-every-run', 'AWSLogs'))
    expect(summary).toMatchObject({ added: 1, rejected: 0 })
    expect(summary.notes.filter(note => note.includes('left out')).sort()).toEqual([
      '1 file: left out: Insights of CloudTrail, which are no requests',
      '1 file: left out: digests of CloudTrail, which hold no events',
      '1 file: left out: lists without records',
    ])
  })

  test.each(['container-json.log', 'app-json.log'])('the log driver of docker: %s', async file => {
    const summary = await bench.ingest(log('docker-json-wrapper', file))
    expect(summary).toMatchObject({ added: summary.read, tokens: 2 })
    expect(await bench.events('DISTINCT operation, status, source_ip', '')).toEqual([
      { operation: 'GET /v1/orders', status: 200, source_ip: '198.51.100.7' },
    ])
  })

  test.each(['ct-nested.parquet', 'securitylake-ocsf.parquet'])(
    'Parquet with members in columns: %s',
    async file => {
      const summary = await bench.ingest(log('nested-parquet', file))
      expect(summary).toMatchObject({ added: 200, rejected: 0, tokens: 12 })
      expect((await bench.ingest(log('nested-parquet', file))).duplicates).toBe(200)
      expect(
        await bench.events(
          'count(*) AS n',
          "WHERE operation = 's3.amazonaws.com:GetObject' AND source_ip IS NOT NULL",
        ),
      ).toEqual([{ n: 200 }])
    },
  )

  test('and with its source told, or a map that names members', async () => {
    const path = log('nested-parquet', 'ct-nested.parquet')
    const map = bench.write('map.json', '{"token_id": "userIdentity.arn"}')
    expect(await bench.ingest(path, { source: 'cloudtrail', map })).toMatchObject({ added: 200, tokens: 12 })
    expect(await bench.events('count(*) AS n', "WHERE starts_with(token_id, 'arn:aws:iam')")).toEqual([
      { n: 200 },
    ])
  })
})

describe('names and units', () => {
  test('names with parentheses', async () => {
    await bench.ingest(log('column-with-parentheses-hidden', 'stripe.csv'))
    expect(await bench.events('time', 'ORDER BY time LIMIT 1')).toEqual([
      { time: new Date('2026-09-01T08:10:00Z') },
    ])
  })

  test.each(['log.csv', 'w3c-like.csv'])('date and time of day in two columns: %s', async file => {
    const summary = await bench.ingest(log('date-column-flattens-hours', file))
    expect(summary).toMatchObject({ added: 6, findings: [] })
    expect(await bench.events('hour(time) AS hour')).toEqual([0, 1, 2, 3, 4, 5].map(hour => ({ hour })))
  })

  test('an operation that is one constant leaves the word to method and path', async () => {
    const folder = 'constant-operation-hides-path'
    const graph = log(folder, 'graph.json')
    await bench.ingest(graph, { source: 'generic', map: log(folder, 'map.json') })
    expect(await bench.events('DISTINCT operation, source_ip', '')).toEqual([
      { operation: 'GET /v1.0/users/{id}', source_ip: '198.51.100.7' },
    ])
  })

  test.each([
    ['traefik.json', 'traefik-map.json', 103.486771],
    ['tyk.csv', 'tyk-map.json', 103],
  ])('latency in the unit that it is in: %s', async (file, map, latency) => {
    const folder = 'latency-unit-silent'
    for (const source of ['auto', 'generic']) {
      await bench.ingest(log(folder, file), { source, map: log(folder, map), accept: ['token-kind'] })
      expect(await bench.events('DISTINCT latency_ms AS ms', '')).toEqual([{ ms: latency }])
    }
  })

  test('the token is a member that only later records have', async () => {
    const summary = await bench.ingest(log('token-member-after-500-lines', 'log.jsonl'))
    expect(summary).toMatchObject({
      read: 524,
      added: 4,
      tokens: 2,
      rejectsByReason: { 'token_id: missing': 520 },
    })
  })
})

describe('the map', () => {
  const folder = 'map-is-hard-to-get-right'
  const k8s = log(folder, 'k8s.json')

  test.each(['map-natural.json', 'map-works.json', 'map-reversed.json'])('%s', async map => {
    for (const source of ['auto', 'generic']) {
      const options = { source, map: log(folder, map), tokens: 'identifier' as const }
      await bench.ingest(k8s, options)
    }
    expect(await bench.events('DISTINCT token_id', 'ORDER BY token_id')).toEqual([
      { token_id: 'u0' },
      { token_id: 'u1' },
    ])
    if (map !== 'map-reversed.json')
      expect(await bench.events('DISTINCT source_ip', '')).toEqual([{ source_ip: '198.51.100.7' }])
  })

  test('a name that is not there is told, with the nearest one', async () => {
    const { message } = await bench.failure(k8s, { map: log(folder, 'map-typo.json') })
    expect(message).toContain(
      'the map names column "requestReceivedTimestmp" for time, which is not there (is it "requestReceivedTimestamp"?)',
    )
  })
})
