import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { crossFitFilter } from '../../src/filter/model.ts'
import { fromColumns } from '../../src/lib/matrix.ts'

const datasets =
  process.env.KEYHOUND_DATASETS ?? fileURLToPath(new URL('../../../shared/datasets', import.meta.url))
const file = join(datasets, 'github_bot_accounts', 'data.parquet')

/** F1 of both classes, each weighted by its rows (scikit-learn's `average="weighted"`). */
function weightedF1(predicted: boolean[], labels: number[]): number {
  let sum = 0
  for (const of of [0, 1]) {
    let [hits, said, there] = [0, 0, 0]
    for (let r = 0; r < labels.length; r++) {
      const claims = predicted[r] === (of === 1)
      if (claims) said++
      if (labels[r] === of) there++
      if (claims && labels[r] === of) hits++
    }
    sum += ((2 * hits) / (said + there)) * there
  }
  return sum / labels.length
}

test.skipIf(!existsSync(file))(
  'github_bot_accounts (skipped where the data set is absent): cross-validated weighted F1 near the reference forest 0.898',
  async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const reader = await connection.runAndReadAll(
      `SELECT * EXCLUDE (token_id, split) FROM read_parquet($file) ORDER BY token_id`,
      { file },
    )
    const { label, ...features } = reader.getColumnsObject() as Record<string, unknown[]>
    const toNumbers = (values: unknown[]) =>
      values.map(value => (value === null ? Number.NaN : Number(value)))
    const table = fromColumns(
      Object.fromEntries(Object.entries(features).map(([name, values]) => [name, toNumbers(values)])),
    )
    const labels = toNumbers(label!)
    const probabilities = (await crossFitFilter(table, labels, { members: 2 }))!
    const f1 = weightedF1(
      Array.from(probabilities, p => p >= 0.5),
      labels,
    )
    console.log(`github_bot_accounts: weighted F1 ${f1.toFixed(3)} (reference random forest 0.898)`)
    expect(f1).toBeGreaterThan(0.885)
  },
)
