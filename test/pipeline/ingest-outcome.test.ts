import { rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench, NOW } from './ingest-fixture.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})
afterEach(() => bench.engine.close())

const minute = (i: number) => new Date(Date.UTC(2026, 9, 5) + 60_000 * i).toISOString()

interface Shape {
  rows: number
  time?: (i: number) => string
  token?: (i: number) => string
  address?: (i: number) => string
  operation?: (i: number) => string
  latency?: (i: number) => number
}

/** A log of 12 tokens on as many addresses and some operations, but for what a test makes odd. */
function log(shape: Shape): string {
  const {
    rows,
    time = minute,
    token = i => `key-${i % 12}-example`,
    address = i => `198.51.100.${i % 12}`,
    operation = i => `op${i % 3}`,
    latency = () => 12,
  } = shape
  const lines = Array.from({ length: rows }, (_, i) =>
    [time(i), token(i), `/v1/orders/${i}`, operation(i), address(i), latency(i)].join(','),
  )
  return `time,api_key,path,operation,client_ip,latency_ms\n${lines.join('\n')}\n`
}

const checksOf = (findings: readonly { check: string }[]) => findings.map(({ check }) => check)

test('a sound log has no finding', async () => {
  const summary = await bench.ingest(bench.write('sound.csv', log({ rows: 240 })))
  expect(summary.findings).toEqual([])
})

/** Outcomes that stop an ingest of 200 rows, each with the log that comes to it. */
const STOPS: Record<string, Omit<Shape, 'rows'>> = {
  'token-per-row': { token: i => `request-${i}` },
  midnight: { time: i => `2026-10-${String(1 + (i % 20)).padStart(2, '0')}` },
  'one-moment': { time: () => '2026-10-05T01:02:03Z' },
}
describe.each(Object.entries(STOPS))('%s', (check, shape) => {
  test('stops 200 rows, nothing is stored, and --accept goes on', async () => {
    const path = bench.write('odd.csv', log({ rows: 200, ...shape }))
    await expect(bench.ingest(path)).rejects.toThrow(`--accept ${check}`)
    expect([...bench.files().keys()].filter(file => file.startsWith('data/events'))).toEqual([])
    const summary = await bench.ingest(path, { accept: [check] })
    expect(summary.added).toBe(200)
    expect(checksOf(summary.findings)).toEqual([check])
  })

  test('is only told of 199 rows, and of a stream', async () => {
    const few = await bench.ingest(bench.write('few.csv', log({ rows: 199, ...shape })))
    expect(few.added).toBe(199)
    expect(few.findings).toMatchObject([{ check, of: 199 }])
    expect(few.notes.filter(note => note.startsWith(`check ${check}: `))).toHaveLength(1)
    const stream = await bench.ingest(bench.write('many.csv', log({ rows: 260, ...shape })), { stop: false })
    expect(checksOf(stream.findings)).toEqual([check])
  })
})

/** Outcomes that are told, with the count of the rows concerned. */
const TOLD: Record<string, { shape: Omit<Shape, 'rows'>; rows: number }> = {
  'one-token': { shape: { token: i => (i < 216 ? 'gateway-key' : `key-${i}`) }, rows: 216 },
  'one-address': { shape: { address: () => '203.0.113.9' }, rows: 240 },
  'private-address': { shape: { address: i => `10.0.0.${i % 2}` }, rows: 240 },
  'no-address': { shape: { address: () => '' }, rows: 240 },
  'one-operation': { shape: { operation: () => 'ApiRequest' }, rows: 240 },
  'latency-unit': { shape: { latency: i => 100_000_000 + i }, rows: 240 },
  future: {
    shape: { time: i => (i < 3 ? '2099-01-01T00:00:00Z' : minute(i)) },
    rows: 3,
  },
}
test.each(Object.entries(TOLD))(
  '%s is told with its count, and stops nothing',
  async (check, { shape, rows }) => {
    const summary = await bench.ingest(bench.write('odd.csv', log({ rows: 240, ...shape })))
    expect(summary.added).toBe(240)
    expect(summary.findings).toMatchObject([{ check, rows, of: 240 }])
  },
)

test('values that cannot be read are unknown and counted by column; no event is lost', async () => {
  const rows = [
    ['200 OK', '12ms', '1,234', '52.5'],
    ['success', '1.5s', '2 kB', 'N/A'],
    ['denied', '250us', '\\N', '(null)'],
    ['failure', 'fast', 'much', '91'],
    ['HTTP/1.1 404 Not Found', '00:00:01.25', '3MiB', ''],
    ['maybe', '7', '-', 'x'],
  ].map(([status, latency, bytes, latitude], i) =>
    [minute(i), 'key-1-example', '/x', status, latency, `"${bytes}"`, latitude, '198.51.100.1'].join(','),
  )
  const path = bench.write(
    'words.csv',
    `time,api_key,path,status,latency_ms,bytes,latitude,ip\n${rows.join('\n')}\n`,
  )
  const summary = await bench.ingest(path)
  expect(summary).toMatchObject({ added: 6, rejected: 0 })
  expect(await bench.events('status, latency_ms, response_bytes, latitude')).toEqual([
    { status: 200, latency_ms: 12, response_bytes: 1234, latitude: 52.5 },
    { status: 200, latency_ms: 1500, response_bytes: 2000, latitude: null },
    { status: 403, latency_ms: 0.25, response_bytes: null, latitude: null },
    { status: 400, latency_ms: null, response_bytes: null, latitude: null },
    { status: 404, latency_ms: 1250, response_bytes: 3_145_728, latitude: null },
    { status: null, latency_ms: 7, response_bytes: null, latitude: null },
  ])
  const unreadable = summary.findings.map(({ rows, text }) => [text.split(':')[0], rows])
  expect(unreadable).toEqual([
    ['status', 1],
    ['response_bytes', 1],
    ['latency_ms', 1],
    ['latitude', 2],
  ])
})

test('words for nobody are no tokens; words that only begin so are', async () => {
  const tokens = ['anonymous', 'Unknown', '(null)', '-', 'Bearer', 'anonymous-bot-key', 'unknown1']
  const path = bench.write('nobody.csv', log({ rows: tokens.length, token: i => tokens[i]! }))
  const summary = await bench.ingest(path)
  expect(summary).toMatchObject({ added: 2, tokens: 2, rejectsByReason: { 'token_id: missing': 5 } })
})

test('one event of 2099 makes no later event late', async () => {
  await bench.ingest(
    bench.write('far.csv', log({ rows: 3, time: i => (i === 2 ? '2099-01-01T00:00:00Z' : minute(i)) })),
  )
  expect(NOW.getUTCFullYear()).toBe(2026)
  const next = await bench.ingest(bench.write('next.csv', log({ rows: 3, time: i => minute(60 + i) })))
  expect(next).toMatchObject({ added: 3, late: 0 })
})

describe('a workspace has one kind of tokens for a source', () => {
  const path = () => bench.write('log.csv', log({ rows: 12 }))

  test('the same log as secrets and then as identifiers is refused, and nothing is stored twice', async () => {
    await bench.ingest(path())
    const before = bench.files()
    await expect(bench.ingest(path(), { tokens: 'identifier' })).rejects.toThrow(
      /hashes the tokens of generic logs.*--tokens secret/,
    )
    expect(bench.files()).toEqual(before)
    const again = await bench.ingest(path())
    expect(again).toMatchObject({ added: 0, duplicates: 12 })
  })

  test('and the other way round; --accept token-kind says that they are others', async () => {
    await bench.ingest(path(), { tokens: 'identifier' })
    await expect(bench.ingest(path())).rejects.toThrow(
      /keeps the tokens of generic logs.*--tokens identifier/,
    )
    expect((await bench.ingest(path(), { accept: ['token-kind'] })).added).toBe(12)
  })

  test('a caller of one tenant decides for that tenant alone', async () => {
    await bench.ingest(path(), { tokens: 'identifier', tenant: 'acme' })
    await expect(bench.ingest(path(), { tenant: 'acme' })).rejects.toThrow(/--tokens identifier/)
    expect((await bench.ingest(path(), { tenant: 'globex' })).added).toBe(12)
  })

  test('and forgets nothing that a workspace of before holds', async () => {
    await bench.ingest(path(), { tokens: 'identifier' })
    rmSync(`${bench.workspace.root}/data/token-kinds.json`)
    await bench.ingest(path(), { tokens: 'identifier', tenant: 'acme' })
    await expect(bench.ingest(path())).rejects.toThrow(/keeps the tokens of generic logs/)
  })

  test('a damaged file of kinds is named, with the way out', async () => {
    await bench.ingest(path())
    const file = `${bench.workspace.root}/data/token-kinds.json`
    writeFileSync(file, '{"all": {"generic": "sec')
    await expect(bench.ingest(path())).rejects.toThrow(/token-kinds.json is damaged. Remove it/)
    rmSync(file)
    expect((await bench.ingest(path())).duplicates).toBe(12)
  })

  test.each(['secret', 'identifier'] as const)(
    'a workspace of before is asked what it holds: %s',
    async kind => {
      await bench.ingest(path(), { tokens: kind })
      await bench.engine.run('SELECT 1')
      rmSync(`${bench.workspace.root}/data/token-kinds.json`)
      const other = kind === 'secret' ? 'identifier' : 'secret'
      await expect(bench.ingest(path(), { tokens: other })).rejects.toThrow(`Use --tokens ${kind}`)
      expect((await bench.ingest(path(), { tokens: kind })).duplicates).toBe(12)
    },
  )
})
