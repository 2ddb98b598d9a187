import { afterAll, beforeAll, expect, test } from 'vitest'
import { SURPRISES } from '../../src/simulate/surprises/catalogue.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { forgetRuns, run } from './helpers.ts'

let engine: Engine
let made: Awaited<ReturnType<typeof run>>
beforeAll(async () => {
  engine = await openEngine({ threads: 2 })
  // Over a month's end, with all kinds of surprise many times.
  made = await run(engine, { tokens: 300, days: 21, events: 60_000, incidents: 0, surprises: 2 })
  await engine.run(`CREATE TEMP TABLE e AS SELECT * FROM ${made.events};
    CREATE TEMP TABLE b AS SELECT kind, token_id, "start"::TIMESTAMP AS s, "end"::TIMESTAMP AS t FROM ${made.table('benign.csv')};
    CREATE TEMP TABLE during AS SELECT b.kind, b.s, b.t, e.* FROM b JOIN e ON e.token_id = b.token_id AND e.time >= b.s AND e.time < b.t`)
})
afterAll(() => {
  engine.close()
  forgetRuns()
})

const one = async <T>(sql: string): Promise<T> => (await engine.rows<T>(sql))[0]!

test.each(SURPRISES.map(kind => kind.kind))('%s happens, is noted, and has traffic', async kind => {
  const noted = await one<{ n: number; wrong: number }>(
    `SELECT count(*) AS n, count(*) FILTER (t < s OR token_id NOT IN (SELECT token_id FROM ${made.table('tokens.csv')})) AS wrong
     FROM b WHERE kind = '${kind}'`,
  )
  expect(noted.n).toBeGreaterThan(0)
  expect(noted.wrong).toBe(0)
  expect(
    (await one<{ n: number }>(`SELECT count(*) AS n FROM during WHERE kind = '${kind}'`)).n,
  ).toBeGreaterThan(0)
})

test('a retry storm answers with 5xx', async () => {
  const share = await one<{ share: number }>(
    `SELECT avg((status >= 500)::INT) AS share FROM during WHERE kind = 'retry_storm'`,
  )
  expect(share.share).toBeGreaterThan(0.25)
})

// A VPN hides where people are: those are left out.
test('travellers are seen in a country of their own, with the client they always had', async () => {
  const found = await one<{ abroad: number; strange: number }>(
    `SELECT avg((d.country NOT IN (SELECT e.country FROM e WHERE e.token_id = d.token_id AND (e.time < d.s OR e.time >= d.t)))::INT) AS abroad,
            avg((d.user_agent NOT IN (SELECT e.user_agent FROM e WHERE e.token_id = d.token_id AND (e.time < d.s OR e.time >= d.t)))::INT) AS strange
     FROM during d WHERE kind = 'travel' AND token_id NOT IN (SELECT token_id FROM b WHERE kind IN ('vpn_rollout', 'split_tunnel'))`,
  )
  expect(found.abroad).toBeGreaterThan(0.5)
  expect(found.strange).toBeLessThan(0.35)
})

test('a product release brings operations that nobody in the tenant used before', async () => {
  const found = await one<{ n: number }>(
    `SELECT count(DISTINCT operation) AS n FROM during d WHERE kind = 'product_release'
       AND operation NOT IN (SELECT e.operation FROM e WHERE e.tenant_id = d.tenant_id AND e.time < d.s - INTERVAL 3 DAY)`,
  )
  expect(found.n).toBeGreaterThan(0)
})

test('clean-up jobs delete, on-call nights are worked by people, runners change their address all the time', async () => {
  const found = await one<{ deletes: number; people: number; addresses: number }>(
    `SELECT (SELECT avg((method IN ('DELETE', 'POST'))::INT) FROM during WHERE kind = 'cleanup_job') AS deletes,
            (SELECT avg((user_id LIKE 'usr-%')::INT) FROM during WHERE kind = 'on_call_night') AS people,
            (SELECT count(DISTINCT source_ip) / count(DISTINCT token_id) FROM during WHERE kind = 'ephemeral_runner') AS addresses`,
  )
  expect(found.deletes).toBeGreaterThan(0.3)
  expect(found.people).toBe(1)
  expect(found.addresses).toBeGreaterThan(10)
})

test('a holiday is silent until it ends', async () => {
  const during = await one<{ n: number }>(
    `SELECT count(*) AS n FROM during WHERE kind = 'holiday' AND time < t - INTERVAL 3 DAY AND time > s + INTERVAL 1 DAY
       AND token_id NOT IN (SELECT token_id FROM b WHERE kind <> 'holiday' AND kind NOT IN ('corporate_nat', 'new_hire'))`,
  )
  expect(during.n).toBe(0)
})

test('without surprises none is noted; more of them are noted with a higher intensity', async () => {
  const none = await run(engine, { incidents: 0, surprises: 0 })
  expect(none.summary.benignSurprises).toBe(0)
  const some = await run(engine, { incidents: 0, surprises: 1 })
  const many = await run(engine, { incidents: 0, surprises: 5 })
  expect(many.summary.benignSurprises).toBeGreaterThan(some.summary.benignSurprises)
})
