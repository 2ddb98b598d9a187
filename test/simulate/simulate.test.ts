import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeyhoundError } from '../../src/lib/errors.ts'
import { SEALED_FAMILIES } from '../../src/simulate/simulate.ts'
import { type Engine, openEngine, quoteText } from '../../src/sql/duckdb.ts'
import { contents, forgetRuns, run } from './helpers.ts'

let engine: Engine
let base: Awaited<ReturnType<typeof run>>
beforeAll(async () => {
  engine = await openEngine({ threads: 2 })
  base = await run(engine)
})
afterAll(() => {
  engine.close()
  forgetRuns()
})

const one = async <T>(sql: string): Promise<T> => (await engine.rows<T>(sql))[0]!

test('a log has exactly the promised columns, one file a day, in time order within it', async () => {
  expect((await engine.describe(`SELECT * FROM ${base.events}`)).map(column => column.name)).toEqual(
    'time token_id user_id tenant_id method path operation required_scope status source_ip asn country user_agent request_bytes response_bytes latency_ms event_id'.split(
      ' ',
    ),
  )
  expect(base.summary.files).toHaveLength(14)
  for (const file of base.summary.files) {
    const day = file.slice(-18, -8)
    const found = await one<{ days: string; disorder: number }>(
      `SELECT string_agg(DISTINCT strftime(time, '%Y-%m-%d'), ',') AS days, count(*) FILTER (time < before) AS disorder
       FROM (SELECT time, lag(time) OVER (ORDER BY file_row_number) AS before
             FROM read_parquet(${quoteText(file)}, file_row_number = true))`,
    )
    expect(found).toEqual({ days: day, disorder: 0 })
  }
  expect(readdirSync(join(base.out, 'events')).filter(name => name.startsWith('.'))).toEqual([])
})

test('no cell is empty, event ids are unique, and paths hold real object ids', async () => {
  const names = (await engine.describe(`SELECT * FROM ${base.events}`)).map(column => column.name)
  const nulls = await one<{ n: number }>(
    `SELECT count(*) FILTER (${names.map(name => `"${name}" IS NULL`).join(' OR ')}) AS n FROM ${base.events}`,
  )
  expect(nulls.n).toBe(0)
  const ids = await one<{ total: number; distinct_ids: number; braces: number }>(
    `SELECT count(*) AS total, count(DISTINCT event_id) AS distinct_ids, count(*) FILTER (path LIKE '%{%') AS braces FROM ${base.events}`,
  )
  expect(ids.distinct_ids).toBe(ids.total)
  expect(ids.braces).toBe(0)
  const path = (operation: string) =>
    one<{ path: string }>(
      `SELECT path FROM ${base.events} WHERE operation = '${operation}' ORDER BY event_id LIMIT 1`,
    )
  expect((await path('tasks.get')).path).toMatch(/^\/v2\/tasks\/\d{5,}$/)
  expect((await path('customers.get')).path).toMatch(/^\/v2\/customers\/cus_[0-9a-f]+$/)
  expect((await path('files.get')).path).toMatch(/^\/v2\/files\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
})

test('the inventory lists as many tokens as asked, and every event belongs to one of them', async () => {
  const inventory = base.table('tokens.csv')
  expect(await one(`SELECT count(*) AS n, count(DISTINCT token_id) AS d FROM ${inventory}`)).toEqual({
    n: 60,
    d: 60,
  })
  expect(
    await one(
      `SELECT count(*) AS n FROM ${base.events} e ANTI JOIN ${inventory} t
       ON t.token_id = e.token_id AND t.user_id = e.user_id AND t.tenant_id = e.tenant_id`,
    ),
  ).toEqual({ n: 0 })
})

test.each([
  { tokens: 60, days: 14, events: 8_000 },
  { tokens: 20, days: 5, events: 3_000, incidents: 3 },
  { tokens: 200, days: 10, events: 40_000 },
])('the number of rows is within 10 % of what was asked: $events over $days days', async size => {
  for (const seed of [1, 2]) {
    const { summary } = await run(engine, { ...size, seed, attackFromDay: Math.floor(size.days / 2) })
    expect(Math.abs(summary.events / size.events - 1)).toBeLessThan(0.1)
  }
})

test('the same seed gives the same bytes, another seed other ones', async () => {
  const again = await run(engine)
  expect(contents(again.out)).toEqual(contents(base.out))
  const other = await run(engine, { seed: 6 })
  expect(contents(other.out)['labels.csv']).not.toEqual(contents(base.out)['labels.csv'])
})

test('benign events do not depend on the attacks', async () => {
  const without = await run(engine, { incidents: 0 })
  expect(without.summary).toMatchObject({ incidents: 0, maliciousEvents: 0 })
  const hard = await run(engine, {
    incidents: 4,
    difficulty: 'hard',
    families: ['off_hours', 'exfiltration'],
  })
  for (const attacked of [base, hard]) {
    const benign = `SELECT * FROM ${attacked.events} ANTI JOIN ${attacked.table('labels.csv')} USING (event_id)`
    expect(
      await one(
        `SELECT (SELECT count(*) FROM (${benign} EXCEPT SELECT * FROM ${without.events})) AS added,
                (SELECT count(*) FROM (SELECT * FROM ${without.events} EXCEPT ${benign})) AS lost`,
      ),
    ).toEqual({ added: 0, lost: 0 })
  }
  expect(contents(without.out)['benign.csv']).toEqual(contents(base.out)['benign.csv'])
  expect(contents(without.out)['tokens.csv']).toEqual(contents(base.out)['tokens.csv'])
})

test('CSV and Parquet hold the same log', async () => {
  const csv = await run(engine, { format: 'csv' })
  const text = (format: string) =>
    format === 'csv'
      ? `SELECT * FROM ${csv.events}`
      : `SELECT * REPLACE (strftime(time, '%Y-%m-%dT%H:%M:%S.%gZ') AS time) FROM ${base.events}`
  const cast = (sql: string) => `SELECT COLUMNS(*)::VARCHAR FROM (${sql})`
  expect(
    await one(`SELECT count(*) AS n FROM (${cast(text('csv'))} EXCEPT ${cast(text('parquet'))})`),
  ).toEqual({ n: 0 })
  expect(await one(`SELECT count(*) AS n FROM ${csv.events}`)).toEqual({ n: base.summary.events })
})

describe('scopes', () => {
  test('every benign call is within its grant, except for misconfigured integrations, which are denied', async () => {
    const big = await run(engine, { tokens: 250, days: 10, events: 20_000, surprises: 5 })
    const outside = `
      SELECT e.status, e.token_id, e.time FROM ${big.events} e
        JOIN ${big.table('tokens.csv')} t USING (token_id)
        ANTI JOIN ${big.table('labels.csv')} l ON l.event_id = e.event_id
      WHERE NOT list_contains(string_split(t.scopes, ' '), e.required_scope)`
    const excused = `SELECT * FROM ${big.table('benign.csv')} WHERE kind = 'misconfigured_integration'`
    const found = await one<{ n: number; answered: number; unexplained: number }>(
      `SELECT count(*) AS n, count(*) FILTER (status <> 403) AS answered,
         (SELECT count(*) FROM (${outside}) o ANTI JOIN (${excused}) x
            ON x.token_id = o.token_id AND o.time >= x."start"::TIMESTAMP) AS unexplained
       FROM (${outside})`,
    )
    expect(found.n).toBeGreaterThan(20)
    expect(found.answered).toBe(0)
    expect(found.unexplained).toBe(0)
  })

  test('an inventory is written with scopes sorted and separated by single spaces', async () => {
    const rows = await engine.rows<{ scopes: string }>(`SELECT scopes FROM ${base.table('tokens.csv')}`)
    for (const { scopes } of rows) expect(scopes.split(' ').sort().join(' ')).toBe(scopes)
  })
})

test('a rotated token stops where its successor begins', async () => {
  const big = await run(engine, { tokens: 250, days: 10, events: 15_000, incidents: 0 })
  const rotations = await engine.rows<{ token_id: string; start: Date }>(
    `SELECT token_id, "start"::TIMESTAMP AS start FROM ${big.table('benign.csv')} WHERE kind = 'token_rotation'`,
  )
  expect(rotations.length).toBeGreaterThan(3)
  for (const { token_id, start } of rotations) {
    const seen = await one<{ first: Date | null }>(
      `SELECT min(time) AS first FROM ${big.events} WHERE token_id = '${token_id}'`,
    )
    if (seen.first) expect(seen.first.getTime()).toBeGreaterThanOrEqual(start.getTime())
  }
})

test('sealed families come only when named', async () => {
  expect(SEALED_FAMILIES).toEqual(['supply_chain_drip', 'mailbox_sweep'])
  const many = await run(engine, { tokens: 120, events: 10_000, incidents: 40 })
  const types = await engine.rows<{ attack_type: string }>(
    `SELECT DISTINCT attack_type FROM ${many.table('labels.csv')}`,
  )
  for (const { attack_type } of types) expect(SEALED_FAMILIES).not.toContain(attack_type)
})

test('options out of range are all named at once', async () => {
  const bad = run(engine, {
    tokens: 1,
    days: 0,
    families: ['teleport'],
    start: new Date('2026-09-01T05:00:00Z'),
  })
  await expect(bad).rejects.toThrow(KeyhoundError)
  await expect(bad).rejects.toThrow(/tokens is 1.*days is 0.*midnight.*"teleport" is unknown/)
  await expect(bad).rejects.toMatchObject({ code: 'bad-input' })
})

test('the engine is left as it was found', async () => {
  expect(await engine.rows(`SELECT table_name FROM duckdb_tables()`)).toEqual([])
})
