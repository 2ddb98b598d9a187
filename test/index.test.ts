import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as api from '../src/index.ts'

test('the public API offers every stage of the road', () => {
  const { simulate, ingest, train, score, explain, evaluate, writeReport } = api
  for (const stage of [simulate, ingest, train, score, explain, evaluate, writeReport]) {
    expect(stage).toBeTypeOf('function')
  }
})

test('every export says what it is', () => {
  const text = readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8')
  const exports = text.match(/^export /gm)!.length
  expect(exports).toBeGreaterThan(20)
  expect(text.match(/^\/\*\* .+ \*\/\nexport /gm)).toHaveLength(exports)
})

test('the engine answers through the API', async () => {
  const engine = await api.openEngine({ threads: 1 })
  const matrix = await engine.matrix('SELECT 1 AS a, NULL AS b')
  expect([matrix.names, [...matrix.data]]).toEqual([
    ['a', 'b'],
    [1, Number.NaN],
  ])
  engine.close()
})
