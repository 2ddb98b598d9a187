import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FAMILIES, SEALED_FAMILIES, type SimulateOptions } from '../../src/simulate/simulate.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { forgetRuns, run } from './helpers.ts'

const ALL = [...FAMILIES, ...SEALED_FAMILIES]

/** Every family three times: once in each intensity. */
const world: Partial<SimulateOptions> = {
  tokens: 200,
  days: 20,
  events: 50_000,
  attackFromDay: 10,
  incidents: 3 * ALL.length,
  families: ALL,
  start: new Date('2026-09-01T00:00:00Z'),
}

let engine: Engine
let made: Awaited<ReturnType<typeof run>>
beforeAll(async () => {
  engine = await openEngine({ threads: 2 })
  made = await run(engine, world)
  await open('', made)
  await open('easy_', await run(engine, { ...world, difficulty: 'easy' }))
  await open('hard_', await run(engine, { ...world, difficulty: 'hard' }))
})
afterAll(() => {
  engine.close()
  forgetRuns()
})

/** Tables {prefix}bad, {prefix}good and {prefix}tokens of a run. */
async function open(prefix: string, of: typeof made): Promise<void> {
  await engine.run(`
    CREATE TEMP TABLE ${prefix}bad AS SELECT e.*, l.incident_id, l.attack_type
      FROM ${of.events} e JOIN ${of.table('labels.csv')} l USING (event_id);
    CREATE TEMP TABLE ${prefix}good AS SELECT e.* FROM ${of.events} e ANTI JOIN ${of.table('labels.csv')} l USING (event_id);
    CREATE TEMP TABLE ${prefix}tokens AS SELECT * FROM ${of.table('tokens.csv')}`)
}

const one = async <T>(sql: string): Promise<T> => (await engine.rows<T>(sql))[0]!

test('labels all point at events, and incidents.csv tells their number', async () => {
  const found = await one<Record<string, number>>(
    `SELECT (SELECT count(*) FROM ${made.table('labels.csv')}) AS labels, (SELECT count(*) FROM bad) AS hits,
            (SELECT sum(events::INT) FROM ${made.table('incidents.csv')}) AS told`,
  )
  expect(found).toEqual({
    labels: made.summary.maliciousEvents,
    hits: made.summary.maliciousEvents,
    told: made.summary.maliciousEvents,
  })
})

describe.each(ALL)('%s', family => {
  test('comes in three intensities, from its first day on, within the intervals told', async () => {
    const intensities = await engine.rows<{ intensity: string }>(
      `SELECT DISTINCT intensity FROM ${made.table('incidents.csv')} WHERE attack_type = '${family}' ORDER BY 1`,
    )
    expect(intensities.map(row => row.intensity)).toEqual(['loud', 'medium', 'quiet'])
    const found = await one<Record<string, number>>(
      `SELECT count(*) FILTER (time < TIMESTAMP '2026-09-11') AS early,
              count(*) FILTER (NOT EXISTS (SELECT 1 FROM ${made.table('incidents.csv')} i
                WHERE i.incident_id = bad.incident_id AND i.token_id = bad.token_id AND i.attack_type = bad.attack_type
                  AND bad.time >= i."start"::TIMESTAMP AND bad.time < i."end"::TIMESTAMP)) AS outside
       FROM bad WHERE attack_type = '${family}'`,
    )
    expect(found).toEqual({ early: 0, outside: 0 })
  })
})

test('scope violations ask for scopes outside the grant; permission violations never do', async () => {
  const outside = (family: string) =>
    one<{ n: number }>(`SELECT count(*) AS n FROM bad e JOIN tokens t USING (token_id)
      WHERE attack_type = '${family}' AND NOT list_contains(string_split(t.scopes, ' '), e.required_scope)`)
  expect((await outside('scope_violation')).n).toBeGreaterThan(15)
  expect((await outside('permission_violation')).n).toBe(0)
})

test('probing is denied nearly always, and tries several doors', async () => {
  const found = await one<{ denied: number; doors: number }>(
    `SELECT avg((status IN (401, 403, 404))::INT) AS denied, count(DISTINCT operation) AS doors FROM easy_bad
     WHERE attack_type = 'bfla_probing'`,
  )
  expect(found.denied).toBeGreaterThan(0.7)
  expect(found.doors).toBeGreaterThan(5)
})

test('token stuffing comes from one address an incident, with many tokens; a botnet is the reverse', async () => {
  const spread = (family: string) =>
    one<{ tokens: number; most: number; least: number }>(`
      SELECT min(tokens) AS tokens, max(addresses) AS most, min(addresses) AS least FROM (
        SELECT incident_id, count(DISTINCT token_id) AS tokens, count(DISTINCT source_ip) AS addresses
        FROM bad WHERE attack_type = '${family}' GROUP BY 1)`)
  const stuffing = await spread('token_stuffing')
  expect(stuffing.tokens).toBeGreaterThanOrEqual(5)
  expect(stuffing.most).toBe(1)
  const botnet = await spread('botnet_replay')
  expect(botnet.tokens).toBe(1)
  expect(botnet.least).toBeGreaterThanOrEqual(4)
})

test('low and slow lasts for days', async () => {
  const days = await one<{ n: number }>(
    `SELECT min(n) AS n FROM (SELECT count(DISTINCT time::DATE) AS n FROM bad WHERE attack_type = 'low_and_slow' GROUP BY incident_id)`,
  )
  expect(days.n).toBeGreaterThanOrEqual(4)
})

test('a revived token was silent for a week', async () => {
  const gap = await one<{ least: number }>(
    `SELECT min(date_diff('hour', last_good, first_bad)) AS least FROM (
       SELECT first_bad, (SELECT max(g.time) FROM good g WHERE g.token_id = m.token_id AND g.time < first_bad) AS last_good
       FROM (SELECT token_id, min(time) AS first_bad FROM bad WHERE attack_type = 'dormant_revival' GROUP BY 1) m)`,
  )
  expect(gap.least).toBeGreaterThanOrEqual(6 * 24)
})

test('easy takeovers come from networks the token never had; hard sequence changes mostly from its own', async () => {
  const strange = (prefix: string, family: string) =>
    one<{ share: number }>(`
      SELECT avg((NOT EXISTS (SELECT 1 FROM ${prefix}good g WHERE g.token_id = b.token_id AND g.asn = b.asn))::INT) AS share
      FROM ${prefix}bad b WHERE attack_type = '${family}'`)
  expect((await strange('easy_', 'new_network')).share).toBeGreaterThan(0.8)
  expect((await strange('hard_', 'sequence_change')).share).toBeLessThan(0.4)
})

test('hard incidents are smaller than easy ones', async () => {
  const size = (prefix: string) =>
    one<{ n: number }>(`SELECT count(*) / count(DISTINCT incident_id) AS n FROM ${prefix}bad`)
  expect((await size('hard_')).n).toBeLessThan(0.8 * (await size('easy_')).n)
})

test('the owner goes on working while the thief does', async () => {
  const both = await one<{ share: number }>(
    `SELECT avg((EXISTS (SELECT 1 FROM good g WHERE g.token_id = b.token_id AND g.time::DATE = b.time::DATE))::INT) AS share
     FROM bad b WHERE attack_type IN ('impossible_travel', 'sequence_change', 'exfiltration')`,
  )
  expect(both.share).toBeGreaterThan(0.7)
})
