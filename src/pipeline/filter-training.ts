import { listDays } from '../engine/workspace.ts'
import { canTrain, type Filter, fitFilter } from '../filter/model.ts'
import { riskOf } from '../risk/calibrate.ts'
import { writeReasons } from '../risk/reasons.ts'
import type { Config } from '../schema/config.ts'
import type { FilterSummary } from '../schema/model.ts'
import { type Detectors, scoreWindows } from '../scoring.ts'
import { readAlertHistory } from './alert-history.ts'
import { readBatch } from './batch.ts'
import type { Context } from './context.ts'
import { readFacts } from './facts.ts'
import { filterTable } from './filter-table.ts'
import { reasonSources } from './judge.ts'
import { type Misuse, markMisuse } from './misuse.ts'

interface FilterTask {
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

/**
 * Trains the false-positive filter on the token-days that would have been alerted in the labelled part of the training
 * period: positives are those that a label or a true_positive verdict touches.
 */
export async function trainFilter(
  context: Context,
  task: FilterTask,
): Promise<{ filter: Filter | null; summary: FilterSummary }> {
  const none = (because: string) => ({ filter: null, summary: { trained: false as const, because } })
  const { detectors, misuse, config } = task
  if (misuse.labelledFrom === null) return none('no labels were given')
  const firstDay = new Date(misuse.labelledFrom).toISOString().slice(0, 10)
  const days = listDays(context.workspace.features).filter(day => day >= firstDay && task.days.includes(day))
  if (days.length === 0) return none('no label lies in the training period')

  const batch = await readBatch(context.engine, context.workspace, days, {
    where: task.where,
    leaveOut: task.leaveOut,
  })
  const scored = scoreWindows(detectors, batch)
  const isMisuse = markMisuse(misuse, batch.keys)
  const least = riskOf(CANDIDATE_BUDGETS * config.alerts.budgetPerDay, config.alerts.budgetPerDay)
  const rows = highestOfTokenDays(batch.use.token, batch.keys.windowStart, scored.score).filter(
    row => riskOf(scored.alertsPerDay[row]!, config.alerts.budgetPerDay) >= least,
  )
  const positiveDays = new Set(
    [...isMisuse.keys()]
      .filter(row => isMisuse[row] === 1)
      .map(row => tokenDay(batch.use.token[row]!, batch.keys.windowStart[row]!)),
  )
  const labels = Float64Array.from(rows, row =>
    Number(positiveDays.has(tokenDay(batch.use.token[row]!, batch.keys.windowStart[row]!))),
  )
  const groups = groupNumbers(rows.map(row => batch.use.token[row]!))
  const because = canTrain(labels, groups)
  if (because !== null) return none(because)

  const facts = await readFacts(context.engine, context.workspace, days, batch, rows)
  const codes = rows.map(
    (row, i) => writeReasons(reasonSources(detectors, batch, scored, row, facts[i]!), 1)[0]?.code ?? null,
  )
  const history = await readAlertHistory(context)
  const table = filterTable(scored, batch.keys, rows, facts, codes, history)
  const filter = await fitFilter(table, labels, { groups, seed: task.seed })
  if (filter === null) return none('too few labelled alerts')
  const { recall, precision, suppressed, positives } = filter.metrics
  return {
    filter,
    summary: {
      trained: true,
      alerts: rows.length,
      positives,
      threshold: filter.threshold,
      recall,
      precision,
      suppressed,
    },
  }
}

function tokenDay(token: string, time: number): string {
  return `${token} ${Math.floor(time / 86_400_000)}`
}

/** The row with the highest score of each token-day, in row order. */
function highestOfTokenDays(token: readonly string[], time: Float64Array, score: Float64Array): number[] {
  const best = new Map<string, number>()
  token.forEach((name, row) => {
    const key = tokenDay(name, time[row]!)
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
