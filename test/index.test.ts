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

/** Where a name is declared: in the file, or in one that it re-exports the name (or everything) from. */
function declarationOf(name: string, file: URL): string | null {
  const text = readFileSync(file, 'utf8')
  const lines = text.split('\n')
  const declared = new RegExp(
    `^export (async |declare )?(function\\*?|const|interface|type|class) ${name}\\b`,
  )
  const at = lines.findIndex(line => declared.test(line))
  if (at > 0) return lines[at - 1]!
  const froms = text.matchAll(/^export (?:type )?(?:\*|\{([^}]*)\}) from '([^']+)'/gm)
  for (const [, names, from] of froms) {
    const entry = names
      ?.split(',')
      .map(one => one.trim().replace(/^type /, ''))
      .find(one => one === name || one.endsWith(` as ${name}`))
    if (names !== undefined && entry === undefined) continue
    const found = declarationOf(entry?.split(' as ')[0] ?? name, new URL(from!, file))
    if (found !== null) return found
  }
  return null
}

test('every function, record and constant of the API has a docstring where it is declared', () => {
  const index = new URL('../src/index.ts', import.meta.url)
  const text = readFileSync(index, 'utf8')
  const names = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from/gm)].flatMap(([, list]) =>
    list!
      .split(',')
      .map(
        one =>
          one
            .trim()
            .replace(/^type /, '')
            .split(' as ')
            .at(-1)!,
      )
      .filter(one => one !== ''),
  )
  expect(names.length).toBeGreaterThan(120)
  const silent = names.filter(name => declarationOf(name, index)?.trimEnd().endsWith('*/') !== true)
  expect(silent).toEqual([])
})
