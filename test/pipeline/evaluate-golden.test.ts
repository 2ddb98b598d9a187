import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { evaluateWorld, type TinyWorld } from './evaluate-fixture.ts'

/**
 * Each folder of test/golden/evaluation is a test: `world.json` is a tiny world, `expected.json` the part of its report that
 * was worked out by hand (`why` says how).
 */
const folder = fileURLToPath(new URL('../golden/evaluation', import.meta.url))

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 1 })
})
afterAll(() => engine.close())

const read = (name: string, file: string) => JSON.parse(readFileSync(join(folder, name, file), 'utf8'))

test.each(readdirSync(folder))('evaluation of %s', async name => {
  const { why, ...expected } = read(name, 'expected.json')
  expect(why).toBeTypeOf('string')
  const report = await evaluateWorld(engine, read(name, 'world.json') as TinyWorld)
  // Only the rankings that the golden speaks of are compared, by name.
  const { rankings = [], ...rest } = expected
  expect(report).toMatchObject(close(rest))
  for (const ranking of rankings)
    expect(report.rankings.find(r => r.name === ranking.name)).toMatchObject(close(ranking))
})

/** Fractions are compared to 9 digits. */
// biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
function close(value: any): any {
  if (typeof value === 'number' && !Number.isInteger(value)) return expect.closeTo(value, 9)
  if (Array.isArray(value)) return value.map(close)
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, close(v)]))
  return value
}
