import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checkColumns, findLeaks } from '../../src/filter/leak-check.ts'
import { createRandom } from '../../src/lib/random.ts'
import { checkLabels } from '../../src/pipeline/check-labels.ts'
import { openEngine } from '../../src/sql/duckdb.ts'

const ROWS = 400
const random = createRandom(3)
const labels = Array.from({ length: ROWS }, () => (random.chance(0.2) ? 1 : 0))
const column = (name: string, of: (label: number, row: number) => number | string | null) => ({
  name,
  values: labels.map((label, row) => of(label, row)) as number[] | string[],
})
const named = (columns: ReturnType<typeof column>[]) => findLeaks(columns, labels).map(leak => leak.column)

describe('a column that alone decides the label is named', () => {
  test('by a threshold, either way', () => {
    const low = column('users', label => (label === 1 ? 1 : 100 + random.int(50)))
    const high = column('bytes', label => (label === 1 ? 1e6 : 0) + random.normal(0, 10))
    expect(named([low, high]).sort()).toEqual(['bytes', 'users'])
  })

  test('by single values or a band, which is no threshold', () => {
    const band = column('band', label => (label === 1 ? random.uniform(5, 6) : random.pick([1, 2, 9, 10])))
    const text = column('kind', label =>
      random.pick(label === 1 ? ['a', 'b'] : ['c', 'd', null as unknown as string]),
    )
    expect(named([band, text]).sort()).toEqual(['band', 'kind'])
  })

  test('by being unknown', () => {
    expect(named([column('gap', label => (label === 1 ? Number.NaN : random.next()))])).toEqual(['gap'])
  })
})

describe('an honest column is not', () => {
  test('strong, but with errors', () => {
    const strong = column('score', label => label * 2 + random.normal())
    const [verdict] = checkColumns([strong], labels)
    expect(verdict).toMatchObject({ leaks: false, kind: 'number' })
    expect(verdict!.auroc).toBeGreaterThan(0.8)
  })

  test('ids that never repeat, constants, noise, and what is unknown throughout', () => {
    const columns = [
      column('id', (_, row) => `id-${row}`),
      column('constant', () => 1),
      column('noise', () => random.normal()),
      column('blank', () => Number.NaN),
    ]
    for (const verdict of checkColumns(columns, labels)) expect(verdict.auroc).toBeLessThan(0.65)
  })

  test('an entity known by its id leaks only where folds cut entities in two', () => {
    const of = labels.map((_, row) => Math.floor(row / 4))
    const owned = of.map(entity => (entity % 5 === 0 ? 1 : 0))
    const ids = { name: 'entity', values: of.map(entity => `e${entity}`) }
    expect(findLeaks([ids], owned)).toHaveLength(1)
    expect(findLeaks([ids], owned, { groups: of })).toEqual([])
  })

  test('with under ten rows of a class nothing is claimed', () => {
    const few = Array.from({ length: 60 }, (_, row) => (row < 9 ? 1 : 0))
    expect(checkColumns([{ name: 'same', values: few }], few)).toEqual([])
  })
})

test('columns and labels of different length are refused', () => {
  expect(() => checkColumns([{ name: 'short', values: [1] }], labels)).toThrow(
    /"short" has 1 rows, labels 400/,
  )
})

const datasets =
  process.env.KEYHOUND_DATASETS ?? fileURLToPath(new URL('../../../shared/datasets', import.meta.url))
const leaky = join(datasets, 'kaggle_api_behavior', 'supervised.parquet')
const honest = join(datasets, 'github_bot_accounts', 'data.parquet')

test.skipIf(!existsSync(leaky) || !existsSync(honest))(
  'kaggle_api_behavior is flagged for num_users, github_bot_accounts for nothing (skipped where the data sets are absent)',
  async () => {
    const engine = await openEngine({ threads: 1 })
    const leaks = async (path: string) =>
      (await checkLabels(engine, { path, label: 'label' })).columns
        .filter(verdict => verdict.leaks)
        .map(verdict => verdict.column)
    expect(await leaks(leaky)).toContain('num_users')
    expect(await leaks(honest)).toEqual([])
    await expect(checkLabels(engine, { path: leaky, label: 'truth' })).rejects.toThrow(/"truth" missing/)
    await expect(checkLabels(engine, { path: leaky, label: 'label', positive: ['x'] })).rejects.toThrow(
      /--positive/,
    )
    engine.close()
  },
)
