import { quoteText, timestampLiteral } from '../engine/duckdb.ts'
import { createView, listDays, publishQuery } from '../engine/workspace.ts'
import { gapText, readGaps } from '../features/gaps.ts'
import { KeyhoundError } from '../lib/errors.ts'
import { columnOf } from '../lib/matrix.ts'
import { defaultConfig } from '../schema/config.ts'
import type { BudgetCost } from '../schema/dial.ts'
import { silentProgress } from '../schema/run.ts'
import { SCORE_COLUMNS, SEVERITIES, type Severity } from '../schema/scores.ts'
import { DETECTOR_NAMES, type Scored } from '../scoring/kernel.ts'
import { readAlertHistory } from './alert-history.ts'
import type { Alert } from './alerts.ts'
import { readBatch, type WindowBatch } from './batch.ts'
import { budgetCost } from './budget.ts'
import type { Context } from './context.ts'
import { sketchDay, writeDaySketches } from './drift/day-sketches.ts'
import { driftUpTo, knownReference, type ModelDrift } from './drift/drift.ts'
import { type FilterGuard, readFilterGuard } from './filter-guard.ts'
import type { AlertHistory } from './filter-table.ts'
import { clearedOn, heldAmong, holdBounds, readHeld } from './held.ts'
import type { Judgement } from './judge.ts'
import { loadModel, type Model, refuseOtherFeatures } from './models.ts'
import { prepare } from './prepare.ts'
import { provenanceMetadata, referenceOf, scoresFile } from './provenance.ts'
import { publishAlerts } from './publish-alerts.ts'
import { scoreDay } from './score-day.ts'

export interface ScoreOptions {
  /** UTC, inclusive; its hour is scored whole. @default after the last hour scored, else after the training period */
  from?: Date
  /** UTC, exclusive. @default after the last event */
  to?: Date
  /** name or name@version. @default the version of "default" that is promoted, else the newest */
  model?: string
  /** Alert budget, alerts a day. @default the configuration's */
  budgetPerDay?: number
}

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
  /** How far the week up to the last day scored lies from training; null without token-hours, or for models that kept no reference. */
  readonly drift: ModelDrift | null
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Scores every token-hour with traffic in a period and raises alerts. The same period again gives the same files. */
export async function score(context: Context, options: ScoreOptions = {}): Promise<ScoreSummary> {
  const { engine, workspace, progress } = context
  const budgetPerDay = options.budgetPerDay ?? (context.config ?? defaultConfig()).alerts.budgetPerDay
  const model = await loadModel(workspace, options.model)
  const reference = referenceOf(model)
  await refuseOtherFeatures(model)
  const { from, to, days } = await prepareFirst(context, options, model)
  const config = context.config ?? defaultConfig()
  const guard = await readFilterGuard(context, reference, model.filter !== null, config.filter)
  if (days.length === 0) return nothingNew(model, from, to, budgetPerDay, guard)
  if (guard.state === 'off') progress.say(`filter ${guard.because}`)

  const known = knownReference(model)
  const applied = guard.state === 'on' ? model : { ...model, filter: null }
  const scorer = { model: applied, budgetPerDay, history: await alertsBefore(context, days) }
  const held = await readHeld(context, days[0]!)
  const cleared = await clearedOn(context)
  const alerts: Alert[] = []
  const tokens = new Set<string>()
  let windows = 0
  let reached = 0
  progress.start('score', days.length)
  for (const day of days) {
    // What was alerted the day before is no habit today: features are made day by day.
    await prepare({ ...context, progress: silentProgress }, { until: day, held })
    const span = await spanOfDay(context, day, from, to)
    const batch = await readBatch(engine, workspace, [day], {
      where: `window_start >= ${timestampLiteral(span.from)} AND window_start < ${timestampLiteral(span.to)}`,
    })
    const { scored, judgements, alerts: raised, beforeFilter } = await scoreDay(context, day, batch, scorer)
    reached += beforeFilter
    const metadata = provenanceMetadata(workspace, day, scorer)
    await publishScores(context, day, batch, scored, judgements, metadata)
    if (known !== null)
      await writeDaySketches(workspace, day, known, sketchDay(known.reference, batch, scored))
    alerts.push(...raised)
    held.push(...heldAmong(raised, cleared, holdBounds(config)))
    for (const token of batch.use.token) tokens.add(token)
    windows += batch.features.rows
    progress.step(1, day)
  }
  for (const gap of await readGaps(engine, workspace, days)) progress.say(gapText(gap))
  const published = await publishAlerts(context, days, alerts, reference)
  progress.done()
  const verdicts = new Map(scorer.history.verdicts.map(record => [record.alertId, record.verdict]))
  const shown = published.published
    .filter(entry => entry.status === 'new' && entry.foldedInto === null)
    .map(({ alert }) => verdicts.get(alert.alertId) ?? null)
  return {
    model: reference,
    from,
    to,
    days: days.length,
    windows,
    tokens: tokens.size,
    alerts: published.alerts,
    folded: published.folded,
    suppressed: published.suppressed,
    sampled: published.sampled,
    explored: published.explored,
    filter: await readFilterGuard(context, reference, model.filter !== null, config.filter),
    incidents: published.incidents,
    severities: countSeverities(
      published.published.filter(entry => entry.status === 'new').map(entry => entry.alert.severity),
    ),
    budget: budgetCost(model, budgetPerDay, days.length, shown, reached),
    drift: driftUpTo(context, model, days.at(-1)!),
  }
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
    sampled: 0,
    explored: 0,
    incidents: 0,
    severities: {},
  }
  const none = { days: 0, windows: 0, tokens: 0, ...alerts, drift: null }
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

async function scoringPeriod({ engine, workspace }: Context, options: ScoreOptions, model: Model) {
  const known = listDays(workspace.activity)
  const end = options.to ?? new Date(Date.parse(known.at(-1)!) + DAY_MS)
  const asked = options.from ?? (await resumeFrom({ engine, workspace }, model, known))
  const from = new Date(Math.floor(asked.getTime() / HOUR_MS) * HOUR_MS)
  const days = known.filter(
    day => Date.parse(day) + DAY_MS > from.getTime() && Date.parse(day) < end.getTime(),
  )
  const isAsked = options.from !== undefined || options.to !== undefined
  if (days.length === 0 && isAsked) {
    const span = `${from.toISOString()} to ${end.toISOString()}`
    throw new KeyhoundError(
      'bad-input',
      `nothing to score in ${span}; the log runs from ${known[0]} to ${known.at(-1)}`,
    )
  }
  return { from, to: end, days }
}

/** The hour after the last one scored; before any was, the end of the training period, or all of the log if it ends there. */
async function resumeFrom(
  { engine, workspace }: Pick<Context, 'engine' | 'workspace'>,
  model: Model,
  known: readonly string[],
): Promise<Date> {
  const scored = listDays(workspace.scores).at(-1)
  if (scored !== undefined) {
    await createView(engine, 'scores', workspace.scores, SCORE_COLUMNS, [scored])
    const [row] = await engine.rows<{ last: Date | null }>('SELECT max(window_end) AS last FROM scores')
    if (row!.last !== null) return row!.last
  }
  const until = new Date(model.manifest.training.until)
  const isBeyond = until.getTime() >= Date.parse(known.at(-1)!) + DAY_MS
  return isBeyond ? new Date(`${known[0]}T00:00:00Z`) : until
}

/**
 * What is scored of a day: the hours asked for, and those that were scored before, since a day is published whole and an alert is a
 * whole token-day.
 */
async function spanOfDay({ engine, workspace }: Context, day: string, from: Date, to: Date) {
  await createView(engine, 'scores', workspace.scores, SCORE_COLUMNS, [day])
  const [row] = await engine.rows<{ first: Date | null; last: Date | null }>(
    'SELECT min(window_start) AS first, max(window_end) AS last FROM scores',
  )
  const { first, last } = row!
  return {
    from: first !== null && first < from ? first : from,
    to: last !== null && last > to ? last : to,
  }
}

async function publishScores(
  { engine, workspace }: Context,
  day: string,
  { keys }: WindowBatch,
  scored: Scored,
  judgements: readonly Judgement[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const detectors = Object.fromEntries(
    DETECTOR_NAMES.map((name, d) => [`detector_${name}`, columnOf(scored.evidence, d)]),
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
  await publishQuery(engine, sql, scoresFile(workspace, day), metadata)
}

function countSeverities(severities: readonly Severity[]): Partial<Record<Severity, number>> {
  const counts: Partial<Record<Severity, number>> = {}
  for (const severity of SEVERITIES) {
    const count = severities.filter(one => one === severity).length
    if (count > 0) counts[severity] = count
  }
  return counts
}
