import { gapText, readGaps } from '../engine/gaps.ts'
import { columnOf } from '../lib/matrix.ts'
import { defaultConfig } from '../schema/config.ts'
import type { BudgetCost } from '../schema/dial.ts'
import { type RunFigures, silentProgress } from '../schema/run.ts'
import { SCORE_COLUMNS, SEVERITIES, type Severity } from '../schema/scores.ts'
import type { Scored } from '../scoring/score-windows.ts'
import { quoteText } from '../sql/duckdb.ts'
import { fitThreads } from '../sql/threads.ts'
import { createView, listParquet, partition, publishQuery } from '../sql/workspace.ts'
import { readAlertHistory } from './alert-history.ts'
import type { WindowBatch } from './batch.ts'
import { budgetCost } from './budget.ts'
import type { Context } from './context.ts'
import { readDayBatch } from './day-batch.ts'
import { reopenOnNewEvidence } from './desk.ts'
import { sketchDay, writeDaySketches } from './drift/day-sketches.ts'
import { driftUpTo, knownReference, type ModelDrift } from './drift/drift.ts'
import { type FilterGuard, readFilterGuard } from './filter-guard.ts'
import type { AlertHistory } from './filter-table.ts'
import { clearedOn, heldAmong, holdBounds, readHeld } from './held.ts'
import { createPastReader } from './illustrate/past-hours.ts'
import type { Judgement } from './judge.ts'
import { loadModel, type Model, refuseOtherFeatures } from './models.ts'
import { catalogueOf } from './own-features.ts'
import { prepare } from './prepare.ts'
import { provenanceMetadata, referenceOf, scoresFile } from './provenance.ts'
import { type PublishedAlert, publishAlerts } from './publish-alerts.ts'
import { asRun } from './run.ts'
import { scoreDay } from './score-day.ts'
import { type ScoringPeriod, scoringPeriod, spanOfDay } from './score-period.ts'

/** What is scored, with which model, at which alert budget. */
export interface ScoreOptions {
  /**
   * UTC, inclusive; its hour is scored whole. @default after the last hour scored, or the first day before it that events came to since;
   * before anything was scored, after the training period
   */
  from?: Date
  /** UTC, exclusive. @default after the last event; where `from` is left out too, the watermark: hours that events may still come to wait */
  to?: Date
  /** name or name@version. @default the version of "default" that is promoted, else the newest */
  model?: string
  /** Alert budget, alerts a day. @default the configuration's */
  budgetPerDay?: number
  /**
   * Alerts of a day whose evidence is gathered anew, at most; the others keep what was published of them until they are scored again.
   * @default all
   */
  mostEvidence?: number
}

/** What a run scored and alerted. `windows` are token-hours; `to` is exclusive, UTC. */
export interface ScoreSummary {
  readonly model: string
  readonly from: Date
  readonly to: Date
  readonly days: number
  readonly windows: number
  readonly tokens: number
  /** In the queue, each that repeats an open one of its incident folded into it. */
  readonly alerts: number
  readonly folded: number
  readonly suppressed: number
  /** Alerts whose evidence waits for a later run; 0 unless its amount was limited. */
  readonly evidenceDue: number
  /** Closed alerts that are open again, since their evidence has grown. */
  readonly reopened: readonly string[]
  /** Alerts shown although the filter holds them back, to check it; and alerts below the line, to learn from. */
  readonly sampled: number
  readonly explored: number
  /** What is known of the misuse that the filter hides; when it is off, nothing was filtered. */
  readonly filter: FilterGuard
  readonly incidents: number
  /** Alerts shown, by severity. */
  readonly severities: Partial<Record<Severity, number>>
  /** What the alert budget solved to, and what came of it. */
  readonly budget: BudgetCost
  /** What scoring hours again has changed of their scores. */
  readonly skew: Skew
  /** How far the week up to the last day scored lies from training; null without token-hours, or for models that kept no reference. */
  readonly drift: ModelDrift | null
}

/**
 * Token-hours that the same model had scored before, and whose score is another now: events that came late, verdicts, links. Where
 * nothing came in between, any difference is a fault of ours.
 */
export interface Skew {
  readonly compared: number
  readonly changed: number
  /** Of the scores, in nats; 0 where none changed. */
  readonly largest: number
}

const NO_SKEW: Skew = { compared: 0, changed: 0, largest: 0 }

const HOUR_MS = 3_600_000

/**
 * Scores every token-hour with traffic in a period and raises alerts, as one recorded run. The same period again gives the same files.
 * Throws `busy` while another run trains or scores.
 */
export async function score(context: Context, options: ScoreOptions = {}): Promise<ScoreSummary> {
  return asRun(context, 'score', alone => scorePeriod(alone, options), figuresOf)
}

function figuresOf(summary: ScoreSummary, endedAt: Date): RunFigures {
  const { windows, alerts, folded, suppressed, model, to, skew } = summary
  const lagSeconds = (endedAt.getTime() - to.getTime()) / 1000
  return {
    tokenHours: windows,
    alerts,
    folded,
    suppressed,
    model,
    scoredTo: to.toISOString(),
    lagSeconds,
    rescored: skew.compared,
    rescoredChanged: skew.changed,
    largestChange: skew.largest,
  }
}

async function scorePeriod(context: Context, options: ScoreOptions): Promise<ScoreSummary> {
  const { engine, workspace, progress } = context
  const budgetPerDay = options.budgetPerDay ?? (context.config ?? defaultConfig()).alerts.budgetPerDay
  const model = await loadModel(workspace, options.model)
  const reference = referenceOf(model)
  refuseOtherFeatures(model, catalogueOf(context))
  const period = await prepareFirst(context, options, model)
  const { from, to, days, late } = period
  const config = context.config ?? defaultConfig()
  const guard = await readFilterGuard(context, reference, model.filter !== null, config.filter)
  for (const line of lateText(late)) progress.say(line)
  if (days.length === 0) return nothingNew(model, from, to, budgetPerDay, guard)
  if (guard.state === 'off') progress.say(`filter ${guard.because}`)

  const known = knownReference(model)
  const applied = guard.state === 'on' ? model : { ...model, filter: null }
  const scorer = { model: applied, budgetPerDay, history: await alertsBefore(context, days) }
  const held = await readHeld(context, days[0]!)
  const cleared = await clearedOn(context)
  const published: PublishedAlert[] = []
  const reader = createPastReader(engine, catalogueOf(context))
  const tokens = new Set<string>()
  let windows = 0
  let reached = 0
  let evidenceDue = 0
  let skew = NO_SKEW
  progress.start('score', days.length)
  const scoreDays = async () => {
    for (const day of days) {
      // What was alerted the day before is no habit today: features are made day by day.
      await prepare({ ...context, progress: silentProgress }, { until: day, held })
      const span = await spanOfDay(context, day, period)
      const batch = await readDayBatch(context, day, span, model.detectors.ownFeatures)
      const { scored, judgements, alerts: raised, beforeFilter } = await scoreDay(context, day, batch, scorer)
      reached += beforeFilter
      const { published: ofDay, evidenceDue: due } = await publishAlerts(context, day, raised, reference, {
        most: options.mostEvidence,
        reader,
      })
      evidenceDue += due
      for (const { alert, foldedInto } of ofDay) {
        const clearedAt = foldedInto === null ? undefined : cleared.get(foldedInto)
        if (clearedAt !== undefined && !cleared.has(alert.alertId)) cleared.set(alert.alertId, clearedAt)
      }
      published.push(...ofDay)
      if (known !== null)
        await writeDaySketches(workspace, day, known, sketchDay(known.reference, batch, scored))
      // The scores come last: a run that is killed before goes on with this day, and replaces its alerts.
      const metadata = provenanceMetadata(workspace, day, scorer, span.to)
      skew = addSkew(skew, await publishScores(context, day, batch, scored, judgements, metadata))
      held.push(...heldAmong(raised, cleared, holdBounds(config)))
      for (const token of batch.use.token) tokens.add(token)
      windows += batch.features.rows
      progress.step(1, day)
    }
  }
  const events = days.flatMap(day => listParquet(partition(workspace.events, day)))
  // Once for all days: to change the number of threads costs as much as a small statement.
  await fitThreads(engine, events, scoreDays)
  for (const gap of readGaps(workspace, days)) progress.say(gapText(gap))
  progress.done()
  const reopened = await reopenOnNewEvidence(context, days)
  const verdicts = new Map(scorer.history.verdicts.map(record => [record.alertId, record.verdict]))
  const open = published.filter(one => one.status === 'new')
  const queue = open.filter(one => one.foldedInto === null)
  return {
    model: reference,
    from,
    to,
    days: days.length,
    windows,
    tokens: tokens.size,
    alerts: queue.length,
    folded: open.length - queue.length,
    suppressed: published.length - open.length,
    evidenceDue,
    reopened: reopened.map(alert => alert.alertId),
    sampled: open.filter(one => one.shown === 'sampled').length,
    explored: open.filter(one => one.shown === 'explored').length,
    filter: await readFilterGuard(context, reference, model.filter !== null, config.filter),
    incidents: new Set(open.map(one => one.incidentId)).size,
    severities: countSeverities(open.map(one => one.alert.severity)),
    budget: budgetCost(
      model,
      budgetPerDay,
      days.length,
      queue.map(({ alert }) => verdicts.get(alert.alertId) ?? null),
      reached,
    ),
    skew,
    drift: driftUpTo(context, model, days.at(-1)!),
  }
}

function lateText({ again, older }: ScoringPeriod['late']): string[] {
  return [
    ...(again.length === 0 ? [] : [`events came late to ${again.join(', ')}: scored again from there on`]),
    ...(older.length === 0
      ? []
      : [
          `events came late to ${older.join(', ')}, too old to be scored again by itself: keyhound score --from ${older[0]}`,
        ]),
  ]
}

/** A scheduled run that finds no hour after the last one scored has done its work. */
function nothingNew(
  model: Model,
  from: Date,
  to: Date,
  budgetPerDay: number,
  filter: FilterGuard,
): ScoreSummary {
  const budget = budgetCost(model, budgetPerDay, 0, [], null)
  const alerts = {
    alerts: 0,
    folded: 0,
    suppressed: 0,
    evidenceDue: 0,
    reopened: [],
    sampled: 0,
    explored: 0,
    incidents: 0,
    severities: {},
  }
  const none = { days: 0, windows: 0, tokens: 0, ...alerts, skew: NO_SKEW, drift: null }
  return { model: referenceOf(model), from, to, ...none, filter, budget }
}

/** Alerts of the days before the scored ones, which are raised anew, and all verdicts. */
export async function alertsBefore(context: Context, days: readonly string[]): Promise<AlertHistory> {
  const { alerts, verdicts } = await readAlertHistory(context)
  return { alerts: alerts.filter(alert => alert.at < Date.parse(days[0]!)), verdicts }
}

/** Counts of all days, features up to the first one to score; the others wait for its alerts. */
async function prepareFirst(context: Context, options: ScoreOptions, model: Model) {
  await prepare(context, { until: '' })
  const period = await scoringPeriod(context, options, model)
  const [first] = period.days
  if (first !== undefined) await prepare(context, { until: first, held: await readHeld(context, first) })
  return period
}

async function publishScores(
  { engine, workspace }: Context,
  day: string,
  { keys }: WindowBatch,
  scored: Scored,
  judgements: readonly Judgement[],
  metadata: Readonly<Record<string, string>>,
): Promise<Skew> {
  const detectors = Object.fromEntries(
    scored.evidence.names.map((name, d) => [`detector_${name}`, columnOf(scored.evidence, d)]),
  )
  await engine.load('scored', {
    tenant_id: keys.tenantId,
    principal_id: keys.principalId,
    token_id: keys.tokenId,
    window_start: keys.windowStart,
    score: scored.score,
    risk: Float64Array.from(judgements, judgement => judgement.risk),
    filter_probability: Float64Array.from(judgements, judgement => judgement.filterProbability ?? Number.NaN),
    severity: judgements.map(judgement => judgement.severity),
    maturity: Float64Array.from(judgements, judgement => judgement.maturity),
    reasons: judgements.map(judgement => JSON.stringify(judgement.reasons)),
    ...detectors,
  })
  const columns = SCORE_COLUMNS.map(({ name, type }) => {
    if (name === 'model') return `${quoteText(metadata['keyhound.model']!)} AS model`
    if (name === 'window_start') return 'epoch_ms(window_start::BIGINT)::TIMESTAMP_MS AS window_start'
    if (name === 'window_end')
      return `epoch_ms(window_start::BIGINT + ${HOUR_MS})::TIMESTAMP_MS AS window_end`
    return `${name}::${type} AS ${name}`
  })
  const sql = `SELECT ${[...columns, ...Object.keys(detectors)].join(', ')} FROM scored ORDER BY window_start, tenant_id, token_id`
  const skew = await skewOf(engine, workspace, day, metadata['keyhound.model']!)
  await publishQuery(engine, sql, scoresFile(workspace, day), metadata)
  return skew
}

/** The table `scored` beside the day's published scores. */
async function skewOf(
  engine: Context['engine'],
  workspace: Context['workspace'],
  day: string,
  model: string,
): Promise<Skew> {
  await createView(engine, 'scores', workspace.scores, SCORE_COLUMNS, [day])
  const [row] = await engine.rows<{ compared: number; changed: number; largest: number | null }>(
    `SELECT count(*)::INTEGER AS compared, (count(*) FILTER (old.score <> new.score))::INTEGER AS changed, max(abs(old.score - new.score)) AS largest
     FROM scores old JOIN scored new ON old.tenant_id = new.tenant_id AND old.token_id = new.token_id AND epoch_ms(old.window_start) = new.window_start
     WHERE old.model = ${quoteText(model)}`,
  )
  return { compared: row!.compared, changed: row!.changed, largest: row!.largest ?? 0 }
}

function addSkew(a: Skew, b: Skew): Skew {
  return {
    compared: a.compared + b.compared,
    changed: a.changed + b.changed,
    largest: Math.max(a.largest, b.largest),
  }
}

function countSeverities(severities: readonly Severity[]): Partial<Record<Severity, number>> {
  const counts: Partial<Record<Severity, number>> = {}
  for (const severity of SEVERITIES) {
    const count = severities.filter(one => one === severity).length
    if (count > 0) counts[severity] = count
  }
  return counts
}
