import type { Context } from './context.ts'
import { type IngestOptions, type IngestSummary, ingest } from './ingest.ts'
import { type Moment, timesOf } from './moments.ts'
import { type ScoreOptions, type ScoreSummary, score } from './score.ts'
import { type TrainOptions, type TrainSummary, train } from './train.ts'
import { listAlerts, type TriagedAlert } from './triage.ts'

/** What each step is given. Moments may count back from the end of the log, once its new part has been read. */
export interface LogsToAlertsOptions {
  readonly ingest: IngestOptions
  readonly train: Pick<TrainOptions, 'labels' | 'name' | 'seed'> & { readonly until?: Moment }
  readonly score: Pick<ScoreOptions, 'budgetPerDay'> & { readonly from?: Moment; readonly to?: Moment }
}

export interface LogsToAlertsSummary {
  readonly ingest: IngestSummary
  readonly train: TrainSummary
  readonly score: ScoreSummary
  /** Open alerts of the workspace, highest risk first. */
  readonly alerts: readonly TriagedAlert[]
}

/** Hears of each step when it has ended. */
export interface LogsToAlertsListener {
  ingested(summary: IngestSummary): Promise<void>
  trained(summary: TrainSummary): Promise<void>
  scored(summary: ScoreSummary): Promise<void>
}

/**
 * From logs to the queue of alerts in one process: `ingest`, `train` and `score`, each a recorded run of its own, and what is open then.
 * The model that scores is the one just trained, whichever is promoted. A step that fails ends it; what the steps before it published stays.
 */
export async function logsToAlerts(
  context: Context,
  options: LogsToAlertsOptions,
  listener: LogsToAlertsListener,
): Promise<LogsToAlertsSummary> {
  const ingested = await ingest(context, options.ingest)
  await listener.ingested(ingested)

  const { until, ...learning } = options.train
  const { from, to, ...scoring } = options.score
  const times = await timesOf(context, { until, from, to })

  const trained = await train(context, { ...learning, until: times.until })
  await listener.trained(trained)

  const scored = await score(context, { ...scoring, from: times.from, to: times.to, model: trained.model })
  await listener.scored(scored)

  return {
    ingest: ingested,
    train: trained,
    score: scored,
    alerts: await listAlerts(context, { status: 'open' }),
  }
}
