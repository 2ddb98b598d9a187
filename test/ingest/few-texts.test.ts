import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadAddresses, loadClients, loadNetworkTypes, loadPaths } from '../../src/ingest/dictionaries.ts'
import { createFewTexts, dropFewTexts } from '../../src/ingest/few-texts.ts'
import { loadInventory } from '../../src/ingest/inventory.ts'
import { eventsSql } from '../../src/ingest/normalise.ts'
import { openPlaces } from '../../src/ingest/places.ts'
import { prepareSql } from '../../src/ingest/sql.ts'
import { type Staged, stagedSql } from '../../src/ingest/stage.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'

const ROWS = 20_000
const folder = mkdtempSync(join(tmpdir(), 'keyhound-texts-'))
const workspace = openWorkspace(join(folder, 'ws'))
/** Staged columns with few texts, but for `session_id`, which has one of its own in each row. Half of them are missing here and there. */
const COLUMNS = {
  event_id: `'e' || i`,
  tenant_id: `CASE WHEN i % 3 > 0 THEN 't' || i % 5 END`,
  principal_id: `CASE WHEN i % 4 > 0 THEN 'p' || i % 7 END`,
  session_id: `'s' || i`,
  granted_scopes: `['b a', 'a,b', 'c', NULL][i % 4 + 1]`,
  method: `['get', 'POST', NULL][i % 3 + 1]`,
  operation: `CASE WHEN i % 2 = 0 THEN 'op' || i % 3 END`,
  path: `['/v2/tasks/1', '/v2/tasks/2', '/v2/me', NULL][i % 4 + 1]`,
  asn: `['AS5 Five Ltd', '6', NULL][i % 3 + 1]`,
  country: `['de', 'FR', NULL][i % 3 + 1]`,
  source_ip: `'10.0.0.' || i % 9`,
  user_agent: `'curl/8.' || i % 4`,
} as const

let engine: Engine
let rows: Staged
beforeAll(async () => {
  engine = await openEngine({ threads: 1 })
  await prepareSql(engine)
  await loadNetworkTypes(engine, undefined)
  await loadInventory(engine, workspace)
  await engine.run(
    `INSERT INTO kh_inventory (token_id, tenant_id, principal_id, role) VALUES ('k0', 'listed', 'owner', 'admin');
CREATE TABLE kh_repeats (file INTEGER, place BIGINT, occurrence BIGINT)`,
  )
  const list = Object.entries(COLUMNS).map(([name, sql]) => `${sql} AS ${name}`)
  const path = join(folder, 'staged.parquet')
  await engine.run(
    `COPY (SELECT 0 AS file, NULL::BIGINT AS "row", TIMESTAMP '2026-10-01' + INTERVAL (i) SECOND AS time, NULL::VARCHAR AS reason,
NULL::VARCHAR AS row_hash, 'k' || i % 6 AS token_id, ${list.join(', ')} FROM range(${ROWS}) r(i)) TO '${path}' (FORMAT parquet)`,
  )
  rows = { paths: [path], columns: new Set(Object.keys(COLUMNS)) }
  const staged = stagedSql(rows)
  await loadClients(engine, staged)
  await loadAddresses(engine, staged, await openPlaces([]))
  await loadPaths(engine, staged, workspace)
})
afterAll(() => engine.close())

test('numbered texts give the same events, and files hold texts', async () => {
  const types = await createFewTexts(engine, rows, { rows: ROWS, days: 1 })
  expect([...types.keys()]).toContain('operation')
  expect([...types.keys()]).toContain('granted_scopes')
  expect([...types.keys()]).not.toContain('session_id')
  const usable = `SELECT * FROM ${stagedSql(rows)}`
  await engine.run(`CREATE TABLE numbered AS ${eventsSql(usable, types)}`)
  await engine.run(`CREATE TABLE plain AS ${eventsSql(usable, new Map())}`)
  const [numbered, plain] = ['numbered', 'plain'].map(name => join(folder, `${name}.parquet`))
  await engine.run(`COPY numbered TO '${numbered}'; COPY plain TO '${plain}'`)
  expect(await engine.describe(`FROM '${numbered}'`)).toEqual(await engine.describe(`FROM '${plain}'`))
  expect(await engine.rows(`FROM '${numbered}' EXCEPT ALL FROM '${plain}'`)).toEqual([])

  expect(
    await engine.rows(
      'SELECT place, tenant_id, principal_id, operation, granted_scopes, asn, as_org, country FROM numbered WHERE place IN (1, 12, 17) ORDER BY 1',
    ),
  ).toEqual([
    {
      place: 1,
      tenant_id: 't1',
      principal_id: 'p1',
      operation: 'POST /v2/tasks/{id}',
      granted_scopes: 'a b',
      asn: 6,
      as_org: null,
      country: 'FR',
    },
    {
      place: 12,
      tenant_id: 'listed',
      principal_id: 'owner',
      operation: 'op0',
      granted_scopes: 'a b',
      asn: 5,
      as_org: 'Five Ltd',
      country: 'DE',
    },
    {
      place: 17,
      tenant_id: 't2',
      principal_id: 'p3',
      operation: '/v2/tasks/{id}',
      granted_scopes: 'a b',
      asn: null,
      as_org: null,
      country: null,
    },
  ])
  await engine.run('DROP TABLE numbered; DROP TABLE plain')
  await dropFewTexts(engine)
})

test('texts are numbered neither in few rows nor where a day has few rows a text', async () => {
  expect(await createFewTexts(engine, rows, { rows: ROWS - 1, days: 1 })).toEqual(new Map())
  // 20,000 rows over 500 days are 40 a day: five texts at most.
  const types = await createFewTexts(engine, rows, { rows: ROWS, days: 500 })
  expect([...types.keys()]).toContain('method')
  expect([...types.keys()]).not.toContain('token_id')
  await dropFewTexts(engine)
})
