import { join } from 'node:path'
import { KeyhoundError } from '../lib/errors.ts'
import type { EvaluationReport } from '../schema/evaluation.ts'
import { DEFAULTS, type SimulateSummary, simulate } from '../simulate/simulate.ts'
import { listDays, type Workspace } from '../sql/workspace.ts'
import type { Context } from './context.ts'
import { evaluate } from './evaluate.ts'
import { type IngestSummary, ingest } from './ingest.ts'
import { type ScoreSummary, score } from './score.ts'
import { type TrainSummary, train } from './train.ts'

export interface DemoOptions {
  readonly seed: number
  /** Folder for the simulated logs. */
  readonly logs: string
  /** @default those of {@link DEMO} */
  readonly tokens?: number
  readonly events?: number
}

/** What the demo did, stage by stage. */
export interface DemoSummary {
  readonly simulated: SimulateSummary
  readonly ingested: IngestSummary
  readonly trained: readonly TrainSummary[]
  readonly scored: readonly ScoreSummary[]
  /** Of the last week, which no training saw. */
  readonly evaluation: EvaluationReport
}

/** Sizes that end within minutes on two cores, with enough incidents a week for every kind of attack to appear. */
export const DEMO = {
  tokens: 300,
  events: 200_000,
  days: 35,
  labelledFromDay: 21,
  evaluatedFromDay: 28,
  incidents: 40,
} as const

const DAY_MS = 86_400_000

/**
 * The whole road on simulated logs: three weeks to learn what is usual, a fourth whose alerts analysts have judged (its
 * labels teach the filter), and a fifth that shows what comes of it. `begin` hears of each step before it starts.
 */
export async function demo(
  context: Context,
  options: DemoOptions,
  begin: (step: string) => void,
): Promise<DemoSummary> {
  const { workspace } = context
  if (listDays(workspace.events).length > 0) {
    throw new KeyhoundError(
      'conflict',
      `${workspace.root} holds events already, which the demo's would mix with; name an empty folder with --workspace`,
      { where: workspace.root },
    )
  }
  const start = DEFAULTS.start
  const day = (n: number) => new Date(start.getTime() + n * DAY_MS)
  const labelled = day(DEMO.labelledFromDay)
  const evaluated = day(DEMO.evaluatedFromDay)
  const labels = join(options.logs, 'labels.csv')

  begin('simulate: five weeks of API logs of several tenants, with attacks hidden in the last two')
  const simulated = await simulate(
    context.engine,
    options.logs,
    {
      ...DEFAULTS,
      tokens: options.tokens ?? DEMO.tokens,
      events: options.events ?? DEMO.events,
      days: DEMO.days,
      seed: options.seed,
      attackFromDay: DEMO.labelledFromDay,
      incidents: DEMO.incidents,
      difficulty: 'mixed',
      format: 'parquet',
    },
    context.progress,
  )

  begin('ingest: normalise the logs, hash the tokens')
  const ingested = await ingest(context, {
    paths: [join(options.logs, 'events')],
    inventory: join(options.logs, 'tokens.csv'),
    tokens: 'identifier',
  })

  begin('train: learn three weeks of what is usual, without labels')
  const first = await train(context, { until: labelled, seed: options.seed })

  begin('score: the fourth week')
  const fourth = await score(context, { from: labelled, to: evaluated })

  begin('train again: the fourth week has been judged, the filter for false alarms learns from it')
  const second = await train(context, { until: evaluated, labels, seed: options.seed })

  begin('score: the fifth week')
  const fifth = await score(context, { from: evaluated, to: day(DEMO.days) })

  begin('evaluate: the fifth week against what was hidden in it')
  const evaluation = await evaluate(context, {
    labels,
    from: evaluated,
    to: day(DEMO.days),
  })
  return { simulated, ingested, trained: [first, second], scored: [fourth, fifth], evaluation }
}

/** Where the demo's simulated logs lie in its workspace. */
export function demoLogs(workspace: Workspace): string {
  return join(workspace.root, 'logs')
}
