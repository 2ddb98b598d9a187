import type { Catalogue } from './features/catalogue.ts'
import { KeyhoundError } from './lib/errors.ts'
import type { Context } from './pipeline/context.ts'
import { type Explanation, explain } from './pipeline/explain.ts'
import { explainer } from './pipeline/explain-rows.ts'
import { MOST_REASONS } from './pipeline/judge.ts'
import {
  isModelFolder,
  loadModel,
  loadModelFolder,
  type Model,
  refuseOtherFeatures,
} from './pipeline/models.ts'
import { loadFeatures } from './pipeline/own-features.ts'
import {
  type EventOptions,
  type EventScores,
  type EventSource,
  scoreEvents,
} from './pipeline/score-events.ts'
import { createScoreNow } from './pipeline/score-now/score-now.ts'
import { riskOf, severityOf } from './risk/calibrate.ts'
import { type Config, defaultConfig, type StateDatabase } from './schema/config.ts'
import { silentProgress } from './schema/run.ts'
import type { Reason, Severity } from './schema/scores.ts'
import { type Scored, scoreWindows } from './scoring/score-windows.ts'
import { readVectors, type Vectors } from './scoring/vectors.ts'
import { type Engine, openEngine } from './sql/duckdb.ts'
import { openWorkspace } from './sql/workspace.ts'

export type { EventOptions, EventScores, EventSource, ScoredHour } from './pipeline/score-events.ts'
export * from './scoring/score-windows.ts'
export type { Vectors } from './scoring/vectors.ts'

/** Which model, and with what; all have defaults. */
export interface ScorerOptions {
  /** name, name@version or content id, in a workspace. @default the promoted version of "default", else the newest */
  readonly model?: string
  /** The files of its `features` are loaded. @default the defaults of the configuration schema */
  readonly config?: Config
  /** Own features: those of `ownFeatures` or `loadFeatures`. @default those of the configuration */
  readonly catalogue?: Catalogue
  /** Where the state lies, if not in the workspace's own file. */
  readonly stateDatabase?: StateDatabase
  /** For events. @default one of its own, opened when it is first needed and closed with the scorer */
  readonly engine?: Engine
}

/** What vectors score, row for row. */
export interface VectorScores extends Scored {
  /** 0-100, calibrated, before the filter: that judges circumstances, which vectors do not bring. */
  readonly risk: Float64Array
  readonly severity: readonly Severity[]
  /** Features that the vectors lacked, counted as unknown. */
  readonly missing: readonly string[]
}

/** A model, loaded once, to score with as often as needed. */
export interface Scorer {
  readonly model: Model
  /** Scores feature vectors. The same rows give the same numbers to the last bit, however they are batched, and as `score` gives. */
  score(vectors: Vectors): VectorScores
  /** Why each vector got its score, strongest reason first, at most `limit` each. */
  explain(vectors: Vectors, limit?: number): Reason[][]
  /** Scores events against the history of their tokens, as ingesting and scoring them would; publishes nothing. Needs a workspace. */
  scoreEvents(events: EventSource, options?: EventOptions): Promise<EventScores>
  /** Explains a token-hour that was scored and published. Needs a workspace. */
  explainHour(hour: { tokenId: string; window: Date; tenantId?: string }): Promise<Explanation>
  close(): void
}

/**
 * Opens a scorer on a workspace, or on the folder of one model version, which scores vectors only. Throws `not-found` without a
 * model, `corrupt-artefact` for a damaged one, `conflict` for one of other feature definitions than ours.
 */
export async function openScorer(folder: string, options: ScorerOptions = {}): Promise<Scorer> {
  const hasWorkspace = !isModelFolder(folder)
  const workspace = openWorkspace(folder, options.stateDatabase)
  const model = hasWorkspace ? await loadModel(workspace, options.model) : await loadModelFolder(folder)
  const config = options.config ?? defaultConfig()
  const catalogue = options.catalogue ?? (await loadFeatures(config))
  refuseOtherFeatures(model, catalogue)
  let opened: Promise<Engine> | undefined
  const contextOf = async (): Promise<Context> => {
    if (!hasWorkspace) {
      throw new KeyhoundError(
        'usage',
        `${folder} is a model, which knows no token's history; open the workspace to score events: openScorer(workspace, {model: '${model.manifest.name}@${model.manifest.version}'})`,
      )
    }
    if (options.engine === undefined) opened ??= openEngine()
    const engine = options.engine ?? (await opened!)
    // The time of a run names the files that it publishes; here none are.
    return { engine, workspace, config, catalogue, progress: silentProgress, now: new Date(0) }
  }
  // A connection has one set of scratch tables: one at a time.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work)
    last = mine.catch(() => {})
    return mine
  }
  // The caller may have ingested events since: ready days are compared with the workspace each time.
  const now = createScoreNow(workspace, async work => work(await contextOf()), null)
  return {
    model,
    score: vectors => scoreVectors(model, vectors, config.alerts.budgetPerDay),
    explain: (vectors, limit = MOST_REASONS) => explainVectors(model, vectors, limit),
    scoreEvents: (events, how = {}) =>
      inTurn(async () => {
        const context = await contextOf()
        return (await now.score(model, events, how)) ?? scoreEvents(context, model, events, how)
      }),
    explainHour: hour => inTurn(async () => explain(await contextOf(), hour)),
    close: () => void opened?.then(engine => engine.close()),
  }
}

/** Scores vectors with a loaded model at an alert budget. */
export function scoreVectors(model: Model, vectors: Vectors, budgetPerDay: number): VectorScores {
  const windows = readVectors(vectors, model.detectors.ownFeatures)
  const scored = scoreWindows(model.detectors, windows)
  const risk = scored.alertsPerDay.map(rate => riskOf(rate, budgetPerDay))
  return { ...scored, risk, severity: Array.from(risk, severityOf), missing: windows.missing }
}

function explainVectors({ detectors }: Model, vectors: Vectors, limit: number): Reason[][] {
  const windows = readVectors(vectors, detectors.ownFeatures)
  const explainRow = explainer(detectors, windows, scoreWindows(detectors, windows))
  return Array.from({ length: windows.features.rows }, (_, row) => explainRow(row, windows.facts(row), limit))
}
