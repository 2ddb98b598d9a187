import { wilsonInterval } from '../lib/metrics.ts'
import type { Estimate } from '../schema/evaluation.ts'
import type { Verdict } from '../schema/labels.ts'
import type { Performance, PerformancePeriod, VerdictCounts } from '../schema/performance.ts'
import { ALERT_COLUMNS, SCORE_COLUMNS } from '../schema/scores.ts'
import { quoteText, timestampLiteral } from '../sql/duckdb.ts'
import { createView } from '../sql/workspace.ts'
import { hasState, withState } from '../state/state.ts'
import { listVerdicts } from '../state/verdicts.ts'
import type { Context } from './context.ts'
import { readMisuse } from './misuse.ts'

export interface PerformanceOptions {
  /** Alerts first seen at or after this, UTC. @default the first */
  from?: Date
  /** Alerts first seen before this, UTC. @default after the last */
  to?: Date
  /** Labels file: recall is then also counted against it. */
  labels?: string
  /** Of one tenant alone. */
  tenantId?: string
}

interface JudgedAlert {
  readonly at: number
  /** Held back by the filter or a suppression. Sampled ones are: that analysts see them says what the others hide. */
  readonly isHeld: boolean
  readonly verdict: Verdict | null
}

const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS

/** 1970-01-05 was a Monday: weeks begin on Mondays, UTC, as ISO 8601 has it. */
const FIRST_MONDAY = 4 * DAY_MS

/**
 * How the alerts of each week fared, by the verdicts given of them since. Explored ones lie below the line, were not raised, and are
 * left out.
 */
export async function alertPerformance(
  context: Context,
  options: PerformanceOptions = {},
): Promise<Performance> {
  const alerts = await readJudged(context, options)
  const scoredDays = await readScoredDays(context, options)
  const labelled = options.labels === undefined ? null : await readLabelled(context, options, options.labels)
  const weeks = [...new Set([...alerts.map(alert => alert.at), ...scoredDays].map(weekOf))].sort(
    (a, b) => a - b,
  )
  const periods = weeks.map(week => {
    const isOf = (at: number) => weekOf(at) === week
    return describe(
      new Date(week),
      alerts.filter(alert => isOf(alert.at)),
      scoredDays.filter(isOf).length,
      labelled?.filter(day => isOf(day.at)) ?? null,
    )
  })
  const whole = describe(new Date(weeks[0] ?? context.now), alerts, scoredDays.length, labelled)
  return { weeks: periods, whole }
}

function weekOf(at: number): number {
  return FIRST_MONDAY + Math.floor((at - FIRST_MONDAY) / WEEK_MS) * WEEK_MS
}

function describe(
  start: Date,
  alerts: readonly JudgedAlert[],
  days: number,
  labelled: readonly LabelledDay[] | null,
): PerformancePeriod {
  const shown = alerts.filter(alert => !alert.isHeld)
  const held = alerts.filter(alert => alert.isHeld)
  const verdicts = countVerdicts(shown)
  const heldVerdicts = countVerdicts(held)
  const judged = sum(verdicts)
  const found = labelled?.filter(day => day.isAlerted).length ?? 0
  return {
    start: start.toISOString().slice(0, 10),
    days,
    alerts: shown.length,
    alertsPerDay: days === 0 ? null : shown.length / days,
    confirmedPerDay: days === 0 ? null : verdicts.true_positive / days,
    verdicts,
    unjudged: shown.length - judged,
    unjudgedShare: shown.length === 0 ? null : 1 - judged / shown.length,
    precision: proportion(verdicts.true_positive, decided(verdicts)),
    suppressed: held.length,
    suppressedVerdicts: heldVerdicts,
    recallAmongRaised: recallAmongRaised(shown.length, verdicts, held.length, heldVerdicts),
    labelledTokenDays: labelled?.length ?? null,
    recallOfLabels: labelled === null ? null : proportion(found, labelled.length),
  }
}

function countVerdicts(alerts: readonly JudgedAlert[]): VerdictCounts {
  const counts = { true_positive: 0, false_positive: 0, benign_trigger: 0, duplicate: 0 }
  for (const { verdict } of alerts) if (verdict !== null) counts[verdict]++
  return counts
}

function sum(counts: VerdictCounts): number {
  return counts.true_positive + counts.false_positive + counts.benign_trigger + counts.duplicate
}

/** Verdicts that say whether an alert was worth it; a duplicate was decided with its original. */
function decided(counts: VerdictCounts): number {
  return sum(counts) - counts.duplicate
}

function proportion(successes: number, trials: number): Estimate {
  if (trials === 0) return { value: null, low: null, high: null }
  return { value: successes / trials, ...wilsonInterval(successes, trials) }
}

/**
 * Share of the misuse among all alerts raised that was shown rather than suppressed, from the precision of the judged of both: what
 * judging a sample of the suppressed is for. The interval takes the worse end of both Wilson intervals, and so covers
 * at least 95 %. Misuse that raised no alert at all is not in it. Null until alerts of both kinds were judged.
 */
function recallAmongRaised(
  shown: number,
  verdicts: VerdictCounts,
  held: number,
  heldVerdicts: VerdictCounts,
): Estimate {
  const up = proportion(verdicts.true_positive, decided(verdicts))
  const missed = proportion(heldVerdicts.true_positive, decided(heldVerdicts))
  const recall = (precision: number | null, missRate: number | null) => {
    if (precision === null || missRate === null) return null
    const found = precision * shown
    return found + missRate * held > 0 ? found / (found + missRate * held) : null
  }
  return {
    value: recall(up.value, missed.value),
    low: recall(up.low, missed.high),
    high: recall(up.high, missed.low),
  }
}

function within(column: string, { from, to, tenantId }: PerformanceOptions): string {
  const conditions = [
    ...(from === undefined ? [] : [`${column} >= ${timestampLiteral(from)}`]),
    ...(to === undefined ? [] : [`${column} < ${timestampLiteral(to)}`]),
    ...(tenantId === undefined ? [] : [`tenant_id = ${quoteText(tenantId)}`]),
  ]
  return conditions.length === 0 ? 'true' : conditions.join(' AND ')
}

async function readJudged(
  { engine, workspace }: Context,
  options: PerformanceOptions,
): Promise<JudgedAlert[]> {
  const records = hasState(workspace) ? await withState(workspace, state => listVerdicts(state)) : []
  const verdicts = new Map(records.map(record => [record.alertId, record.verdict]))
  await createView(engine, 'alerts', workspace.alerts, ALERT_COLUMNS)
  const rows = await engine.rows<{ alert_id: string; first_seen: Date; held: boolean }>(
    `SELECT alert_id, first_seen, status = 'suppressed' OR shown IS NOT DISTINCT FROM 'sampled' AS held
     FROM (FROM alerts UNION ALL BY NAME SELECT NULL::VARCHAR AS shown WHERE false)
     WHERE shown IS DISTINCT FROM 'explored' AND ${within('first_seen', options)} ORDER BY first_seen, alert_id`,
  )
  return rows.map(row => ({
    at: row.first_seen.getTime(),
    isHeld: row.held,
    verdict: verdicts.get(row.alert_id) ?? null,
  }))
}

/** UTC days with scores, ms. */
async function readScoredDays(
  { engine, workspace }: Context,
  options: PerformanceOptions,
): Promise<number[]> {
  await createView(engine, 'scores', workspace.scores, SCORE_COLUMNS)
  const rows = await engine.rows<{ day: number }>(
    `SELECT DISTINCT epoch_ms(window_start::DATE)::DOUBLE AS day FROM scores WHERE ${within('window_start', options)} ORDER BY day`,
  )
  return rows.map(row => row.day)
}

interface LabelledDay {
  readonly at: number
  readonly isAlerted: boolean
}

/** Token-days that labels call misuse and that were scored, and whether an alert was shown of them. */
async function readLabelled(
  context: Context,
  options: PerformanceOptions,
  labels: string,
): Promise<LabelledDay[]> {
  const { engine, workspace } = context
  const misuse = await readMisuse(context, labels, options.to ?? context.now, { verdicts: false })
  await engine.load('labelled_hours', { token: misuse.token, start: misuse.start })
  await createView(engine, 'alerts', workspace.alerts, ALERT_COLUMNS)
  await createView(engine, 'scores', workspace.scores, SCORE_COLUMNS)
  const key = "tenant_id || '/' || token_id"
  const rows = await engine.rows<{ day: number; alerted: boolean }>(`
WITH days AS (
  SELECT DISTINCT token, epoch_ms(start::BIGINT)::DATE AS day FROM labelled_hours
  WHERE (token, start) IN (SELECT (${key}, epoch_ms(window_start)::DOUBLE) FROM scores WHERE ${within('window_start', options)}))
SELECT epoch_ms(day)::DOUBLE AS day, EXISTS (
    SELECT 1 FROM alerts WHERE ${key} = days.token AND first_seen::DATE = days.day AND status <> 'suppressed') AS alerted
FROM days ORDER BY days.day, token`)
  await engine.run('DROP TABLE labelled_hours')
  return rows.map(row => ({ at: row.day, isAlerted: row.alerted }))
}
