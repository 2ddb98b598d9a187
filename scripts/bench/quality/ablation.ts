import { SIGNALS } from '../../../src/detectors/signals/catalogue.ts'
import { scoreTails } from '../../../src/detectors/tail-surprise/tail-surprise.ts'
import { FEATURES } from '../../../src/features/catalogue.ts'
import { columnOf, type Matrix, selectColumns } from '../../../src/lib/matrix.ts'
import { atBudgetOf, averagePrecision, rank } from '../../../src/lib/metrics.ts'
import { readBatch, type WindowBatch } from '../../../src/pipeline/batch.ts'
import { loadModel } from '../../../src/pipeline/models.ts'
import { score } from '../../../src/pipeline/score.ts'
import { openViews } from '../../../src/pipeline/views.ts'
import { combineRows } from '../../../src/risk/combine.ts'
import { FEATURE_GROUPS } from '../../../src/schema/features.ts'
import {
  addSpecialist,
  CLUSTER_DETECTOR,
  type Detectors,
  FOREST_DETECTOR,
  MODEL_COLUMNS,
  SPECIALIST,
  scoreWindows,
  signalEvidence,
  TAIL_DETECTOR,
} from '../../../src/scoring.ts'
import type { SimulateOptions } from '../../../src/simulate/simulate.ts'
import { type Engine, quoteText, timestampLiteral } from '../../../src/sql/duckdb.ts'
import { dayOf, listDays } from '../../../src/sql/workspace.ts'
import { withTrainedWorld } from './simulated.ts'

/** Alerts a day at which recall is read. */
export const ABLATION_BUDGETS = [3, 10, 30] as const

/** How well one score ranks the token-days of a world, each at its highest hour. */
export interface TokenDayQuality {
  readonly averagePrecision: number
  /** Share of the misused token-days within the budget, one for each of ABLATION_BUDGETS. */
  readonly recalls: readonly number[]
}

/** The product's score without one detector, or without one group of features. */
export interface LeftOut {
  readonly kind: 'detector' | 'features'
  readonly name: string
  /** Columns that are no longer heard. */
  readonly facts: number
  readonly quality: TokenDayQuality
}

export interface Ablation {
  readonly baseRate: number
  readonly tokenDays: number
  /** The product's score, and single rankings beside it. */
  readonly rankings: Readonly<Record<string, TokenDayQuality>>
  readonly without: readonly LeftOut[]
}

/** The product's score. */
export const PRODUCT = 'product'
/** The strongest calibrated signal, whichever it is. */
export const UNION = 'union of specialists'
/** The weighted sum of all facts, without the strongest signal among them. */
export const ALONE = 'sum of facts, no specialist'
/** Misuse first: the most that a budget could reach, since there is more misuse than alerts. */
export const PERFECT = 'perfect order'
/** One isolation forest over all features that it may see. */
export const BIG_FOREST = 'one big forest'

/**
 * What the score of one world loses when something is left out of it. Nothing is fitted again, neither models, weights nor
 * calibration: what is lost is what the product would lose from one day to the next, not the least that could be.
 *
 * - A detector: of a signal, all facts that it reads say nothing (zero nats) to the score and to the other signals; of a model, its one
 *   column; of the specialist, the vote of the strongest signal.
 * - A group of features: unknown to everything, the forest too, as in a replay that leaves them out.
 */
export function ablate(options: SimulateOptions): Promise<Ablation> {
  return withTrainedWorld(options, async ({ context, labels, from }) => {
    const { engine, workspace } = context
    // Scoring makes the features of the days after training, each without what was alerted before it.
    await score(context, { from })
    const { detectors } = await loadModel(workspace)
    const days = listDays(workspace.features).filter(day => day >= dayOf(from))
    const batch = await readBatch(engine, workspace, days)
    const scored = scoreWindows(detectors, batch)
    await openViews(engine, workspace)
    const tokenDays = gather(batch, await readMisused(engine, labels, from))
    const qualityOf = (scores: Float64Array) => rankTokenDays(tokenDays, scores, days.length)
    const surpriseOf = (name: string) =>
      qualityOf(columnOf(scored.surprises, scored.surprises.names.indexOf(name)))
    const without = leaveOut(detectors, batch, scored.surprises, qualityOf)
    const strongest = without.find(({ name }) => name === SPECIALIST)!
    const tail = columnOf(scored.evidence, scored.evidence.names.indexOf(TAIL_DETECTOR))
    return {
      baseRate: tokenDays.misused.filter(Boolean).length / tokenDays.misused.length,
      tokenDays: tokenDays.misused.length,
      rankings: {
        [PRODUCT]: qualityOf(scored.score),
        [ALONE]: strongest.quality,
        [UNION]: surpriseOf(SPECIALIST),
        [BIG_FOREST]: surpriseOf('forest_score'),
        'permission clusters': surpriseOf('violation'),
        'tail surprise, a fact a group': qualityOf(tail),
        [PERFECT]: rankTruth(tokenDays, days.length),
      },
      without,
    }
  })
}

function leaveOut(
  detectors: Detectors,
  batch: WindowBatch,
  surprises: Matrix,
  qualityOf: (scores: Float64Array) => TokenDayQuality,
): LeftOut[] {
  const tails = selectColumns(
    surprises,
    surprises.names.filter(name => name !== SPECIALIST),
  )
  const withoutFacts = (facts: ReadonlySet<string>) => {
    const fewer = fillColumns(tails, facts, 0)
    const signals = scoreTails(detectors.signalTails, signalEvidence(fewer))
    return qualityOf(combineRows(detectors.combination, addSpecialist(fewer, signals)))
  }
  const withoutFeatures = (names: ReadonlySet<string>) => {
    const features = fillColumns(batch.features, names, Number.NaN)
    return qualityOf(scoreWindows(detectors, { features, use: batch.use }).score)
  }
  const silent = fillColumns(surprises, new Set([SPECIALIST]), 0)
  return [
    ...SIGNALS.map(({ name, terms }): LeftOut => {
      const facts = new Set(terms.flatMap(term => term.features))
      return { kind: 'detector', name, facts: facts.size, quality: withoutFacts(facts) }
    }),
    ...MODEL_COLUMNS.map(
      (column): LeftOut => ({
        kind: 'detector',
        name: column === 'violation' ? CLUSTER_DETECTOR : FOREST_DETECTOR,
        facts: 1,
        quality: withoutFacts(new Set([column])),
      }),
    ),
    {
      kind: 'detector',
      name: SPECIALIST,
      facts: 1,
      quality: qualityOf(combineRows(detectors.combination, silent)),
    },
    ...FEATURE_GROUPS.flatMap((group): LeftOut[] => {
      const names = FEATURES.filter(of => of.group === group && of.higherIs !== 'context').map(of => of.name)
      if (names.length === 0) return []
      const quality = withoutFeatures(new Set(names))
      return [{ kind: 'features', name: group, facts: names.length, quality }]
    }),
  ]
}

/** A copy of the table with one value in all rows of the named columns. */
export function fillColumns(table: Matrix, names: ReadonlySet<string>, value: number): Matrix {
  const data = Float64Array.from(table.data)
  table.names.forEach((name, column) => {
    if (!names.has(name)) return
    for (let row = 0; row < table.rows; row++) data[row * table.cols + column] = value
  })
  return { ...table, data }
}

/** Token-days of a batch: which each row belongs to, and which are misused. */
interface TokenDays {
  readonly ofRow: Uint32Array
  readonly misused: readonly boolean[]
}

function gather({ keys }: WindowBatch, misusedHours: ReadonlySet<string>): TokenDays {
  const index = new Map<string, number>()
  const misused: boolean[] = []
  const ofRow = Uint32Array.from(keys.tokenId, (token, row) => {
    const start = keys.windowStart[row]!
    const name = `${keys.tenantId[row]} ${token}`
    const day = `${name} ${Math.floor(start / 86_400_000)}`
    const at = index.get(day) ?? index.size
    index.set(day, at)
    misused[at] = (misused[at] ?? false) || misusedHours.has(`${name} ${start}`)
    return at
  })
  return { ofRow, misused }
}

/** Token-hours with a labelled event. */
async function readMisused(engine: Engine, labels: string, from: Date): Promise<Set<string>> {
  const { columns } = await engine.texts(
    `SELECT DISTINCT tenant_id || ' ' || token_id || ' ' || epoch_ms(date_trunc('hour', time))
     FROM events JOIN read_csv(${quoteText(labels)}, all_varchar = true) USING (event_id) WHERE time >= ${timestampLiteral(from)}`,
  )
  return new Set(columns[0] as string[])
}

function rankTokenDays({ ofRow, misused }: TokenDays, scores: Float64Array, days: number): TokenDayQuality {
  const highest = new Float64Array(misused.length).fill(-Infinity)
  for (let row = 0; row < scores.length; row++)
    highest[ofRow[row]!] = Math.max(highest[ofRow[row]!]!, scores[row]!)
  return qualityAt(highest, misused, days)
}

function rankTruth({ misused }: TokenDays, days: number): TokenDayQuality {
  // No two alike: a budget takes ties whole or not at all.
  const order = Float64Array.from(misused, (is, at) => (is ? 1 + at : 0))
  return qualityAt(order, misused, days)
}

function qualityAt(scores: Float64Array, misused: readonly boolean[], days: number): TokenDayQuality {
  const ranking = rank(scores)
  return {
    averagePrecision: averagePrecision(scores, misused),
    recalls: ABLATION_BUDGETS.map(perDay => atBudgetOf(ranking, misused, perDay * days).recall),
  }
}
