import { ALERT_RISK, riskAtBudget, riskOf, severityOf } from '../risk/calibrate.ts'
import type { BudgetCost } from '../schema/dial.ts'
import type { Verdict } from '../schema/labels.ts'
import { alertsPerDayAt, scoreThreshold } from '../scoring/score-windows.ts'
import { dayOf, listDays } from '../sql/workspace.ts'
import type { Context } from './context.ts'
import { EXPLAINED_RISK } from './judge.ts'
import type { Model } from './models.ts'
import { readProvenance } from './provenance.ts'
import { loadRecorded } from './recorded.ts'
import type { TriagedAlert } from './triage.ts'

/** Cost of a budget from the verdicts on the alerts that it shows; null stands for an alert that nobody judged. */
export function budgetCost(
  model: Pick<Model, 'detectors'>,
  perDay: number,
  days: number,
  shown: readonly (Verdict | null)[],
  beforeFilter: number | null,
): BudgetCost {
  const judged = shown.filter(verdict => verdict !== null && verdict !== 'duplicate')
  const truePositives = judged.filter(verdict => verdict === 'true_positive').length
  const threshold = scoreThreshold(model.detectors, perDay)
  return {
    perDay,
    scoreThreshold: Number.isFinite(threshold) ? threshold : null,
    days,
    observedPerDay: days === 0 ? 0 : shown.length / days,
    beforeFilterPerDay: beforeFilter === null || days === 0 ? null : beforeFilter / days,
    judged: judged.length,
    truePositives,
    precision: judged.length === 0 ? null : truePositives / judged.length,
  }
}

/** Model and budget that a day was scored with. */
interface Setting {
  readonly model: Model
  readonly budgetPerDay: number
}

export interface Rebudgeted {
  /** Alerts that the budget shows, with the risk and severity that they have under it. */
  readonly alerts: readonly TriagedAlert[]
  readonly cost: BudgetCost | null
  /** Largest budget that all days of the alerts were scored with: a larger one than this misses alerts. */
  readonly scoredBudget: number
}

/**
 * Stored alerts as another budget would show them: risk is worked out again, in closed form, from the stored score and risk
 * and the model that made them. Alerts that a smaller budget kept from being raised are not stored; only scoring
 * again brings them. Days of which nothing is recorded keep their risk.
 */
export async function rebudget(
  { engine, workspace }: Context,
  alerts: readonly TriagedAlert[],
  perDay: number,
  period: { from?: Date; to?: Date },
): Promise<Rebudgeted> {
  const days = listDays(workspace.scores).filter(
    day =>
      (period.from === undefined || day >= dayOf(period.from)) &&
      (period.to === undefined || Date.parse(day) < period.to.getTime()),
  )
  const settings = new Map<string, Setting>()
  const models = new Map<string, Model>()
  for (const day of days) {
    const record = await readProvenance(engine, workspace, day)
    if (record === null) continue
    const model = models.get(record.contentId) ?? (await loadRecorded(workspace, record))
    models.set(record.contentId, model)
    settings.set(day, { model, budgetPerDay: record.budgetPerDay })
  }
  const reached = alerts
    .map(alert => {
      const setting = settings.get(dayOf(alert.firstSeen))
      if (setting === undefined) return alert
      const risk = rebudgetedRisk(setting, alert, perDay)
      return { ...alert, risk, severity: severityOf(risk) }
    })
    .filter(alert => alert.risk >= ALERT_RISK)
    .sort((a, b) => b.risk - a.risk)
  // What repeats an alert that this budget does not show stands by itself.
  const ids = new Set(reached.map(alert => alert.alertId))
  const shown = reached.map(alert =>
    alert.foldedInto === null || ids.has(alert.foldedInto) ? alert : { ...alert, foldedInto: null },
  )
  const last = [...settings.values()].at(-1)
  const counted = shown.filter(alert => alert.status !== 'suppressed' && alert.foldedInto === null)
  return {
    alerts: shown,
    cost:
      last === undefined
        ? null
        : budgetCost(
            last.model,
            perDay,
            days.length,
            counted.map(alert => alert.verdict?.verdict ?? null),
            null,
          ),
    scoredBudget: Math.min(...[...settings.values()].map(one => one.budgetPerDay)),
  }
}

/** As judge says it: the filter speaks from EXPLAINED_RISK on. */
function rebudgetedRisk(
  { model, budgetPerDay }: Setting,
  { score, risk }: TriagedAlert,
  perDay: number,
): number {
  const rate = alertsPerDayAt(model.detectors, score)
  const raw = riskOf(rate, perDay)
  if (raw < EXPLAINED_RISK) return raw
  return riskAtBudget({ risk, budgetPerDay }, rate, perDay, model.filter?.threshold ?? null)
}
