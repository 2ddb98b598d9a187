import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../src/lib/random.ts'
import { lineageColumns } from '../../src/simulate/lineage.ts'
import { createWorld, mintToken, tokenAt } from '../../src/simulate/world.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'

import { forgetRuns, run } from './helpers.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 1 })
})
afterAll(() => {
  engine.close()
  forgetRuns()
})

const START = Date.parse('2026-09-01')

test('the truth names the token before each rotated one, and nobody before a parallel or a hijacked one', () => {
  const world = createWorld(createRandom(3), { tokens: 2000, days: 30, seed: 3, start: START })
  const victim = world.actors.find(actor => actor.tokens.length > 1)!
  const theft = START + 29 * 86_400_000
  const minted = mintToken(world, victim, theft)
  const { token_id, predecessor_id, since, kind } = lineageColumns(world)
  const rows = token_id.map((token, i) => ({
    token,
    before: predecessor_id[i],
    since: since[i],
    kind: kind[i],
  }))
  const rotated = world.actors.reduce((sum, actor) => sum + actor.tokens.length - 1, 0)
  expect(rows.filter(row => row.kind === 'rotation')).toHaveLength(rotated)
  expect(rotated).toBeGreaterThan(50)
  expect(rows.find(row => row.token === victim.tokens[1]!.id)).toEqual({
    token: victim.tokens[1]!.id,
    before: victim.tokens[0]!.id,
    since: new Date(victim.tokens[1]!.from).toISOString(),
    kind: 'rotation',
  })
  expect(rows.filter(row => row.kind === 'hijack')).toEqual([
    {
      token: minted.id,
      before: tokenAt(victim, theft).id,
      since: new Date(theft).toISOString(),
      kind: 'hijack',
    },
  ])
  const parallel = rows.filter(row => row.kind === 'parallel')
  expect(parallel.length).toBeGreaterThan(0)
  for (const row of parallel) expect(row.before).toBe('')
  expect(new Set(token_id).size).toBe(token_id.length)
})

test('a hijacked rotation works with the minted token alone, and leaves every benign event as it was', async () => {
  const calm = await run(engine, { incidents: 0 })
  const hijacked = await run(engine, { incidents: 3, families: ['rotation_hijack'] })
  const [counts] = await engine.rows<Record<string, number>>(`
    WITH minted AS (SELECT token_id FROM ${hijacked.table('lineage.csv')} WHERE kind = 'hijack'),
    all_events AS (SELECT event_id, token_id, event_id IN (SELECT event_id FROM ${hijacked.table('labels.csv')}) AS is_bad FROM ${hijacked.events})
    SELECT (SELECT count(*) FROM minted)::INT AS minted,
      count(*) FILTER (is_bad)::INT AS bad,
      count(*) FILTER (is_bad AND token_id NOT IN (SELECT token_id FROM minted))::INT AS bad_elsewhere,
      count(*) FILTER (NOT is_bad AND token_id IN (SELECT token_id FROM minted))::INT AS good_on_minted,
      count(*) FILTER (NOT is_bad)::INT AS good,
      (SELECT count(*) FROM ${calm.events} c JOIN all_events e USING (event_id, token_id))::INT AS kept,
      (SELECT count(*) FROM ${calm.events})::INT AS calm
    FROM all_events`)
  expect(counts).toMatchObject({ minted: 3, bad_elsewhere: 0, good_on_minted: 0 })
  expect(counts!.bad).toBeGreaterThan(10)
  expect(counts!.kept).toBe(counts!.calm)
  expect(counts!.good).toBe(counts!.calm)
})
