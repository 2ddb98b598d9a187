import { readFileSync } from 'node:fs'
import { fitForest } from '../../../src/detectors/isolation-forest/fit.ts'
import { scoreForest } from '../../../src/detectors/isolation-forest/score.ts'
import { columnOf, type Matrix, selectColumns } from '../../../src/lib/matrix.ts'
import { auroc, averagePrecision, baseRate } from '../../../src/lib/metrics.ts'
import { mean } from '../../../src/lib/stats.ts'
import { type Engine, quoteText } from '../../../src/sql/duckdb.ts'
import { datasetFile } from '../real/harness.ts'

/** One ADBench set: our forest beside scikit-learn's, both means over seeds. */
export interface AdbenchQuality {
  readonly set: string
  readonly auroc: number
  readonly averagePrecision: number
  readonly baseRate: number
  readonly reference: { readonly auroc: number; readonly averagePrecision: number }
  /** AUROC held against the reference: over 100 seeds of both where five do not tell, else over five. */
  readonly compared: { readonly ours: number; readonly reference: number }
  /** Largest difference of `compared` that counts as the same. */
  readonly tolerance: number
}

const SEEDS = 5
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

/** The isolation forest on all sets of ADBench with a reference, one after another. */
export async function* measureAdbench(engine: Engine): AsyncGenerator<AdbenchQuality> {
  for (const { set, ...reference } of readReference()) {
    const all = await engine.matrix(`SELECT * FROM ${quoteText(datasetFile('adbench', `${set}.parquet`))}`)
    const labels = columnOf(all, all.names.indexOf('label'))
    const features = selectColumns(
      all,
      all.names.filter(column => column !== 'label'),
    )
    const runs = Array.from({ length: SEEDS }, (_, seed) => scoresOf(features, seed))
    const ours = mean(runs.map(scores => auroc(scores, labels)))
    const hundred = HUNDRED_SEEDS.get(set)
    yield {
      set,
      auroc: ours,
      averagePrecision: mean(runs.map(scores => averagePrecision(scores, labels))),
      baseRate: baseRate(labels),
      reference,
      compared:
        hundred === undefined
          ? { ours, reference: reference.auroc }
          : { ours: meanAuroc(features, labels, 100), reference: hundred },
      tolerance: UNSTEADY.has(set) ? 0.05 : 0.02,
    }
  }
}

function scoresOf(features: Matrix, seed: number): Float64Array {
  return scoreForest(fitForest(features, { seed }), features)
}

function meanAuroc(features: Matrix, labels: Float64Array, seeds: number): number {
  return mean(Array.from({ length: seeds }, (_, seed) => auroc(scoresOf(features, seed), labels)))
}

function readReference(): { set: string; auroc: number; averagePrecision: number }[] {
  const [head, ...lines] = readFileSync(datasetFile('adbench', 'iforest_reference.csv'), 'utf8')
    .trim()
    .split('\n')
  const names = head!.split(',')
  const at = (cells: string[], name: string) => cells[names.indexOf(name)]!
  return lines.map(line => {
    const cells = line.split(',')
    return {
      set: at(cells, 'dataset'),
      auroc: Number(at(cells, 'sk_auroc')),
      averagePrecision: Number(at(cells, 'sk_ap')),
    }
  })
}
