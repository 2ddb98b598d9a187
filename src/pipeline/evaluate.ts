import { gapText, readGaps } from '../engine/gaps.ts'
import { KeyhoundError } from '../lib/errors.ts'
import { columnOf } from '../lib/matrix.ts'
import { atBudget, auroc, averagePrecision, rank } from '../lib/metrics.ts'
import { createRandom } from '../lib/random.ts'
import type { DetectorReport, EvaluatedData, EvaluationReport } from '../schema/evaluation.ts'
import type { Labels } from '../schema/labels.ts'
import type { Progress } from '../schema/run.ts'
import type { Engine } from '../sql/duckdb.ts'
import type { Workspace } from '../sql/workspace.ts'
import { baselineRankers } from './evaluate/baselines.ts'
import { measureDial } from './evaluate/dial.ts'
import { evaluateDrift } from './evaluate/drift.ts'
import { falseAlarms } from './evaluate/false-alarms.ts'
import { evaluateInjected } from './evaluate/injected.ts'
import { measureQueue } from './evaluate/queue.ts'
import { evaluateRanker, finite, incidentDays, type Ranker } from './evaluate/ranking.ts'
import { evaluateSlices } from './evaluate/slices.ts'
import { evaluateDays, evaluateIncidents } from './evaluate/timeline.ts'
import { gatherTokenDays, highestRows, type TokenDays } from './evaluate/token-days.ts'
import { topAlerts } from './evaluate/top-alerts.ts'
import { dropWorld, loadWorld, type World } from './evaluate/world.ts'
import { readLabels, readTokenList } from './labels.ts'
import { listModels, showModel } from './models.ts'

/** What is evaluated, against what, at which budgets. */
export interface EvaluateOptions {
  /** Path of the labels file: CSV, Parquet or JSONL, by event or by interval. */
  labels: string
  /** UTC, inclusive. What lies before counts as history. @default the first scored hour */
  from?: Date
  /** UTC, exclusive. @default the end of the last scored hour */
  to?: Date
  /** Alerts a day that somebody will look at, each > 0. @default [1, 3, 10] */
  budgets?: readonly number[]
  /** Of the resamples and of the baseline forest. @default 1 */
  seed?: number
  /** Path of a list of token ids; the evaluation is restricted to these. */
  eligibleTokens?: string
  /** Rank the baselines too. @default true */
  baselines?: boolean
}

/** What a stage of the pipeline is given. */
export interface EvaluateContext {
  readonly engine: Engine
  readonly workspace: Workspace
  readonly progress: Progress
  readonly now: Date
}

/** Resamples behind each interval: 5 lie outside each end of a 95 % interval. */
const REPLICATES = 200

const DEFAULT_BUDGETS = [1, 3, 10]

/**
 * Measures the scores of a workspace against labels, beside the baselines, on the same token-hours. An alert is a token-day
 * (UTC) at its highest hour; a budget of B alerts a day is one threshold over the whole period, the lowest that at most
 * B x days token-days reach. Throws KeyhoundError 'bad-input' for labels that cannot be used, 'not-found' without scores.
 */
export async function evaluate(
  { engine, workspace, progress, now }: EvaluateContext,
  options: EvaluateOptions,
): Promise<EvaluationReport> {
  const budgets = checkBudgets(options.budgets ?? DEFAULT_BUDGETS)
  const seed = options.seed ?? 1
  const labels = await readLabels(engine, workspace, options.labels)
  const eligible =
    options.eligibleTokens === undefined
      ? undefined
      : await readTokenList(engine, workspace, options.eligibleTokens)
  try {
    const world = await loadWorld(engine, workspace, labels, options, eligible)
    const days = gatherTokenDays(world)
    const rankers = [
      ...keyhoundRankers(world),
      ...((options.baselines ?? true)
        ? await baselineRankers(engine, workspace, world, { seed, progress })
        : []),
    ]
    progress.start('evaluate', rankers.length)
    const random = createRandom(seed)
    const rankings = rankers.map(ranker => {
      const report = evaluateRanker(world, days, ranker, { budgets, replicates: REPLICATES, random })
      progress.step(1, ranker.title)
      return report
    })
    progress.done()

    const ranker = rankers.find(of => of.name === 'risk') ?? rankers[0]!
    const referenceBudget = budgets[Math.floor(budgets.length / 2)]!
    const top = highestRows(days, ranker.scores)
    const daily = Float64Array.from(top, row => ranker.scores[row]!)
    const thresholds = budgets.map(budget => atBudget(daily, days.positive, budget * world.days).threshold)
    const threshold = thresholds[budgets.indexOf(referenceBudget)]!
    return {
      formatVersion: 1,
      createdAt: now.toISOString(),
      models: world.models,
      seed,
      replicates: REPLICATES,
      data: describeData(world, days, labels),
      budgets,
      referenceBudget,
      headline: ranker.name,
      rankings,
      detectors: evaluateDetectors(world, days, referenceBudget),
      slices: evaluateSlices(world, days, top, daily, threshold),
      incidents: evaluateIncidents(world, days, ranker.scores, daily, thresholds),
      ...(world.injected.length > 0 && {
        injected: evaluateInjected(
          world.injected,
          ranker.name === 'risk' ? 'risk' : 'score',
          daily,
          thresholds,
        ),
      }),
      days: evaluateDays(world, days, ranker.scores, daily, threshold),
      topAlerts: await topAlerts(engine, world, days, top, daily),
      falseAlarms: await falseAlarms(engine, days, top, daily, threshold),
      drift: await evaluateDrift(engine, workspace, world, eligible !== undefined),
      explanations: fidelityOf(workspace, world.models),
      dial: await measureDial(engine, workspace, world, days, budgets),
      queue: await measureQueue(engine, workspace, world, days, budgets),
      notes: [
        ...notes(world, labels, options, eligible),
        ...readGaps(workspace)
          .filter(gap => gap.finish > world.from && gap.start < world.to)
          .map(gapText),
      ],
    }
  } finally {
    await dropWorld(engine)
  }
}

/** What the manifests say of the models' explanations; a model that is no longer in the workspace says nothing. */
function fidelityOf(
  workspace: Workspace,
  models: readonly string[],
): NonNullable<EvaluationReport['explanations']> {
  const published = new Set(listModels(workspace).map(listing => listing.model))
  return models.flatMap(model => {
    const fidelity = published.has(model) ? showModel(workspace, model).explanations : undefined
    return fidelity === undefined ? [] : [{ model, fidelity }]
  })
}

function checkBudgets(budgets: readonly number[]): number[] {
  const sorted = [...new Set(budgets)].sort((a, b) => a - b)
  if (sorted.length === 0 || sorted.some(budget => !Number.isFinite(budget) || budget <= 0))
    throw new KeyhoundError(
      'usage',
      `alert budgets are alerts a day above 0, such as 1,3,10; got: ${budgets.join(', ')}`,
    )
  return sorted
}

/** Score before the filter, and risk after it where the two order token-hours differently. */
function keyhoundRankers(world: World): Ranker[] {
  const score: Ranker = {
    name: 'score',
    title: 'Keyhound',
    kind: 'keyhound',
    doc: 'All detectors combined, before the false-positive filter.',
    scores: world.score,
  }
  if (isMonotone(world.score, world.risk)) return [score]
  return [
    {
      name: 'risk',
      title: 'Keyhound, filtered',
      kind: 'keyhound',
      doc: 'Risk: the score after the false-positive filter.',
      scores: world.risk,
    },
    { ...score, title: 'Keyhound, unfiltered' },
  ]
}

/** Whether `b` never falls while `a` rises; rounding at the 12th digit aside. */
function isMonotone(a: Float64Array, b: Float64Array): boolean {
  const order = rank(a).order
  let last = Number.POSITIVE_INFINITY
  for (let i = 0; i < order.length; i++) {
    const value = b[order[i]!]!
    if (Number.isNaN(value)) continue
    if (value > last && value - last > 1e-12 * Math.abs(value) && a[order[i]!] !== a[order[i - 1]!])
      return false
    last = value
  }
  return true
}

function evaluateDetectors(world: World, days: TokenDays, budget: number): DetectorReport[] {
  const reports = world.detectors.names.map((name, c): DetectorReport => {
    const daily = columnOf(world.detectors, c)
    const { threshold } = atBudget(daily, days.positive, budget * world.days)
    return {
      name,
      averagePrecision: finite(averagePrecision(daily, days.positive)),
      auroc: finite(auroc(daily, days.positive)),
      incidentsFound: world.incidents.filter(incident =>
        [...incidentDays(days, incident)].some(day => daily[day]! >= threshold),
      ).length,
    }
  })
  return reports.sort(
    (a, b) => (b.averagePrecision ?? 0) - (a.averagePrecision ?? 0) || (a.name < b.name ? -1 : 1),
  )
}

function describeData(world: World, days: TokenDays, labels: Labels): EvaluatedData {
  const count = (values: ArrayLike<number>, is: (value: number) => boolean) => {
    let n = 0
    for (let i = 0; i < values.length; i++) if (is(values[i]!)) n++
    return n
  }
  return {
    from: world.from.toISOString(),
    to: world.to.toISOString(),
    days: world.days,
    events: world.events,
    tokens: world.tokens.length,
    tokenHours: world.rows,
    tokenDays: days.count,
    positiveTokenHours: count(world.positive, value => value === 1),
    positiveTokenDays: count(days.positive, value => value === 1),
    incidents: world.incidents.length,
    attackTypes: new Set(world.incidents.map(incident => incident.attackType)).size,
    unscoredTokenHours: count(world.score, Number.isNaN),
    heldOutTokens: world.tokens.filter(token => !token.hasHistory).length,
    labels: { kind: labels.kind, rows: labels.rows.length, unmatched: world.unmatchedLabels },
  }
}

/** Fewer incidents than this, and every recall is an anecdote: Wilson's interval for 10 of 20 spans 40 points. */
const FEW_INCIDENTS = 20

function notes(
  world: World,
  labels: Labels,
  options: EvaluateOptions,
  eligible: readonly string[] | undefined,
): string[] {
  const lines: string[] = []
  const unscored = world.score.reduce((sum, score) => sum + (Number.isNaN(score) ? 1 : 0), 0)
  if (world.injected.length > 0) {
    const days = world.injected.reduce((sum, incident) => sum + incident.tokenDays, 0)
    lines.push(
      `${world.injected.length} incidents were injected: they are measured apart, and their ${days} token-days count in no other figure.`,
    )
  }
  if (world.incidents.length === 0 && world.injected.length > 0)
    lines.push(
      'No observed misuse is labelled in the period: alerts outside the injected token-days are not known to be false.',
    )
  else if (world.incidents.length === 0)
    lines.push('No labelled misuse lies in the period: there is nothing to find, and every alert is false.')
  else if (world.incidents.length < FEW_INCIDENTS)
    lines.push(`Only ${world.incidents.length} incidents lie in the period: read recall with its interval.`)
  if (world.unmatchedLabels > 0)
    lines.push(
      `${world.unmatchedLabels} of ${labels.rows.length} label rows match no event of the workspace and count nowhere.`,
    )
  if (unscored > 0) lines.push(`${unscored} labelled token-hours have no score; they count as missed.`)
  if (!world.tokens.some(token => token.hasHistory))
    lines.push(
      'No token has traffic before the period: baselines are fitted on the evaluated hours themselves, and drift cannot be measured.',
    )
  if (world.models.length > 1) lines.push(`The scores come from ${world.models.length} models.`)
  if (options.from && options.from < world.from)
    lines.push(`Scores begin on ${world.from.toISOString().slice(0, 10)}; the days before were left out.`)
  if (options.to && options.to > world.to)
    lines.push(`Scores end on ${world.to.toISOString().slice(0, 10)}; the days after were left out.`)
  if (eligible !== undefined)
    lines.push(
      `Restricted to ${world.tokens.length} of ${eligible.length} eligible tokens: those with traffic in the period.`,
    )
  return lines
}
