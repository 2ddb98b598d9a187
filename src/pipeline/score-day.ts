import { ALERT_RISK, riskOf } from '../risk/calibrate.ts'
import { type Scored, scoreWindows } from '../scoring/score-windows.ts'
import { type Alert, raiseAlerts } from './alerts.ts'
import type { WindowBatch } from './batch.ts'
import type { Context } from './context.ts'
import type { AlertHistory } from './filter-table.ts'
import { type Judgement, judge } from './judge.ts'
import type { Model } from './models.ts'

/** With what a day is scored. */
export interface Scorer {
  /** Without its filter where that was switched off. */
  readonly model: Model
  readonly budgetPerDay: number
  /** What was known before the day; the alerts of a scored day are added to it. */
  readonly history: AlertHistory
}

/** A day, scored, judged and alerted; nothing of it is published. */
export interface ScoredDay {
  readonly scored: Scored
  readonly judgements: readonly Judgement[]
  /** Raised ones, and those below the line that exploration may choose from. */
  readonly alerts: readonly Alert[]
  /** Token-days that the score alone would have alerted. */
  readonly beforeFilter: number
}

/** Scores, judges and alerts the token-hours of one day: the one way from features to alerts, for scoring and replay alike. */
export async function scoreDay(
  context: Context,
  day: string,
  batch: WindowBatch,
  { model, budgetPerDay, history }: Scorer,
): Promise<ScoredDay> {
  const scored = scoreWindows(model.detectors, batch)
  const judgements = await judge(context, [day], batch, scored, { ...model, budgetPerDay, history })
  const beforeFilter = scored.alertsPerDay.map(rate => riskOf(rate, budgetPerDay))
  const alerts = raiseAlerts(model.manifest.name, batch.keys, scored, judgements, beforeFilter)
  history.alerts.push(
    ...alerts
      .filter(alert => !alert.isBelow)
      .map(alert => ({ tenantId: alert.tenantId, tokenId: alert.tokenId, at: alert.firstSeen })),
  )
  const reached = batch.use.token.filter((_, row) => beforeFilter[row]! >= ALERT_RISK)
  return { scored, judgements, alerts, beforeFilter: new Set(reached).size }
}
