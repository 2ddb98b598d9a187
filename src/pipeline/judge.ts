import { applyFilter, type Filter } from '../filter/model.ts'
import { riskOf, severityOf } from '../risk/calibrate.ts'
import type { Reason, Severity } from '../schema/scores.ts'
import type { Detectors, Scored } from '../scoring/score-windows.ts'
import type { WindowBatch } from './batch.ts'
import type { Context } from './context.ts'
import { explainer } from './explain-rows.ts'
import { type Devices, type Facts, readDevices, readFacts } from './facts.ts'
import { type AlertHistory, filterTable } from './filter-table.ts'
import { likenessOf } from './likeness.ts'

/** What is said of a token-hour beyond its score. */
export interface Judgement {
  readonly risk: number
  readonly severity: Severity
  readonly maturity: number
  readonly filterProbability: number | null
  /** Strongest first; empty for token-hours that nobody would be shown. */
  readonly reasons: readonly Reason[]
  /** Addresses and networks that are new to the token: several stolen tokens may share one. */
  readonly places: readonly string[]
}

/** Reasons given for a token-hour at most. */
export const MOST_REASONS = 6

/** Token-hours get reasons, and the filter's judgement, from this risk on: a fifth of the budget's odds. */
export const EXPLAINED_RISK = 15

/** Risk, severity, maturity and reasons of every row of a scored batch. */
export async function judge(
  { engine, workspace }: Context,
  days: readonly string[],
  batch: WindowBatch,
  scored: Scored,
  model: JudgedBy,
): Promise<Judgement[]> {
  const explained = explainedRows(scored, model)
  const facts = await readFacts(engine, workspace, days, batch, explained)
  // The filter alone asks for them.
  const devices =
    model.filter === null ? [] : await readDevices(engine, workspace, days, batch.keys, explained)
  return judgeRows(batch, scored, model, { explained, facts, devices })
}

/** With what rows are judged. */
export interface JudgedBy {
  readonly detectors: Detectors
  readonly filter: Filter | null
  readonly budgetPerDay: number
  readonly history: AlertHistory
}

/** The rows that get reasons, with what these tell; devices where there is a filter. */
export interface ToExplain {
  readonly explained: readonly number[]
  readonly facts: readonly Facts[]
  readonly devices: readonly Devices[]
}

/** The rows that get reasons. */
export function explainedRows(scored: Scored, { budgetPerDay }: Pick<JudgedBy, 'budgetPerDay'>): number[] {
  const raw = scored.alertsPerDay.map(alerts => riskOf(alerts, budgetPerDay))
  return [...raw.keys()].filter(row => raw[row]! >= EXPLAINED_RISK)
}

/** The same as {@link judge}, of what is at hand. */
export function judgeRows(
  batch: Pick<WindowBatch, 'keys' | 'features'>,
  scored: Scored,
  { detectors, filter, budgetPerDay, history }: JudgedBy,
  { explained, facts, devices }: ToExplain,
): Judgement[] {
  const raw = scored.alertsPerDay.map(alerts => riskOf(alerts, budgetPerDay))
  const explain = explained.length === 0 ? () => [] : explainer(detectors, batch, scored)
  const reasons = explained.map((row, i) => explain(row, facts[i]!, MOST_REASONS))
  const says =
    filter &&
    applyFilter(
      filter,
      filterTable(scored, batch.keys, explained, facts, devices, reasons.map(likenessOf), history),
      explained.map(row => Math.log(budgetPerDay / scored.alertsPerDay[row]!)),
    )
  const maturity = batch.features.names.indexOf('maturity')

  const judgements: Judgement[] = Array.from(raw, (risk, row) => ({
    risk,
    severity: severityOf(risk),
    maturity: batch.features.data[row * batch.features.cols + maturity]!,
    filterProbability: null,
    reasons: [],
    places: [],
  }))
  explained.forEach((row, i) => {
    const risk =
      filter === null || says === null
        ? raw[row]!
        : riskOf(scored.alertsPerDay[row]!, budgetPerDay, {
            logOdds: says.logOdds[i]!,
            threshold: filter.threshold,
          })
    judgements[row] = {
      ...judgements[row]!,
      risk,
      severity: severityOf(risk),
      filterProbability: says?.probability[i] ?? null,
      reasons: reasons[i]!,
      places: newPlaces(facts[i]!),
    }
  })
  return judgements
}

/** Surprise from which an address or network counts as new to the token, nats: one day in twenty. */
const NEW_PLACE_NATS = 3

/** Each token that appears on an address makes it less surprising for the next, so that a wave counts as new whatever the surprise. */
function newPlaces(facts: Facts): string[] {
  const isWave = Number(facts.new_sharers_actual ?? 0) >= 1
  return ['ip', 'net'].flatMap(facet => {
    const place = facts[`${facet}_worst`]
    const isNew = Number(facts[`${facet}_surprise`]) >= NEW_PLACE_NATS || (facet === 'ip' && isWave)
    return typeof place === 'string' && isNew ? [place] : []
  })
}
