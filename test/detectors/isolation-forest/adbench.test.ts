import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { fitForest } from '../../../src/detectors/isolation-forest/fit.ts'
import { scoreForest } from '../../../src/detectors/isolation-forest/score.ts'
import { openEngine, quoteText } from '../../../src/engine/duckdb.ts'
import { columnOf, selectColumns } from '../../../src/lib/matrix.ts'
import { auroc, averagePrecision } from '../../../src/lib/metrics.ts'
import { mean } from '../../../src/lib/stats.ts'

const datasets =
  process.env.KEYHOUND_DATASETS ?? fileURLToPath(new URL('../../../../shared/datasets', import.meta.url))
const folder = join(datasets, 'adbench')
const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const SEEDS = range(5)
/**
 * Small sets on which five seeds are not enough to tell: scikit-learn 1.9.1 repeats the reference with seeds 0-4 to the
 * digit (0.7288, 0.8002), yet its mean over seeds 0-99 is the one below (SD of one seed 0.025 and 0.031). So a hundred
 * seeds of ours are held against a hundred of its.
 */
const HUNDRED_SEEDS = new Map([
  ['Hepatitis', 0.6954],
  ['wine', 0.7941],
])
/** Sets whose reference itself moves by more than 0.02 between draws of five seeds (their NOTES.md). */
const UNSTEADY = new Set(['glass', 'optdigits', 'Cardiotocography'])

test.skipIf(!existsSync(folder))(
  'AUROC is that of scikit-learn on every ADBench set, mean of 5 seeds (of 100 on two small sets; skipped without the data)',
  async () => {
    const engine = await openEngine()
    const table: Record<string, string>[] = []
    const failures: string[] = []
    for (const [name, reference] of readReference()) {
      const all = await engine.matrix(`SELECT * FROM ${quoteText(join(folder, `${name}.parquet`))}`)
      const labels = columnOf(all, all.names.indexOf('label'))
      const features = selectColumns(
        all,
        all.names.filter(column => column !== 'label'),
      )
      const runs = SEEDS.map(seed => scoreForest(fitForest(features, { seed }), features))
      const ours = mean(runs.map(scores => auroc(scores, labels)))
      const ap = mean(runs.map(scores => averagePrecision(scores, labels)))
      const tolerance = UNSTEADY.has(name) ? 0.05 : 0.02
      const hundred = HUNDRED_SEEDS.get(name)
      const wanted = hundred ?? reference.auroc
      const got =
        hundred === undefined
          ? ours
          : mean(range(100).map(seed => auroc(scoreForest(fitForest(features, { seed }), features), labels)))
      if (!(Math.abs(got - wanted) <= tolerance))
        failures.push(`${name}: AUROC ${got.toFixed(4)}, scikit-learn ${wanted}`)
      table.push({
        set: name,
        auroc: ours.toFixed(3),
        sklearn: reference.auroc.toFixed(3),
        ap: ap.toFixed(3),
        sklearnAp: reference.ap.toFixed(3),
        baseRate: mean(labels).toFixed(3),
      })
    }
    engine.close()
    console.table(table)
    expect(failures).toEqual([])
    expect(table.length).toBe(23)
  },
)

function readReference(): [string, { auroc: number; ap: number }][] {
  const [head, ...lines] = readFileSync(join(folder, 'iforest_reference.csv'), 'utf8').trim().split('\n')
  const names = head!.split(',')
  const at = (cells: string[], name: string) => cells[names.indexOf(name)]!
  return lines.map(line => {
    const cells = line.split(',')
    return [at(cells, 'dataset'), { auroc: Number(at(cells, 'sk_auroc')), ap: Number(at(cells, 'sk_ap')) }]
  })
}
