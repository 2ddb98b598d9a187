import { calibrate } from '../filter/calibrate.ts'
import { columnsOf, findLeaks, leakText } from '../filter/leak-check.ts'
import { canTrain, type Filter, fitFilter } from '../filter/model.ts'
import type { Matrix } from '../lib/matrix.ts'
import { riskOf } from '../risk/calibrate.ts'
import type { Config } from '../schema/config.ts'
import type { FilterSummary, LabelCounts } from '../schema/model.ts'
import { type Detectors, scoreWindows } from '../scoring/score-windows.ts'
import { dayOf, listDays } from '../sql/workspace.ts'
import { readAlertHistory } from './alert-history.ts'
import { readBatch } from './batch.ts'
import type { Context } from './context.ts'
import { explainer } from './explain-rows.ts'
import { readDevices, readFacts } from './facts.ts'
import {
  asIfJudgedInTime,
  countOrigins,
  countVerdicts,
  type FilterLabel,
  type PlacedVerdict,
  placeVerdicts,
  tokenDayKey,
  verdictLabels,
} from './filter-labels.ts'
import { filterTable } from './filter-table.ts'
import { MOST_REASONS } from './judge.ts'
import { type Likeness, likenessOf } from './likeness.ts'
import { type Misuse, markMisuse } from './misuse.ts'

export interface FilterTask {
  readonly detectors: Detectors
  readonly misuse: Misuse
  /** Days trained on. */
  readonly days: readonly string[]
  readonly where: string
  /** Features that count as unknown. */
  readonly leaveOut: readonly string[]
  readonly seed: number
  readonly config: Config
}

/** Alerts a day that the filter learns from, in budgets: it must know what lies just below the line, too. */
const CANDIDATE_BUDGETS = 5

/** What the filter learns from: token-days with a label, at their highest hour. */
export interface FilterTable {
  /** (rows, columns of filterTable). */
  readonly table: Matrix
  /** (rows): 1 worth an analyst, 0 not. */
  readonly labels: Float64Array
  /** (rows): tokens, numbered: rows of one never stand on both sides of a split. */
  readonly groups: Uint32Array
  /** (rows): log-odds over the alert budget before the filter; above 0 an alert is raised. */
  readonly offsets: Float64Array
  /** (rows): start of the hour, ms. */
  readonly times: Float64Array
  readonly likenesses: readonly Likeness[]
  readonly keys: readonly { readonly tenantId: string; readonly tokenId: string }[]
  readonly provenance: readonly FilterLabel[]
  readonly verdicts: readonly PlacedVerdict[]
}

/**
 * Trains the false-positive filter on the token-days that somebody judged, and, with a labels file, on all that would have been
 * alerted in its period: positives are those that a label or a true_positive verdict touches.
 */
export async function trainFilter(
  context: Context,
  task: FilterTask,
): Promise<{ filter: Filter | null; summary: FilterSummary }> {
  const none = (because: string, labels: LabelCounts = {}) => ({
    filter: null,
    summary: { trained: false as const, because, labels },
  })
  const found = await gatherFilterTable(context, task)
  if (typeof found === 'string') return none(found)
  const { table, labels, groups, offsets, times, provenance, verdicts } = found
  const counts: LabelCounts = { origins: countOrigins(provenance), verdicts: countVerdicts(verdicts) }
  const because = canTrain(labels, groups)
  if (because !== null) return none(because, counts)
  const leaks = findLeaks(columnsOf(table), labels, { groups, seed: task.seed })
  for (const leak of leaks) context.progress.say(`filter: ${leakText(leak)}`)
  const outcome = await fitFilter(table, labels, {
    groups,
    offsets,
    times,
    seed: task.seed,
    maxRecallLoss: task.config.filter.maxRecallLoss,
  })
  if (outcome === null) return none('too few labelled alerts', counts)
  const { metrics } = outcome
  const leaking = leaks.map(leak => leak.column)
  // A filter that leaves the order alone and holds nothing back would be one in name only.
  if (metrics.champion.learner === 'score' && !(metrics.suppressed > 0))
    return none(
      'nothing learned orders held-out alerts better than the score, and no alert could be held back without losing misuse; alerts stay unfiltered',
      counts,
    )
  const { recall, precision, suppressed, positives } = metrics
  return {
    filter: outcome,
    summary: {
      trained: true,
      alerts: labels.length,
      positives,
      threshold: calibrate(outcome.calibration, outcome.threshold),
      recall,
      precision,
      suppressed,
      champion: metrics.champion,
      labels: counts,
      leaks: leaking,
    },
  }
}

/** Labelled token-days as the filter sees them, or why there are none. */
export async function gatherFilterTable(
  context: Context,
  { detectors, misuse, config, days: allowed, where, leaveOut }: FilterTask,
): Promise<FilterTable | string> {
  const { budgetPerDay } = config.alerts
  const past = await readAlertHistory(context)
  const verdicts = await placeVerdicts(context, past.verdicts)
  const judged = verdictLabels(verdicts)
  if (misuse.labelledFrom === null && judged.size === 0) return 'no labels and no verdicts were given'
  const firstLabelled = misuse.labelledFrom === null ? null : dayOf(new Date(misuse.labelledFrom))
  const judgedDays = new Set(verdicts.map(record => dayOf(record.seenAt)))
  const isLabelled = (day: string) => firstLabelled !== null && day >= firstLabelled
  const days = listDays(context.workspace.features).filter(
    day => allowed.includes(day) && (isLabelled(day) || judgedDays.has(day)),
  )
  if (days.length === 0) return 'no label and no verdict lies in the training period'

  const batch = await readBatch(context.engine, context.workspace, days, {
    where,
    leaveOut,
    own: detectors.ownFeatures,
  })
  const { keys } = batch
  const scored = scoreWindows(detectors, batch)
  const keyOf = (row: number) => tokenDayKey(keys.tenantId[row]!, keys.tokenId[row]!, keys.windowStart[row]!)
  const isMisuse = markMisuse(misuse, keys)
  const touched = new Set([...isMisuse.keys()].filter(row => isMisuse[row] === 1).map(keyOf))
  const least = riskOf(CANDIDATE_BUDGETS * budgetPerDay, budgetPerDay)
  const labelOf = (row: number): FilterLabel | null => {
    const verdict = judged.get(keyOf(row))
    if (verdict !== undefined && (verdict.label === 1 || !touched.has(keyOf(row)))) return verdict
    const isCandidate = riskOf(scored.alertsPerDay[row]!, budgetPerDay) >= least
    if (!isLabelled(dayOf(new Date(keys.windowStart[row]!))) || !isCandidate) return null
    return { label: touched.has(keyOf(row)) ? 1 : 0, origin: 'labels' }
  }
  const known = highestOfTokenDays(batch.use.token, keys.windowStart, scored.score).flatMap(row => {
    const label = labelOf(row)
    return label === null ? [] : [{ row, label }]
  })
  const rows = known.map(({ row }) => row)
  const { engine, workspace } = context
  const facts = await readFacts(engine, workspace, days, batch, rows)
  const devices = await readDevices(engine, workspace, days, keys, rows)
  const explain = explainer(detectors, batch, scored)
  const likenesses = rows.map((row, i) => likenessOf(explain(row, facts[i]!, MOST_REASONS)))
  const history = { alerts: past.alerts, verdicts: asIfJudgedInTime(verdicts) }
  return {
    table: filterTable(scored, keys, rows, facts, devices, likenesses, history),
    labels: Float64Array.from(known, ({ label }) => label.label),
    groups: groupNumbers(rows.map(row => batch.use.token[row]!)),
    offsets: Float64Array.from(rows, row => Math.log(budgetPerDay / scored.alertsPerDay[row]!)),
    times: Float64Array.from(rows, row => keys.windowStart[row]!),
    likenesses,
    keys: rows.map(row => ({ tenantId: keys.tenantId[row]!, tokenId: keys.tokenId[row]! })),
    provenance: known.map(({ label }) => label),
    verdicts,
  }
}

/** The row with the highest score of each token-day, in row order. */
function highestOfTokenDays(token: readonly string[], time: Float64Array, score: Float64Array): number[] {
  const best = new Map<string, number>()
  token.forEach((name, row) => {
    const key = `${name} ${Math.floor(time[row]! / 86_400_000)}`
    const held = best.get(key)
    if (held === undefined || score[row]! > score[held]!) best.set(key, row)
  })
  return [...best.values()].sort((a, b) => a - b)
}

/** One number a name, in order of appearance. */
function groupNumbers(names: readonly string[]): Uint32Array {
  const numbers = new Map<string, number>()
  return Uint32Array.from(names, name => {
    if (!numbers.has(name)) numbers.set(name, numbers.size)
    return numbers.get(name)!
  })
}
