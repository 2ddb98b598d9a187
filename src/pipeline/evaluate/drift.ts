import { KeyhoundError } from '../../lib/errors.ts'
import type { Matrix } from '../../lib/matrix.ts'
import { columnOf } from '../../lib/matrix.ts'
import { gatherClusters, knotsOf, type Sketch, sketchColumn } from '../../lib/sketch.ts'
import { WINDOW_KEY } from '../../schema/activity.ts'
import type { PeriodDrift, ReferenceColumn } from '../../schema/drift.ts'
import type { DriftReport, FeatureDrift } from '../../schema/evaluation.ts'
import { type Engine, quoteName, timestampLiteral } from '../../sql/duckdb.ts'
import { createView, listDays, type Workspace } from '../../sql/workspace.ts'
import { mergeAll, readDaySketches } from '../drift/day-sketches.ts'
import { measureDrift } from '../drift/measure.ts'
import { readReference } from '../models.ts'
import { DAY_MS, KEY, type World } from './world.ts'

/** Rows sketched a side where no model kept sketches: at 20,000 chance alone gives a stability index of about 0.001. */
const SAMPLE_ROWS = 20_000

const FEATURES_NAMED = 20

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/

/**
 * How far each feature of the evaluated token-hours lies from training. By the sketches that the model and its scoring left; where they
 * do not tell of exactly these token-hours, by sketches of samples of the features before the period and within.
 */
export async function evaluateDrift(
  engine: Engine,
  workspace: Workspace,
  world: World,
  isRestricted: boolean,
): Promise<DriftReport> {
  const stored = isRestricted ? null : storedDrift(workspace, world)
  return reportOf(stored ?? (await sampledDrift(engine, workspace, world)))
}

/** Null unless one model scored every day of a period of whole days, and left its sketches. */
function storedDrift(workspace: Workspace, { models, from, to }: World): PeriodDrift | null {
  if (models.length !== 1 || from.getTime() % DAY_MS !== 0 || to.getTime() % DAY_MS !== 0) return null
  const known = knownOrNull(workspace, models[0]!)
  if (known === null) return null
  const days = listDays(workspace.scores).filter(
    day => Date.parse(day) >= from.getTime() && Date.parse(day) < to.getTime(),
  )
  const sketches = days.flatMap(day =>
    [readDaySketches(workspace, day, known) ?? []].filter(one => one.length > 0),
  )
  if (days.length === 0 || sketches.length < days.length) return null
  const period = measureDrift(known.reference.columns, sketches.reduce(mergeAll), days.length)
  return { ...period, columns: period.columns.filter(column => column.kind === 'feature') }
}

/** Scores may come from a model that is gone. */
function knownOrNull(workspace: Workspace, model: string) {
  try {
    return readReference(workspace, model)
  } catch (error) {
    if (error instanceof KeyhoundError && error.code === 'not-found') return null
    throw error
  }
}

async function sampledDrift(engine: Engine, workspace: Workspace, world: World): Promise<PeriodDrift> {
  await createView(engine, 'features', workspace.features, WINDOW_KEY)
  const names = (await engine.describe('SELECT * FROM features'))
    .filter(column => NUMERIC.test(column.type))
    .map(column => column.name)
  const before = `window_start < ${timestampLiteral(world.from)}`
  const training = await sample(engine, names, `(SELECT * FROM features WHERE ${before})`)
  const evaluated = await sample(engine, names, `features SEMI JOIN evaluate_windows USING (${KEY})`)
  const columns = names.map((name, c): ReferenceColumn => {
    const knots = knotsOf(columnOf(training.table, c))
    return { name, kind: 'feature', weight: 0, usual: 0, usualUpper: 0, sketch: sketchOf(training, c, knots) }
  })
  const period = columns.map(({ sketch }, c) => sketchOf(evaluated, c, sketch.knots))
  return measureDrift(columns, period, world.days)
}

interface Sample {
  /** (rows, names) */
  readonly table: Matrix
  /** (rows): the token-day. */
  readonly tokenDay: readonly string[]
}

/** The named columns of about {@link SAMPLE_ROWS} rows, chosen by a hash of their key: the same ones every time. */
async function sample(engine: Engine, names: readonly string[], relation: string): Promise<Sample> {
  if (names.length === 0)
    return { table: { data: new Float64Array(0), rows: 0, cols: 0, names: [] }, tokenDay: [] }
  const [size] = await engine.rows<{ n: number }>(`SELECT count(*) AS n FROM ${relation}`)
  const every = Math.max(1, Math.round(size!.n / SAMPLE_ROWS))
  const columns = names.map(name => `${quoteName(name)}::DOUBLE AS ${quoteName(name)}`)
  const chosen = `FROM ${relation} WHERE hash(${KEY}) % ${every} = 0`
  const order = `ORDER BY ${KEY}`
  const table = await engine.matrix(`SELECT ${columns.join(', ')} ${chosen} ${order}`)
  const labels = await engine.texts(
    `SELECT concat_ws(' ', tenant_id, token_id, window_start::DATE) AS token_day ${chosen} ${order}`,
  )
  return { table, tokenDay: labels.columns[0] as string[] }
}

function sketchOf({ table, tokenDay }: Sample, column: number, knots: readonly number[]): Sketch {
  return sketchColumn(
    knots,
    { data: table.data, stride: table.cols, offset: column },
    gatherClusters(tokenDay),
  )
}

function reportOf({ trainingRows, periodRows, columns }: PeriodDrift): DriftReport {
  return {
    trainingRows,
    evaluatedRows: periodRows,
    features: columns.slice(0, FEATURES_NAMED).map(
      (column): FeatureDrift => ({
        feature: column.name,
        psi: column.psi,
        psiByChance: column.psiByChance,
        p: column.p,
        ks: column.ks,
        level: column.level,
        trainingMedian: column.trainingMedian,
        evaluatedMedian: column.periodMedian,
        trainingMissing: column.trainingMissing,
        evaluatedMissing: column.periodMissing,
      }),
    ),
  }
}
