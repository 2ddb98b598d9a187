import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { compareModels } from '../../src/pipeline/compare-models.ts'
import type { Context } from '../../src/pipeline/context.ts'
import { digest } from '../../src/pipeline/digest/digest.ts'
import { evaluate } from '../../src/pipeline/evaluate.ts'
import { ingest } from '../../src/pipeline/ingest.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { findAlert, judgeAlert, listAlerts, suppressionScope } from '../../src/pipeline/triage.ts'
import { writeComparison } from '../../src/report/comparison-html.ts'
import { writeDigest } from '../../src/report/digest-html.ts'
import { writeReport } from '../../src/report/evaluation-html.ts'
import { configSchema } from '../../src/schema/config.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { DEFAULTS, simulate } from '../../src/simulate/simulate.ts'
import { openEngine } from '../../src/sql/duckdb.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'
import { withState } from '../../src/state/state.ts'
import { addSuppression } from '../../src/state/suppressions.ts'
import { readTruth, type Truth, verdictOf } from '../bench/filter/analyst.ts'

/** Five weeks: three to learn, one that analysts judge, one more with a model that has learned from their verdicts. */
const WEEKS: Readonly<Record<'learned' | 'judged' | 'end', number>> = { learned: 21, judged: 28, end: 35 }
const WORLD = { tokens: 120, events: 70_000, incidents: 30, seed: 7 } as const
/** The last whole week of the simulated five. */
const DIGEST_WEEK = '2026-W40'
const BUDGET_PER_DAY = 6
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

export interface MadeReport {
  readonly name: string
  readonly html: string
}

/** The three reports of a simulated workspace below `folder`, which is made when it is not there yet. */
export async function makeReports(folder: string): Promise<MadeReport[]> {
  const engine = await openEngine()
  const workspace = openWorkspace(join(folder, 'workspace'))
  const logs = join(folder, 'logs')
  const day = (n: number, hour = 0) => new Date(DEFAULTS.start.getTime() + n * DAY_MS + hour * HOUR_MS)
  const config = configSchema.parse({
    alerts: { budgetPerDay: BUDGET_PER_DAY },
    // In one week two of a hundred would be one: enough to say something of what is held back.
    filter: { sampleShare: 0.3 },
  })
  const contextAt = (now: Date): Context => ({
    engine,
    workspace,
    progress: silentProgress,
    now,
    clock: () => now,
    actor: 'demo',
    config,
  })
  try {
    if (!existsSync(workspace.scores)) await live(contextAt, day, logs)
    const end = contextAt(day(WEEKS.end, 9))
    const labels = join(logs, 'labels.csv')
    const last = { from: day(WEEKS.judged), to: day(WEEKS.end) }
    await writeReport(await evaluate(end, { labels, ...last }), join(folder, 'evaluation'))
    const comparison = await compareModels(end, {
      champion: 'default@1',
      challenger: 'default@2',
      labels,
      scratch: join(folder, 'scratch'),
      owner: 'demo',
      ...last,
    })
    await writeComparison(comparison, join(folder, 'comparison'), end.now)
    await writeDigest(await digest(end, { week: DIGEST_WEEK }), join(folder, 'digest'))
  } finally {
    engine.close()
  }
  return ['evaluation', 'comparison', 'digest'].map(name => ({
    name,
    html: join(folder, name, 'report.html'),
  }))
}

type Day = (n: number, hour?: number) => Date

/** The workspace as it would have been run: ingested and scored every morning, judged in the course of the day. */
async function live(contextAt: (now: Date) => Context, day: Day, logs: string): Promise<void> {
  const begin = contextAt(day(WEEKS.learned))
  await simulate(
    begin.engine,
    logs,
    {
      ...DEFAULTS,
      ...WORLD,
      days: WEEKS.end,
      attackFromDay: WEEKS.learned,
      difficulty: 'mixed',
      format: 'parquet',
    },
    silentProgress,
  )
  await ingest(begin, {
    paths: [join(logs, 'events')],
    inventory: join(logs, 'tokens.csv'),
    tokens: 'identifier',
  })
  await train(begin, { until: day(WEEKS.learned), seed: WORLD.seed })
  const truth = await readTruth(begin, logs)
  for (let n = WEEKS.learned; n < WEEKS.end; n++) {
    if (n === WEEKS.judged) await train(contextAt(day(n)), { until: day(n), seed: WORLD.seed })
    const morning = contextAt(day(n + 1, 0.25))
    await score(morning, { from: day(n), to: day(n + 1) })
    await judgeDay(contextAt(day(n + 1, 8)), truth, day(n), day(n + 1))
    console.log(`scored and judged ${day(n).toISOString().slice(0, 10)}`)
  }
}

/** Of ten alerts an analyst gets to nine, the riskiest first; the first benign one of each Monday is suppressed for a while. */
async function judgeDay(context: Context, truth: Truth, from: Date, to: Date): Promise<void> {
  const queue = (await listAlerts(context, { from, to })).filter(
    alert => alert.firstSeen >= from && alert.shown !== 'suppressed',
  )
  const judgedToday = new Set<string>()
  for (const alert of queue.slice(0, Math.ceil(0.9 * queue.length))) {
    const verdict = verdictOf(truth, alert, judgedToday)
    const note = verdict === 'true_positive' ? 'The owner knows nothing of it; token revoked.' : null
    await judgeAlert(context, alert.alertId, { verdict, note, who: 'ann', source: 'simulated' })
  }
  const benign = queue.find(alert => verdictOf(truth, alert, new Set()) === 'benign_trigger')
  if (benign === undefined || from.getUTCDay() !== 1) return
  const scope = suppressionScope(await findAlert(context, benign.alertId))
  await withState(context.workspace, state =>
    addSuppression(state, {
      ...scope,
      because: 'known batch job, agreed with its owner',
      owner: 'ann',
      createdAt: context.now,
      expiresAt: new Date(context.now.getTime() + 14 * DAY_MS),
    }),
  )
}
