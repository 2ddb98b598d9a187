import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { workspaceKey } from '../../src/ingest/identity.ts'
import { type PlainOptions, readPlainEvents } from '../../src/ingest/plain-events.ts'
import { readInventoryEntries } from '../../src/ingest/plain-inventory.ts'
import { ingest } from '../../src/pipeline/ingest.ts'
import { EVENT_COLUMNS } from '../../src/schema/event.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'

let engine: Engine
const roots: string[] = []
beforeAll(async () => {
  engine = await openEngine()
})
afterAll(() => {
  engine.close()
  for (const root of roots) rmSync(root, { recursive: true, force: true })
})

const INVENTORY = `token_id,user_id,org,role,scopes,kind,created
tok-1,ann,acme,admin,"b a,a",pat,2026-01-02T03:04:05Z
tok-2,,acme,,,,
tok-3,cy,,job,read,,1767323045
`

async function newWorkspace() {
  const root = mkdtempSync(join(tmpdir(), 'keyhound-plain-'))
  roots.push(root)
  const workspace = openWorkspace(root)
  const inventory = join(root, 'tokens.csv')
  writeFileSync(inventory, INVENTORY)
  const context = { engine, workspace, progress: silentProgress, now: new Date('2026-03-01T00:00:00Z') }
  return { root, workspace, context, inventory }
}

/** What `ingest` makes of the lines, in the order of their ids. */
async function bySql(
  lines: readonly string[],
  options: { tokens: 'secret' | 'identifier'; tenant?: string },
) {
  const { root, workspace, context, inventory } = await newWorkspace()
  await ingest(context, { paths: [], inventory, tokens: options.tokens })
  const file = join(root, 'given.jsonl')
  writeFileSync(file, lines.join('\n'))
  await ingest(context, { paths: [file], ...options })
  const columns = EVENT_COLUMNS.map(({ name, type }) =>
    type.startsWith('TIMESTAMP') ? `epoch_ms(${name})::DOUBLE AS ${name}` : name,
  )
  const rows = await engine.rows(
    `SELECT ${columns.join(', ')} FROM read_parquet('${workspace.events}/*/*.parquet', hive_partitioning = false)`,
  )
  const plain: PlainOptions = {
    ...options,
    key: workspaceKey(workspace),
    inventory: await readInventoryEntries(engine, workspace),
    prefixes: new Set(),
  }
  return { rows: sorted(rows), plain }
}

const sorted = (rows: readonly object[]) =>
  rows
    .map(row =>
      JSON.stringify(
        Object.fromEntries(EVENT_COLUMNS.map(({ name }) => [name, (row as Record<string, unknown>)[name]])),
      ),
    )
    .sort()

/** The first rows that differ. */
const differing = (found: readonly string[], wanted: readonly string[]) =>
  Array.from({ length: Math.max(found.length, wanted.length) }, (_, i) => [found[i], wanted[i]])
    .filter(([a, b]) => a !== b)
    .slice(0, 3)

const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined, freq: 3 })
/** Values that logs have, and now and then one that the reader of logs is left to. */
const often = (common: fc.Arbitrary<unknown>, ...strange: unknown[]) =>
  maybe(
    fc.oneof<fc.MaybeWeightedArbitrary<unknown>[]>(
      { weight: 40, arbitrary: common },
      { weight: 1, arbitrary: fc.constantFrom(...strange) },
    ),
  )
const word = fc.constantFrom(
  'tasks.list',
  'Größe',
  ' padded\t',
  '-',
  'null',
  'N/A',
  '(none)',
  '\\N',
  'a b',
  'x'.repeat(70),
  'émoji 😀',
  'as\nlines',
  '42',
  'quo"te\\',
)
const words = often(word, 7, 1.5, true, ['a'], 'half \ud800', 'eyJhbGciOiJI.eyJzdWIiOiIx.sig')
const second = fc.integer({ min: 1772400000, max: 1772500000 })
const record = fc.record({
  event_id: often(
    fc.oneof(
      fc.uuid(),
      fc.nat().map(String),
      fc.nat().map(n => `ä${n}`),
    ),
    '\u0000',
  ),
  time: fc.oneof(
    second,
    second.map(s => s * 1000 + 7),
    second.map(s => new Date(s * 1000 + 123).toISOString()),
    fc.constantFrom('2026-03-02 10:11:12Z', '2026-03-02T10:11:12.5Z', ' 2026-03-02T10:11:12Z '),
    fc.constantFrom('2026-02-30T00:00:00Z', '2026-03-02T10:11:12+02:00', '-', 3),
  ),
  tenant_id: often(fc.constantFrom('acme', ''), 'other'),
  principal_id: often(word, 'tok-1'),
  token_id: fc.constantFrom('tok-1', 'tok-2', 'tok-3', 'tok-4', 'Bearer tok-1', 12345678),
  session_id: often(fc.constantFrom('s-1', '', 'None'), '{}'),
  token_kind: words,
  token_created_at: often(fc.constantFrom('2026-01-01T00:00:00Z', 1767225600), 'never'),
  role: words,
  granted_scopes: often(fc.constantFrom('b a', '["x:y","a"]', 'a,a;b', ','), 'ü'),
  method: often(fc.constantFrom('get', 'POST'), 'ß'),
  path: often(
    fc.oneof(
      fc.constantFrom('/v1/users/12/files?token=abc', '/a#b', '/', 'https://h.example/x/y', '/é/%41'),
      fc.constant('/o/9f3a0b1c-1111-2222-3333-444455556666'),
      fc.nat(300).map(n => `/v2/people/name${String.fromCharCode(97 + (n % 26))}${n % 7}x`),
    ),
    'GET /v1/x HTTP/1.1',
    '?q',
  ),
  operation: words,
  resource_type: words,
  resource_id: often(fc.oneof(word, fc.nat()), 2.5),
  required_scope: words,
  status: often(
    fc.oneof(fc.integer({ min: 100, max: 599 }), fc.constantFrom('200', ' 404 ')),
    1000,
    'ok',
    9.5,
  ),
  source_ip: often(
    fc.constantFrom('10.0.0.1', '203.0.113.9:443', '2001:db8::1', '[2001:db8::2]:80', 'unknown', '010.1.1.1'),
    '::ffff:198.51.100.7, 10.0.0.2',
  ),
  asn: often(fc.constantFrom('AS64500 Example Net', 64501, 'AS99999999999', 'as7  x', 'none'), 'ASé'),
  as_org: often(fc.constantFrom('Example', ' '), 'Größe'),
  network_type: often(fc.constantFrom('Hosting', 'vpn'), 'É'),
  country: often(fc.constantFrom('de', 'US'), 'é'),
  city: words,
  latitude: often(fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constant('52.5')), 91),
  longitude: often(fc.double({ min: -180, max: 180, noNaN: true }), 'east'),
  user_agent: often(
    fc.constantFrom(
      'python-requests/2.31',
      'curl/8 token=abcdef',
      'Größe/1',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
    ),
    3.5,
  ),
  request_bytes: often(fc.oneof(fc.nat(), fc.constant('12')), -1, 1e15),
  response_bytes: often(fc.nat({ max: 1e14 }), 0.5),
  latency_ms: often(
    fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.nat(), fc.constantFrom('3.25', 'NaN')),
    '1e3',
  ),
  net: maybe(fc.constant('10.0.0.0/24')),
  client: maybe(fc.constant('lies')),
})

describe('records with the columns of events', () => {
  test.each([{ tokens: 'identifier' as const }, { tokens: 'secret' as const, tenant: 'acme' }])(
    'are read as ingest reads them, every column: %o',
    async options => {
      const given = fc.sample(record, { numRuns: 2000, seed: 9 }).map(one => JSON.stringify(one))
      const plain = { ...options, key: Buffer.alloc(32), inventory: new Map(), prefixes: new Set<string>() }
      const one = given.filter(line => readPlainEvents([line], plain) !== null).slice(0, 180)
      const sure = [...one, ...one.slice(0, 15)]
      expect(sure.length).toBe(195)
      const { rows, plain: own } = await bySql(sure, options)
      const found = readPlainEvents(sure, own)!
      expect(found.read).toBe(sure.length)
      expect(differing(sorted(found.events), rows)).toEqual([])
    },
    60_000,
  )

  const plain: PlainOptions = {
    tokens: 'secret',
    key: Buffer.alloc(32),
    inventory: new Map(),
    prefixes: new Set(),
  }
  const base = { time: '2026-03-02T10:11:12Z', token_id: 'tok-secret-1' }
  const lineOf = (more: object) => JSON.stringify({ ...base, ...more })

  test('are left to ingest when two say otherwise of one event', () => {
    const twice = [lineOf({ event_id: 'e', status: 200 }), lineOf({ event_id: 'e', status: 500 })]
    expect(readPlainEvents(twice, plain)).toBeNull()
  })

  test.each([
    ['a column of another name', lineOf({ user: 'ann' })],
    ['a nested value', lineOf({ role: { name: 'x' } })],
    ['a column twice', `{"time":1,${lineOf({}).slice(1)}`],
    ['a number with an exponent', '{"time":1.7e9,"token_id":"a"}'],
    ['no JSON', '{"time":'],
    ['more behind the record', `${lineOf({})} x`],
    ['a word for nobody as its token', lineOf({ token_id: 'anonymous' })],
    ['no token', lineOf({ token_id: null })],
    ['a time that is none', lineOf({ time: 'yesterday' })],
    ['a status that is none', lineOf({ status: 1000 })],
    ['the token in another column', lineOf({ operation: 'with tok-secret-1' })],
    [
      'the token as its principal',
      lineOf({ principal_id: 'Bearer tok-secret-1', token_id: 'Bearer tok-secret-1' }),
    ],
    ['a credential in another column', lineOf({ resource_id: `ghp_${'a'.repeat(36)}` })],
    ['half a character', `${lineOf({}).slice(0, -1)},"role":"\\ud800"}`],
    ['NUL', `${lineOf({}).slice(0, -1)},"role":"\\u0000"}`],
    ['a request line', lineOf({ path: 'GET /x HTTP/1.1' })],
  ])('are left to ingest with %s', (_, line) => {
    expect(readPlainEvents([lineOf({})], plain)?.events).toHaveLength(1)
    expect(readPlainEvents([lineOf({}), line], plain)).toBeNull()
  })

  test('of the same identity count once; truly repeated records without an id are all kept', () => {
    const known = lineOf({ event_id: 'e' })
    const found = readPlainEvents([known, known, lineOf({}), lineOf({})], plain)!
    expect(found.read).toBe(4)
    expect(found.events).toHaveLength(3)
    expect(new Set(found.events.map(event => event.event_id)).size).toBe(3)
  })
})
