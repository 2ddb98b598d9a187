import { crossFitFilter, type FilterOptions } from '../../../src/filter/model.ts'
import { columnOf, selectColumns } from '../../../src/lib/matrix.ts'
import { baseRate, bootstrapInterval, type Interval } from '../../../src/lib/metrics.ts'
import { createRandom } from '../../../src/lib/random.ts'
import { type Engine, quoteText } from '../../../src/sql/duckdb.ts'
import { datasetFile } from '../real/harness.ts'

/** Weighted F1 of a random forest on unseen rows (the data set's README). */
export const BOTS_REFERENCE = 0.898

export interface BotsFigures {
  readonly accounts: number
  readonly baseRate: number
  readonly weightedF1: number
  /** 95 %, accounts resampled; the fits are not. */
  readonly interval: Interval
}

/**
 * The filter's learner on vectors of GitHub accounts, bot or human: every account is judged by nets that did not see it, with the
 * product's settings but for those given.
 */
export async function measureBots(
  engine: Engine,
  options: Pick<FilterOptions, 'members'> = {},
): Promise<BotsFigures> {
  const table = await engine.matrix(
    `SELECT * EXCLUDE (token_id, split) FROM read_parquet(${quoteText(datasetFile('github_bot_accounts'))}) ORDER BY token_id`,
  )
  const labels = columnOf(table, table.names.indexOf('label'))
  const features = selectColumns(
    table,
    table.names.filter(name => name !== 'label'),
  )
  const probabilities = (await crossFitFilter(features, Array.from(labels), options))!
  const predicted = Uint8Array.from(probabilities, p => (p >= 0.5 ? 1 : 0))
  return {
    accounts: table.rows,
    baseRate: baseRate(labels),
    weightedF1: weightedF1(predicted, labels),
    interval: bootstrapInterval(
      Uint32Array.from(labels.keys()),
      weights => weightedF1(predicted, labels, weights),
      { random: createRandom(1) },
    ),
  }
}

/** F1 of both classes, each weighted by its rows (scikit-learn's `average="weighted"`); row r counts `weights[r]` times. */
export function weightedF1(
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  let sum = 0
  let rows = 0
  for (const of of [0, 1]) {
    let [hits, said, there] = [0, 0, 0]
    for (let r = 0; r < labels.length; r++) {
      const weight = weights ? weights[r]! : 1
      if (predicted[r] === of) said += weight
      if (labels[r] === of) there += weight
      if (predicted[r] === of && labels[r] === of) hits += weight
    }
    sum += said + there === 0 ? 0 : ((2 * hits) / (said + there)) * there
    rows += there
  }
  return sum / rows
}
