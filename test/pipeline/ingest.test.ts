import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashTokens } from '../../src/ingest/identity.ts'
import { EVENT_COLUMNS, INVENTORY_COLUMNS } from '../../src/schema/event.ts'
import { listDays, listParquet, partition } from '../../src/sql/workspace.ts'
import { type Bench, createBench, csv, NOW, row } from './ingest-fixture.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})
afterEach(() => bench.engine.close())

/** Three events, one without status, in the columns of a usual log. */
const EVENTS = [
  { time: '2026-10-05T01:00:00.250Z', token_id: 'key-one', method: 'GET', path: '/v1/tasks/77', status: 200 },
  {
    time: '2026-10-05T23:59:59.999Z',
    token_id: 'key-two',
    method: 'post',
    path: '/v1/tasks?access_token=abc',
    status: null,
  },
  { time: '2026-10-06T00:00:00.000Z', token_id: 'key-one', method: 'GET', path: '/v1/tasks/78', status: 404 },
]
const EXPECTED = [
  {
    time: new Date('2026-10-05T01:00:00.250Z'),
    token_id: 'key-one',
    operation: 'GET /v1/tasks/{id}',
    resource_type: 'tasks',
    resource_id: '77',
    path: '/v1/tasks/77',
    status: 200,
  },
  {
    time: new Date('2026-10-05T23:59:59.999Z'),
    token_id: 'key-two',
    operation: 'POST /v1/tasks',
    resource_type: 'tasks',
    resource_id: null,
    path: '/v1/tasks',
    status: null,
  },
  {
    time: new Date('2026-10-06T00:00:00.000Z'),
    token_id: 'key-one',
    operation: 'GET /v1/tasks/{id}',
    resource_type: 'tasks',
    resource_id: '78',
    path: '/v1/tasks/78',
    status: 404,
  },
]
const COLUMNS = 'time, token_id, operation, resource_type, resource_id, path, status'

const cells = (event: (typeof EVENTS)[number]) => Object.values(event).map(value => value ?? '')
const CSV = [Object.keys(EVENTS[0]!), ...EVENTS.map(cells)].map(line => line.join(',')).join('\n')

function arrow(kind: 'file' | 'stream'): Buffer {
  const table = tableFromArrays({
    time: EVENTS.map(event => new Date(event.time)),
    token_id: EVENTS.map(event => event.token_id),
    method: EVENTS.map(event => event.method),
    path: EVENTS.map(event => event.path),
    status: EVENTS.map(event => event.status),
  })
  return Buffer.from(tableToIPC(table, kind))
}

describe('every format gives the same events', () => {
  const formats: Record<string, () => string | Buffer> = {
    'a.csv': () => CSV,
    'a.tsv': () => CSV.replaceAll(',', '\t'),
    'semicolon.csv': () => CSV.replaceAll(',', ';').replaceAll('\n', '\r\n'),
    'bom.csv': () => `\uFEFF${CSV}`,
    'a.csv.gz': () => gzipSync(CSV),
    'a.json': () => JSON.stringify(EVENTS),
    'pretty.json': () => JSON.stringify({ records: EVENTS }, null, 2),
    'a.json.gz': () => gzipSync(JSON.stringify({ Records: EVENTS })),
    'a.jsonl': () => EVENTS.map(event => JSON.stringify(event)).join('\n'),
    'a.jsonl.gz': () => gzipSync(EVENTS.map(event => JSON.stringify(event)).join('\n')),
    'a.arrow': () => arrow('file'),
    'a.arrows': () => arrow('stream'),
    'a.arrow.gz': () => gzipSync(arrow('file')),
  }
  for (const [name, content] of Object.entries(formats)) {
    test(name, async () => {
      const summary = await bench.ingest(bench.write(name, content()), { tokens: 'identifier' })
      expect(summary).toMatchObject({
        read: 3,
        added: 3,
        rejected: 0,
        tokens: 2,
        firstTime: EXPECTED[0]!.time,
        lastTime: EXPECTED[2]!.time,
      })
      expect(await bench.events(COLUMNS)).toEqual(EXPECTED)
    })
  }

  test('Parquet, plain and compressed as a whole, and CSV and JSON Lines in zstd', async () => {
    const { engine } = bench
    const source = bench.write('source.csv', CSV)
    const folder = join(bench.workspace.root, '..', 'formats')
    mkdirSync(folder, { recursive: true })
    const table = `read_csv('${source}', types = {'time': 'TIMESTAMPTZ', 'status': 'SMALLINT'})`
    await engine.run(`SET TimeZone = 'UTC'`)
    await engine.run(`COPY (FROM ${table}) TO '${folder}/a.parquet' (FORMAT parquet)`)
    await engine.run(`COPY (FROM ${table}) TO '${folder}/a.csv.zst' (FORMAT csv, HEADER, COMPRESSION zstd)`)
    await engine.run(`COPY (FROM ${table}) TO '${folder}/a.jsonl.zst' (FORMAT json, COMPRESSION zstd)`)
    writeFileSync(join(folder, 'b.parquet.gz'), gzipSync(readFileSync(join(folder, 'a.parquet'))))
    const summary = await bench.ingest(join(folder, '*'), { tokens: 'identifier' })
    expect(summary.files.map(file => [file.format, file.rows])).toEqual([
      ['csv', 3],
      ['jsonl', 3],
      ['parquet', 3],
      ['parquet', 3],
    ])
    expect(await bench.events(`DISTINCT ${COLUMNS}`, 'ORDER BY time')).toEqual(EXPECTED)
  })
})

test('events have exactly the columns of the schema, in time order within a file, one partition a day', async () => {
  await bench.ingest(bench.write('a.csv', csv([row(9), row(3), row(5)])))
  const days = listDays(bench.workspace.events)
  expect(days).toEqual(['2026-10-05'])
  const [file] = listParquet(partition(bench.workspace.events, days[0]!))
  const types = await bench.engine.describe(`FROM read_parquet('${file}', hive_partitioning = false)`)
  // Parquet's milliseconds come back as microseconds.
  const expected = EVENT_COLUMNS.map(({ name, type }) => ({
    name,
    type: type === 'TIMESTAMP_MS' ? 'TIMESTAMP' : type,
  }))
  expect(types).toEqual(expected)
  expect(await bench.engine.rows(`SELECT strftime(time, '%S') AS s FROM read_parquet('${file}')`)).toEqual([
    { s: '03' },
    { s: '05' },
    { s: '09' },
  ])
})

describe('the same events twice', () => {
  test('the same file again adds nothing; a longer one adds what is new; repeated rows of a file are kept', async () => {
    const first = bench.write('a.csv', csv([row(1), row(2), row(2)]))
    expect(await bench.ingest(first)).toMatchObject({ added: 3, duplicates: 0 })
    const before = bench.files()
    expect(await bench.ingest(first)).toMatchObject({ added: 0, duplicates: 3 })
    expect([...bench.files().keys()]).toEqual([...before.keys()])
    const second = bench.write('b.csv', csv([row(1), row(2), row(2), row(2), row(3)]))
    expect(await bench.ingest(second)).toMatchObject({ added: 2, duplicates: 3 })
    expect(await bench.ingest([first, second, second])).toMatchObject({ added: 0, duplicates: 8 })
  })

  test('the log’s own ids decide where it has them', async () => {
    const log = (rows: string[]) => `event_id,time,token_id\n${rows.join('\n')}\n`
    const file = bench.write(
      'a.csv',
      log(['e1,2026-10-05T01:00:00Z,t', 'e2,2026-10-05T01:00:00Z,t', 'e1,2026-10-05T01:00:00Z,t']),
    )
    expect(await bench.ingest(file)).toMatchObject({ added: 2, duplicates: 1 })
    expect(await bench.events('event_id')).toEqual([{ event_id: 'e1' }, { event_id: 'e2' }])
  })
})

test('late and out-of-order events are taken and counted', async () => {
  await bench.ingest(bench.write('a.csv', csv([row(30)])))
  const summary = await bench.ingest(bench.write('b.csv', csv([row(10), row(40), row(20), row(50)])))
  expect(summary).toMatchObject({ added: 4, late: 2, outOfOrder: 1 })
})

describe('tokens', () => {
  const SECRETS = {
    opaque: 'correct-horse-battery-staple',
    jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
    github: 'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
  }

  test('raw tokens are nowhere in the workspace, whatever column they stood in; the key is the owner’s alone', async () => {
    const lines = Object.values(SECRETS).flatMap(secret => [
      {
        time: 1791162000,
        authorization: `Bearer ${secret}`,
        user: secret,
        url: `https://x.test/hook/${secret}/send?key=${secret}`,
        ua: `tool/1.0 ${secret}`,
        session_id: secret,
        resource: secret,
        operation: `call ${secret}`,
      },
      { time: secret, authorization: secret, user: 'u', url: `/x?access_token=${secret}` },
    ])
    const path = bench.write('a.jsonl', lines.map(line => JSON.stringify(line)).join('\n'))
    const error = await bench.failure(path)
    expect(error.summary).toMatchObject({ added: 3, rejected: 3, tokens: 3 })
    const texts = [
      error.message,
      JSON.stringify(error.summary),
      ...(await bench.events()).map(event => JSON.stringify(event)),
      JSON.stringify(await bench.rejects()),
    ]
    for (const [name, content] of bench.files()) texts.push(name, content.toString('latin1'))
    for (const secret of Object.values(SECRETS)) {
      for (const text of texts) expect(text.includes(secret), `${secret} in ${text.slice(0, 80)}`).toBe(false)
    }
    expect(statSync(bench.workspace.keyFile).mode & 0o777).toBe(0o600)
  })

  test('ids are the keyed hash, with and without "Bearer", and the same in the next run and in hashTokens', async () => {
    await bench.ingest(
      bench.write('a.csv', csv([row(1, SECRETS.opaque), row(2, `Bearer ${SECRETS.opaque}`)])),
    )
    const [id] = hashTokens(bench.workspace, [SECRETS.opaque])
    expect(id).toMatch(/^[\w-]{43}$/)
    expect(await bench.events('DISTINCT token_id, principal_id', '')).toEqual([
      { token_id: id, principal_id: id },
    ])
  })

  test('identifiers are kept, live credentials among them rejected, and no key is made for them', async () => {
    const rows = [row(1, 'AKIAIOSFODNN7EXAMPLE'), row(2, 'key_42'), row(3, SECRETS.github)]
    const error = await bench.failure(bench.write('a.csv', csv(rows)), { tokens: 'identifier' })
    expect(error.summary.rejectsByReason).toEqual({
      'token_id: looks like a live credential, which --tokens identifier does not keep': 1,
    })
    expect(await bench.events('token_id')).toEqual([
      { token_id: 'AKIAIOSFODNN7EXAMPLE' },
      { token_id: 'key_42' },
    ])
    expect(existsSync(bench.workspace.keyFile)).toBe(false)
  })
})

describe('the token inventory', () => {
  const log = csv([row(1, 'k1'), row(2, 'k2'), row(3, 'k3')])
  const kept = `SELECT * FROM read_parquet('{root}/data/inventory.parquet')`

  test('fills what events lack, is kept, and grows with the next one', async () => {
    const inventory = bench.write(
      'tokens.csv',
      'token_id,user_id,tenant_id,role,scopes,created_at\nk1,ann,acme,admin,tasks:write tasks:read tasks:read,2026-01-01\nk2,bob,acme,dev,,\n',
    )
    const summary = await bench.ingest(bench.write('a.csv', log), { tokens: 'identifier', inventory })
    expect(summary.notes.join()).toContain('inventory: 2 tokens')
    expect(
      await bench.events('token_id, principal_id, tenant_id, role, granted_scopes, token_created_at'),
    ).toEqual([
      {
        token_id: 'k1',
        principal_id: 'ann',
        tenant_id: 'acme',
        role: 'admin',
        granted_scopes: 'tasks:read tasks:write',
        token_created_at: new Date('2026-01-01T00:00:00Z'),
      },
      {
        token_id: 'k2',
        principal_id: 'bob',
        tenant_id: 'acme',
        role: 'dev',
        granted_scopes: null,
        token_created_at: null,
      },
      {
        token_id: 'k3',
        principal_id: 'k3',
        tenant_id: 'default',
        role: null,
        granted_scopes: null,
        token_created_at: null,
      },
    ])
    const later = bench.write(
      'later.jsonl',
      '{"token_id":"k2","role":"ops"}\n{"token_id":"k3","scopes":"a,b"}\n',
    )
    await bench.ingest([], { tokens: 'identifier', inventory: later })
    const sql = kept.replace('{root}', bench.workspace.root)
    const rows = await bench.engine.rows(`${sql} ORDER BY token_id`)
    expect(Object.keys(rows[0]!)).toEqual(INVENTORY_COLUMNS.map(column => column.name))
    expect(
      rows.map(({ token_id, principal_id, role, granted_scopes }) => [
        token_id,
        principal_id,
        role,
        granted_scopes,
      ]),
    ).toEqual([
      ['k1', 'ann', 'admin', 'tasks:read tasks:write'],
      ['k2', 'bob', 'ops', null],
      ['k3', null, null, 'a b'],
    ])
  })

  test('is hashed like the log, and what the event says itself wins', async () => {
    const inventory = bench.write('tokens.csv', 'token,user_id\nraw-secret-1,ann\n')
    const own = bench.write(
      'a.csv',
      'time,token,user_id\n2026-10-05T01:00:00Z,raw-secret-1,carl\n2026-10-05T01:00:01Z,raw-secret-1,\n',
    )
    await bench.ingest(own, { inventory })
    expect(await bench.events('principal_id')).toEqual([{ principal_id: 'carl' }, { principal_id: 'ann' }])
    expect(bench.files().get('data/inventory.parquet')!.includes('raw-secret-1')).toBe(false)
  })
})

test('a run that fails while writing leaves the workspace as it was', async () => {
  await bench.ingest(bench.write('a.csv', csv([row(1)])))
  const before = bench.files()
  const { engine } = bench
  const failing: typeof engine = {
    ...engine,
    run: (sql, bindings) =>
      sql.includes('events-2026-10-05') ? Promise.reject(new Error('killed')) : engine.run(sql, bindings),
  }
  const { ingest } = await import('../../src/pipeline/ingest.ts')
  const { silentProgress } = await import('../../src/schema/run.ts')
  const options = { paths: [bench.write('b.csv', csv([row(2)]))] }
  await expect(
    ingest({ engine: failing, workspace: bench.workspace, progress: silentProgress, now: NOW }, options),
  ).rejects.toThrow('killed')
  expect([...bench.files()].map(([name, content]) => [name, content.length])).toEqual(
    [...before].map(([name, content]) => [name, content.length]),
  )
})

test('a map names columns that nobody could guess, leaves others out, and is checked', async () => {
  const log = bench.write('a.csv', 'moment,who,thing,status\n1791162000123,me,x,fine\n')
  const map = bench.write('map.json', '{"time":"moment","token_id":"who","operation":"thing","status":null}')
  await bench.ingest(log, { map, tokens: 'identifier' })
  expect(await bench.events('time, token_id, operation, status')).toEqual([
    { time: new Date(1791162000123), token_id: 'me', operation: 'x', status: null },
  ])
  await expect(bench.ingest(log, { map: bench.write('wrong.json', '{"tokn":"who"}') })).rejects.toThrow(
    /no event column: "tokn"/,
  )
  expect(
    (await bench.failure(log, { map: bench.write('absent.json', '{"time":"moment","token_id":"nobody"}') }))
      .message,
  ).toMatch(/"nobody" for token_id, which is not there; found: moment, who/)
})

test('folders and globs are searched, hidden files left out, and a file is read once', async () => {
  const a = bench.write('deep/er/a.csv', csv([row(1)]))
  bench.write('deep/b.csv.1', csv([row(2)]))
  bench.write('deep/.c.csv', csv([row(3)]))
  bench.write('deep/readme.md', 'not a log')
  const folder = join(a, '..', '..')
  const summary = await bench.ingest([folder, a, join(folder, '**', '*.csv')])
  expect(summary.files.map(file => file.path.slice(folder.length + 1))).toEqual(['b.csv.1', 'er/a.csv'])
  expect(summary.added).toBe(2)
})
