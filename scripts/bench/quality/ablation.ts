import { SIGNALS } from '../../../src/detectors/signals/catalogue.ts'
import { scoreTails } from '../../../src/detectors/tail-surprise/tail-surprise.ts'
import { type Engine, quoteText, timestampLiteral } from '../../../src/engine/duckdb.ts'
import { dayOf, listDays } from '../../../src/engine/workspace.ts'
import { FEATURES } from '../../../src/features/catalogue.ts'
import { columnOf, type Matrix } from '../../../src/lib/matrix.ts'
import { atBudgetOf, averagePrecision, rank } from '../../../src/lib/metrics.ts'
import { readBatch, type WindowBatch } from '../../../src/pipeline/batch.ts'
import { loadModel } from '../../../src/pipeline/models.ts'
import { openViews } from '../../../src/pipeline/views.ts'
import { combineRows } from '../../../src/risk/combine.ts'
import {
  addSpecialist,
  CLUSTER_DETECTOR,
  FOREST_DETECTOR,
  MODEL_COLUMNS,
  modelOutputs,
  SPECIALIST,
  scoreWindows,
  signalEvidence,
  TAIL_DETECTOR,
} from '../../../src/scoring.ts'
import type { SimulateOptions } from '../../../src/simulate/simulate.ts'
import { withTrainedWorld } from './simulated.ts'

/** Alerts a day at which recall is read. */
export const ABLATION_BUDGETS = [3, 10, 30] as const

/** How well one score ranks the token-days of a world, each at its highest hour. */
export interface TokenDayQuality {
  readonly averagePrecision: number
  /** Share of the misused token-days within the budget, one for each of ABLATION_BUDGETS. */
  readonly recalls: readonly number[]
}

export interface Ablation {
  readonly baseRate: number
  readonly tokenDays: number
  /** The product's score, and single rankings beside it. */
  readonly rankings: Readonly<Record<string, TokenDayQuality>>
  /** The product's score without one signal, one feature group, or one model. */
  readonly without: readonly {
    readonly kind: 'signal' | 'features' | 'model'
    readonly name: string
    readonly sources: number
    readonly quality: TokenDayQuality
  }[]
}

/** The product's score. */
export const PRODUCT = 'product'
export const UNION = 'union of specialists'
export const ALONE = 'sources alone, no specialist'

/**
 * What the score of one world loses when facts are left out of it: all that a signal reads, a group of features, a model. They
 * are set to zero before signals and score are made of them; other signals that read them lose them, too. Neither weights nor
 * calibration are fitted again: what is lost is what the product would lose, not the least that could be.
 */
export function ablate(options: SimulateOptions): Promise<Ablation> {
  return withTrainedWorld(options, async ({ context, labels, from }) => {
    const { engine, workspace } = context
    const { detectors } = await loadModel(workspace)
    const days = listDays(workspace.features).filter(day => day >= dayOf(from))
    const batch = await readBatch(engine, workspace, days)
    const scored = scoreWindows(detectors, batch)
    const tails = scoreTails(detectors.tails, modelOutputs(detectors, batch).table)
    await openViews(engine, workspace)
    const tokenDays = gather(batch, await readMisused(engine, labels, from))
    const qualityOf = (scores: Float64Array) => rankTokenDays(tokenDays, scores, days.length)

    const without = (names: Iterable<string>) => {
      const fewer = zeroColumns(tails, new Set(names))
      const signals = scoreTails(detectors.signalTails, signalEvidence(fewer))
      return qualityOf(combineRows(detectors.combination, addSpecialist(fewer, signals)))
    }
    const withoutSpecialist = qualityOf(
      combineRows(detectors.combination, zeroColumns(scored.surprises, new Set([SPECIALIST]))),
    )
    const evidenceOf = (name: string) => columnOf(scored.evidence, scored.evidence.names.indexOf(name))
    return {
      baseRate: tokenDays.misused.filter(Boolean).length / tokenDays.misused.length,
      tokenDays: tokenDays.misused.length,
      rankings: {
        [PRODUCT]: qualityOf(scored.score),
        [ALONE]: withoutSpecialist,
        [UNION]: qualityOf(columnOf(scored.surprises, scored.surprises.names.indexOf(SPECIALIST))),
        [TAIL_DETECTOR]: qualityOf(evidenceOf(TAIL_DETECTOR)),
        [FOREST_DETECTOR]: qualityOf(evidenceOf(FOREST_DETECTOR)),
        [CLUSTER_DETECTOR]: qualityOf(evidenceOf(CLUSTER_DETECTOR)),
      },
      without: [
        ...SIGNALS.map(({ name, terms }) => {
          const facts = new Set(terms.flatMap(term => term.features))
          return { kind: 'signal' as const, name, sources: facts.size, quality: without(facts) }
        }),
        ...[...new Set(FEATURES.map(feature => feature.group))].flatMap(group => {
          const facts = FEATURES.filter(f => f.group === group && tails.names.includes(f.name)).map(
            f => f.name,
          )
          if (facts.length === 0) return []
          return [{ kind: 'features' as const, name: group, sources: facts.length, quality: without(facts) }]
        }),
        ...MODEL_COLUMNS.map(name => ({
          kind: 'model' as const,
          name,
          sources: 1,
          quality: without([name]),
        })),
        { kind: 'model' as const, name: SPECIALIST, sources: 1, quality: withoutSpecialist },
      ],
    }
  })
}

/** A copy of the table with zeros in the named columns. */
export function zeroColumns(table: Matrix, names: ReadonlySet<string>): Matrix {
  const data = Float64Array.from(table.data)
  table.names.forEach((name, column) => {
    if (!names.has(name)) return
    for (let row = 0; row < table.rows; row++) data[row * table.cols + column] = 0
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
  const ranking = rank(highest)
  return {
    averagePrecision: averagePrecision(highest, misused),
    recalls: ABLATION_BUDGETS.map(perDay => atBudgetOf(ranking, misused, perDay * days).recall),
  }
}
