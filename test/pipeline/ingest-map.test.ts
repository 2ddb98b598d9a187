import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readMap } from '../../src/ingest/map.ts'
import { type Bench, createBench } from './ingest-fixture.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})
afterEach(() => bench.engine.close())

const mapOf = (map: object) => bench.write('map.json', JSON.stringify(map))

test('fallbacks, constants, templates, units, tables of values, places in lists, and a filter of rows', async () => {
  const records = [
    {
      at: '01.09.2026 10:10:31',
      who: { key: '', user: 'ann' },
      verb: 'GET',
      on: '/a',
      out: 'GOOD',
      took: 2,
      from: ['198.51.100.7'],
      kind: 'answer',
    },
    {
      at: '01.09.2026 10:10:32',
      who: { key: 'k-1', user: 'ann' },
      verb: 'PUT',
      on: '/b',
      out: 'BAD',
      took: 3,
      from: ['198.51.100.8'],
      kind: 'answer',
    },
    {
      at: '01.09.2026 10:10:32',
      who: { key: 'k-1', user: 'ann' },
      verb: 'PUT',
      on: '/b',
      out: 'BAD',
      took: 3,
      from: ['198.51.100.8'],
      kind: 'question',
    },
  ]
  const map = mapOf({
    where: { kind: 'answer' },
    fields: {
      time: { from: 'at', format: '%d.%m.%Y %H:%M:%S', zone: 'Europe/Berlin' },
      token_id: ['who.key', 'who.user'],
      tenant_id: { constant: 'acme' },
      operation: { template: '{verb}:{on}' },
      status: { from: 'out', values: { good: 200, '*': 500 } },
      latency_ms: { from: 'took', unit: 's' },
      source_ip: 'from[0]',
      resource_id: { from: 'on', match: '^/(.*)$' },
    },
  })
  const path = bench.write('own.jsonl', records.map(record => JSON.stringify(record)).join('\n'))
  const summary = await bench.ingest(path, { map, tokens: 'identifier' })
  expect(summary).toMatchObject({
    read: 3,
    added: 2,
    rejectsByReason: { 'row: left out, as the source or the map says': 1 },
  })
  const columns = 'time, token_id, tenant_id, operation, status, latency_ms, source_ip, resource_id'
  const shared = { tenant_id: 'acme' }
  expect(await bench.events(columns)).toEqual([
    {
      ...shared,
      time: new Date('2026-09-01T08:10:31Z'),
      token_id: 'ann',
      operation: 'GET:/a',
      status: 200,
      latency_ms: 2000,
      source_ip: '198.51.100.7',
      resource_id: 'a',
    },
    {
      ...shared,
      time: new Date('2026-09-01T08:10:32Z'),
      token_id: 'k-1',
      operation: 'PUT:/b',
      status: 500,
      latency_ms: 3000,
      source_ip: '198.51.100.8',
      resource_id: 'b',
    },
  ])
})

describe('a map that is wrong names the key', () => {
  test.each([
    [{ token: 'x' }, /names no event column: "token"/],
    [{ time: 3 }, /has no column, list of columns or description under "time"/],
    [{ latency_ms: { from: 'x', unit: 'hours' } }, /description under "latency_ms/],
    [{ fields: { time: 'x' }, wher: {} }, /Unrecognized key/],
  ])('%j', (map, says) => {
    expect(() => readMap(mapOf(map))).toThrow(says)
  })
})

describe('names', () => {
  test('members of a request and of its answer are known by their last names', async () => {
    const record = {
      timestamp: '2026-09-01T08:10:31Z',
      httpRequest: {
        requestMethod: 'GET',
        requestUrl: '/v1/a',
        status: 404,
        remoteIp: '198.51.100.7',
        userAgent: 'curl/8',
        latency: '0.25s',
      },
      jsonPayload: { apiKey: 'key-0000-example' },
    }
    await bench.ingest(bench.write('lb.jsonl', `${JSON.stringify(record)}\n`))
    expect(await bench.events('method, path, status, source_ip, client, latency_ms')).toEqual([
      {
        method: 'GET',
        path: '/v1/a',
        status: 404,
        source_ip: '198.51.100.7',
        client: 'curl',
        latency_ms: 250,
      },
    ])
  })

  test('a name that two members end in, or that stands in another thing, is none', async () => {
    const record = {
      timestamp: '2026-09-01T08:10:31Z',
      api_key: 'key-0000-example',
      order: { status: 'shipped' },
      data: { status: 1 },
      event: { status: 2 },
    }
    await bench.ingest(bench.write('two.jsonl', `${JSON.stringify(record)}\n`))
    expect(await bench.events('status')).toEqual([{ status: null }])
  })

  test('where no key is logged the account stands for it, and the log says so', async () => {
    const summary = await bench.ingest(
      bench.write('users.csv', 'time,user,path\n2026-09-01T08:10:31Z,ann,/a\n'),
    )
    expect(summary.notes.join()).toContain('no key in this log: the account (user) stands for it')
    expect(await bench.events('token_id, principal_id')).toEqual([{ token_id: 'ann', principal_id: 'ann' }])
  })

  test('behind a proxy of one’s own the client is where the proxy noted it', async () => {
    const rows = [1, 2, 3].map(i => `2026-09-01T08:10:3${i}Z,key-0000-example,10.0.0.9,198.51.100.${i}`)
    await bench.ingest(
      bench.write('proxy.csv', `time,api_key,remote_addr,x_forwarded_for\n${rows.join('\n')}\n`),
    )
    expect(await bench.events('source_ip')).toEqual([1, 2, 3].map(i => ({ source_ip: `198.51.100.${i}` })))
  })
})

/** The same record in the envelopes that it comes in. */
const RECORD = {
  ts: '2026-09-01T08:10:31Z',
  api_key: 'key-0000-example',
  path: '/v1/a',
  client_ip: '198.51.100.7',
}
const TEXT = JSON.stringify(RECORD)
const ENVELOPES: Record<string, { name: string; content: string; n?: number }> = {
  'Elasticsearch, a hit a line': {
    name: 'a.jsonl',
    content: `${JSON.stringify({ _index: 'i', _id: '1', _source: RECORD })}\n`,
  },
  'Elasticsearch, an answer': {
    name: 'a.json',
    content: JSON.stringify({ took: 1, hits: { total: 1, hits: [{ _source: RECORD }] } }),
  },
  'Splunk, an export': {
    name: 'a.json',
    content: `${JSON.stringify({ preview: false, result: { _raw: TEXT } })}\n`.repeat(2),
    n: 2,
  },
  'CloudWatch, a subscription': {
    name: 'a.json',
    content: JSON.stringify({
      owner: '1',
      logGroup: 'g',
      logEvents: [{ id: '1', timestamp: 1, message: TEXT }],
    }),
  },
  'CloudWatch, subscriptions a line': {
    name: 'a.jsonl',
    content:
      `${JSON.stringify({ owner: '1', logEvents: [{ id: '1', timestamp: 1, message: TEXT }] })}\n`.repeat(2),
    n: 2,
  },
  'fluentd in fluentd': {
    name: 'a.jsonl',
    content: `${JSON.stringify({ message: JSON.stringify({ log: TEXT }) })}\n`,
  },
  'objects one after another': { name: 'a.log', content: TEXT + TEXT, n: 2 },
  'printed over several lines': {
    name: 'a.json',
    content: `${JSON.stringify(RECORD, null, 2)}\n${JSON.stringify(RECORD, null, 2)}\n`,
    n: 2,
  },
  'a list': { name: 'a.json', content: `[${TEXT}]` },
}
test.each(Object.entries(ENVELOPES))('%s', async (_, { name, content, n = 1 }) => {
  expect(await bench.ingest(bench.write(name, content))).toMatchObject({ added: n, rejected: 0 })
  expect(await bench.events('DISTINCT time, path, source_ip', '')).toEqual([
    { time: new Date('2026-09-01T08:10:31Z'), path: '/v1/a', source_ip: '198.51.100.7' },
  ])
})

test('a record that names a token of its own keeps it, whatever its message holds', async () => {
  const record = {
    time: '2026-09-01T08:10:31Z',
    token_id: 'outer-key',
    message: '{"ts": "2020-01-01T00:00:00Z", "api_key": "inner-key"}',
  }
  await bench.ingest(bench.write('own.jsonl', `${JSON.stringify(record)}\n`), { tokens: 'identifier' })
  expect(await bench.events('token_id')).toEqual([{ token_id: 'outer-key' }])
})
