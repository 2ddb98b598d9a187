import { type Engine, quoteName, timestampLiteral } from '../../engine/duckdb.ts'
import { createView, type Workspace } from '../../engine/workspace.ts'
import { columnOf, type Matrix } from '../../lib/matrix.ts'
import { kolmogorovSmirnov, populationStabilityIndex } from '../../lib/metrics.ts'
import { median } from '../../lib/stats.ts'
import { WINDOW_KEY } from '../../schema/activity.ts'
import type { DriftReport, FeatureDrift } from '../../schema/evaluation.ts'
import { finite } from './ranking.ts'
import { KEY, type World } from './world.ts'

/** Rows compared a side: at 20,000 chance alone gives a stability index of about 0.001 (Yurdakul & Naranjo 2020). */
const SAMPLE_ROWS = 20_000

const FEATURES_NAMED = 20

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/

/** How far each feature moved between the token-hours before the period and those evaluated. */
export async function measureDrift(engine: Engine, workspace: Workspace, world: World): Promise<DriftReport> {
  await createView(engine, 'features', workspace.features, WINDOW_KEY)
  const names = (await engine.describe('SELECT * FROM features'))
    .filter(column => NUMERIC.test(column.type))
    .map(column => column.name)
  const before = `window_start < ${timestampLiteral(world.from)}`
  const training = await sample(engine, names, `(SELECT * FROM features WHERE ${before})`)
  const evaluated = await sample(engine, names, `features SEMI JOIN evaluate_windows USING (${KEY})`)
  if (training.rows === 0 || evaluated.rows === 0)
    return { trainingRows: training.rows, evaluatedRows: evaluated.rows, features: [] }
  const features = names.map((feature, c) => compare(feature, columnOf(training, c), columnOf(evaluated, c)))
  features.sort((a, b) => b.psi - a.psi || (a.feature < b.feature ? -1 : 1))
  return {
    trainingRows: training.rows,
    evaluatedRows: evaluated.rows,
    features: features.slice(0, FEATURES_NAMED),
  }
}

/** The named columns of about {@link SAMPLE_ROWS} rows, chosen by a hash of their key: the same ones every time. */
async function sample(engine: Engine, names: readonly string[], relation: string): Promise<Matrix> {
  if (names.length === 0) return { data: new Float64Array(0), rows: 0, cols: 0, names: [] }
  const [size] = await engine.rows<{ n: number }>(`SELECT count(*) AS n FROM ${relation}`)
  const every = Math.max(1, Math.round(size!.n / SAMPLE_ROWS))
  return engine.matrix(
    `SELECT ${names.map(name => `${quoteName(name)}::DOUBLE AS ${quoteName(name)}`).join(', ')} FROM ${relation} WHERE hash(${KEY}) % ${every} = 0`,
  )
}

function compare(feature: string, training: Float64Array, evaluated: Float64Array): FeatureDrift {
  return {
    feature,
    psi: populationStabilityIndex(training, evaluated),
    ks: finite(kolmogorovSmirnov(training, evaluated)),
    trainingMedian: finite(median(training)),
    evaluatedMedian: finite(median(evaluated)),
    trainingMissing: missing(training),
    evaluatedMissing: missing(evaluated),
  }
}

function missing(values: Float64Array): number {
  let count = 0
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) count++
  return count / values.length
}
