import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { EvaluationReport, InjectedReport } from '../../schema/evaluation.ts'
import { SCORE_COLUMNS } from '../../schema/scores.ts'
import { DAY } from '../../simulate/inject/model.ts'
import {
  createView,
  DAY_TABLES,
  openWorkspace,
  partition,
  publishQuery,
  type Workspace,
} from '../../sql/workspace.ts'
import type { Context } from '../context.ts'
import { evaluate } from '../evaluate.ts'
import { type InjectedKind, kindsOf, refuseNothing } from '../inject.ts'
import { loadModel } from '../models.ts'
import { score } from '../score.ts'
import { type InjectedIncident, type PlanOptions, planInjection, type SkippedAttack } from './plan.ts'
import { injectedDays, loadInjected, writeLabels } from './write.ts'

/** What is injected for a measurement, and which model is measured. */
export interface MeasureOptions extends PlanOptions {
  /** Empty folder for the copy; the caller's to remove. */
  readonly scratch: string
  /** name or name@version. @default the newest version of "default" */
  readonly model?: string
  /** Alerts a day. @default [3, 10, 30] */
  readonly budgets?: readonly number[]
}

/** Recall of injected attacks, by attack and intensity, at alert budgets. Moments are ISO 8601 UTC. */
export interface InjectedRecall {
  readonly model: string
  readonly from: string
  readonly to: string
  readonly budgets: readonly number[]
  readonly injected: InjectedReport
  /**
   * At each budget: incidents that have a token-day which reaches the threshold without the attack. What is found beyond these, the
   * attack itself brought to light.
   */
  readonly alertedAnyway: readonly number[]
  readonly incidents: readonly InjectedKind[]
  readonly skipped: readonly SkippedAttack[]
  readonly notes: readonly string[]
}

const DEFAULT_BUDGETS = [3, 10, 30]

/**
 * Recall of a model that exists, without labels: attacks are written into a scratch copy of the workspace's events, after what the
 * model learned from, scored, and held against the thresholds that the log's own token-days set. The workspace is only read.
 */
export async function measureInjected(context: Context, options: MeasureOptions): Promise<InjectedRecall> {
  const { engine, workspace } = context
  const { manifest } = await loadModel(workspace, options.model)
  const model = `${manifest.name}@${manifest.version}`
  // What the model has seen is no test of it.
  const from = options.from ?? new Date(manifest.training.until)
  const injection = await planInjection(context, { ...options, from })
  refuseNothing(injection)
  const copy = mirror(workspace, options.scratch)
  const inCopy = { ...context, workspace: copy }
  const period = { from: new Date(injection.facts.from), to: new Date(injection.facts.to) }
  await score(inCopy, { ...period, model })
  const before = await highestByTokenDay(context, copy)
  await loadInjected(engine, injection.incidents)
  for (const day of injectedDays(injection.incidents))
    await publishQuery(
      engine,
      `SELECT * FROM injected WHERE time >= TIMESTAMP '${day}' AND time < TIMESTAMP '${day}' + INTERVAL 1 DAY
       ORDER BY time, event_id, token_id`,
      join(partition(copy.events, day), 'injected.parquet'),
    )
  await engine.run('DROP TABLE injected')
  await writeLabels(engine, options.scratch, injection.incidents)
  await score(inCopy, { ...period, model })
  const report: EvaluationReport = await evaluate(inCopy, {
    labels: join(options.scratch, 'labels.csv'),
    budgets: options.budgets ?? DEFAULT_BUDGETS,
    baselines: false,
  })
  return {
    model,
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    budgets: report.budgets,
    injected: report.injected!,
    alertedAnyway: countAnyway(report, injection.incidents, before),
    incidents: kindsOf(injection.incidents),
    skipped: injection.skipped,
    notes: injection.notes,
  }
}

type Highest = Map<string, { readonly score: number; readonly risk: number }>

async function highestByTokenDay({ engine }: Context, workspace: Workspace): Promise<Highest> {
  await createView(engine, 'scores', workspace.scores, SCORE_COLUMNS)
  const rows = await engine.rows<{ tenant: string; token: string; day: number; score: number; risk: number }>(
    `SELECT tenant_id AS tenant, token_id AS token, epoch_ms(window_start::DATE::TIMESTAMP) AS day, max(score) AS score, max(risk) AS risk
     FROM scores GROUP BY ALL`,
  )
  return new Map(
    rows.map(({ tenant, token, day, score, risk }) => [keyOf(tenant, token, day), { score, risk }]),
  )
}

function keyOf(tenant: string, token: string, day: number): string {
  return JSON.stringify([tenant, token, day])
}

function countAnyway(
  report: EvaluationReport,
  incidents: readonly InjectedIncident[],
  before: Highest,
): number[] {
  const by = report.headline === 'risk' ? 'risk' : 'score'
  const { budgets } = report.rankings.find(ranking => ranking.name === report.headline)!
  const highest = incidents.map(({ events }) =>
    Math.max(
      ...events.map(event => {
        const day = Math.floor(event.time / DAY) * DAY
        return before.get(keyOf(event.tenant_id, event.token_id, day))?.[by] ?? Number.NEGATIVE_INFINITY
      }),
    ),
  )
  return budgets.map(
    ({ threshold }) => highest.filter(value => threshold !== null && value >= threshold).length,
  )
}

/** What scoring builds on, as links to the workspace's files: publishing renames over a link and never writes through it. */
function mirror(workspace: Workspace, root: string): Workspace {
  const copy: Workspace = { ...openWorkspace(root), models: workspace.models, keyFile: workspace.keyFile }
  for (const folder of ['events', ...DAY_TABLES, 'alerts'] as const) link(workspace[folder], copy[folder])
  // Verdicts weigh in the filter; scoring also counts what it suppresses, so that file is a copy.
  for (const file of ['', '-wal'])
    if (existsSync(workspace.stateFile + file))
      copyFileSync(workspace.stateFile + file, copy.stateFile + file)
  return copy
}

function link(from: string, to: string): void {
  if (!existsSync(from)) return
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) link(join(from, entry.name), join(to, entry.name))
    else symlinkSync(join(from, entry.name), join(to, entry.name))
  }
}
