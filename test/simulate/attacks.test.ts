import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine/duckdb.ts'
import { FAMILIES, SEALED_FAMILIES, type SimulateOptions } from '../../src/simulate/simulate.ts'
import { forgetRuns, run } from './helpers.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 2 })
})
afterAll(() => {
  engine.close()
  forgetRuns()
})

const world: Partial<SimulateOptions> = {
  tokens: 130,
  days: 18,
  events: 12_000,
  attackFromDay: 9,
  incidents: 6,
  start: new Date('2026-09-01T00:00:00Z'),
}

const one = async <T>(sql: string): Promise<T> => (await engine.rows<T>(sql))[0]!

describe.each([...FAMILIES, ...SEALED_FAMILIES])('%s', family => {
  test('is generated in three intensities, after its first day, with labels that all point at events', async () => {
    const made = await run(engine, { ...world, families: [family] })
    const labels = made.table('labels.csv')
    const incidents = made.table('incidents.csv')
    expect(await engine.rows(`SELECT DISTINCT attack_type FROM ${labels}`)).toEqual([{ attack_type: family }])
    expect(
      (await engine.rows<{ i: string }>(`SELECT DISTINCT intensity AS i FROM ${incidents} ORDER BY i`)).map(
        r => r.i,
      ),
    ).toEqual(['loud', 'medium', 'quiet'])
    const found = await one<Record<string, number>>(
      `SELECT (SELECT count(*) FROM ${labels}) AS labels,
              (SELECT count(*) FROM ${labels} JOIN ${made.events} USING (event_id)) AS hits,
              (SELECT sum(events::INT) FROM ${incidents}) AS told,
              (SELECT count(*) FROM ${labels} l JOIN ${made.events} e USING (event_id)
                 WHERE e.time < TIMESTAMP '2026-09-10') AS early,
              (SELECT count(*) FROM ${labels} l JOIN ${made.events} e USING (event_id)
                 ANTI JOIN ${incidents} i ON i.incident_id = l.incident_id AND i.token_id = e.token_id
                   AND e.time >= i."start"::TIMESTAMP AND e.time < i."end"::TIMESTAMP) AS outside`,
    )
    expect(found.labels).toBe(made.summary.maliciousEvents)
    expect(found.hits).toBe(found.labels)
    expect(found.told).toBe(found.labels)
    expect(found).toMatchObject({ early: 0, outside: 0 })
    expect(made.summary.incidents).toBeGreaterThanOrEqual(5)
  })
})

/** What the malicious events of a family show, in a run of their own. */
async function shown<T>(options: Partial<SimulateOptions>, sql: string): Promise<T> {
  const made = await run(engine, { ...world, ...options })
  await engine.run(`CREATE OR REPLACE VIEW malicious AS SELECT e.*, l.incident_id FROM ${made.events} e JOIN ${made.table('labels.csv')} l USING (event_id);
    CREATE OR REPLACE VIEW benign AS SELECT e.* FROM ${made.events} e ANTI JOIN ${made.table('labels.csv')} l ON l.event_id = e.event_id;
    CREATE OR REPLACE VIEW tokens AS SELECT * FROM ${made.table('tokens.csv')}`)
  return one<T>(sql)
}

test('scope violations ask for scopes outside the grant; permission violations never do', async () => {
  const outside = `SELECT count(*) AS n FROM malicious e JOIN tokens t USING (token_id) WHERE NOT list_contains(string_split(t.scopes, ' '), e.required_scope)`
  expect((await shown<{ n: number }>({ families: ['scope_violation'] }, outside)).n).toBeGreaterThan(30)
  expect((await shown<{ n: number }>({ families: ['permission_violation'] }, outside)).n).toBe(0)
})

test('token stuffing comes from one address an incident, with many tokens; a botnet is the reverse', async () => {
  const count = `SELECT min(tokens) AS tokens, max(addresses) AS most, min(addresses) AS least FROM (
    SELECT incident_id, count(DISTINCT token_id) AS tokens, count(DISTINCT source_ip) AS addresses FROM malicious GROUP BY 1)`
  const stuffing = await shown<{ tokens: number; most: number }>({ families: ['token_stuffing'] }, count)
  expect(stuffing.tokens).toBeGreaterThanOrEqual(5)
  expect(stuffing.most).toBe(1)
  const botnet = await shown<{ tokens: number; least: number }>({ families: ['botnet_replay'] }, count)
  expect(botnet.tokens).toBe(1)
  expect(botnet.least).toBeGreaterThanOrEqual(4)
})

test('low and slow lasts for days; a revived token was silent for a week', async () => {
  const days = await shown<{ n: number }>(
    { families: ['low_and_slow'] },
    `SELECT min(n) AS n FROM (SELECT count(DISTINCT time::DATE) AS n FROM malicious GROUP BY incident_id)`,
  )
  expect(days.n).toBeGreaterThanOrEqual(4)
  const gap = await shown<{ least: number }>(
    { families: ['dormant_revival'] },
    `SELECT min(gap) AS least FROM (
       SELECT date_diff('hour', (SELECT max(b.time) FROM benign b WHERE b.token_id = m.token_id AND b.time < m.first), m.first) AS gap
       FROM (SELECT token_id, min(time) AS first FROM malicious GROUP BY token_id) m)`,
  )
  expect(gap.least).toBeGreaterThanOrEqual(6 * 24)
})

test('easy takeovers come from networks the token never had; hard sequence changes mostly from its own', async () => {
  const strange = `SELECT avg((NOT EXISTS (SELECT 1 FROM benign b WHERE b.token_id = m.token_id AND b.asn = m.asn))::INT) AS share FROM malicious m`
  const easy = await shown<{ share: number }>({ families: ['new_network'], difficulty: 'easy' }, strange)
  expect(easy.share).toBeGreaterThan(0.8)
  const hard = await shown<{ share: number }>(
    { families: ['sequence_change'], difficulty: 'hard', incidents: 9 },
    strange,
  )
  expect(hard.share).toBeLessThan(0.4)
})

test('hard incidents are smaller than easy ones', async () => {
  const size = `SELECT count(*) / count(DISTINCT incident_id) AS n FROM malicious`
  const easy = await shown<{ n: number }>({ difficulty: 'easy', incidents: 16 }, size)
  const hard = await shown<{ n: number }>({ difficulty: 'hard', incidents: 16 }, size)
  expect(hard.n).toBeLessThan(0.6 * easy.n)
})

test('attacks coexist with the traffic of the owner', async () => {
  const both = await shown<{ n: number }>(
    { families: ['impossible_travel'] },
    `SELECT count(DISTINCT m.token_id) AS n FROM malicious m JOIN benign b ON b.token_id = m.token_id AND b.time::DATE = m.time::DATE`,
  )
  expect(both.n).toBeGreaterThanOrEqual(3)
})
