import { KeyhoundError } from '../../lib/errors.ts'
import { ALERT_RISK, riskAtBudget, riskOf } from '../../risk/calibrate.ts'
import type { DialReport } from '../../schema/evaluation.ts'
import { alertsPerDayAt, scoreThreshold } from '../../scoring/score-windows.ts'
import type { Engine } from '../../sql/duckdb.ts'
import { dayOf, listDays, type Workspace } from '../../sql/workspace.ts'
import { EXPLAINED_RISK } from '../judge.ts'
import type { Model } from '../models.ts'
import { readProvenance } from '../provenance.ts'
import { loadRecorded } from '../recorded.ts'
import { finite } from './ranking.ts'
import { type TokenDays, tokenDayScores } from './token-days.ts'
import type { World } from './world.ts'

/**
 * What each budget gives when its threshold is solved from training: token-days whose risk, worked out again under the budget, raises
 * an alert. Budgets above the one that the period was scored with are left out, since the filter was never asked about what lies
 * below. Null where the days of the period were scored by several models or budgets, or do not say by which, or the model is gone.
 */
export async function measureDial(
  engine: Engine,
  workspace: Workspace,
  world: World,
  days: TokenDays,
  budgets: readonly number[],
): Promise<DialReport[] | null> {
  const scored = await scoredWith(engine, workspace, world)
  if (scored === null) return null
  const { model, budgetPerDay } = scored
  const rates = world.score.map(score => alertsPerDayAt(model.detectors, score))
  const positives = days.positive.reduce((sum, value) => sum + value, 0)
  return budgets
    .filter(perDay => perDay <= budgetPerDay)
    .map(perDay => {
      const threshold = model.filter?.threshold ?? null
      const risks = world.risk.map((risk, row) => {
        const raw = riskOf(rates[row]!, perDay)
        return raw < EXPLAINED_RISK
          ? raw
          : riskAtBudget({ risk, budgetPerDay }, rates[row]!, perDay, threshold)
      })
      const daily = tokenDayScores(days, risks)
      let alerts = 0
      let truePositives = 0
      daily.forEach((risk, day) => {
        if (!(risk >= ALERT_RISK)) return
        alerts++
        truePositives += days.positive[day]!
      })
      return {
        perDay,
        scoreThreshold: finite(scoreThreshold(model.detectors, perDay)),
        alerts,
        alertsPerDay: alerts / world.days,
        truePositives,
        precision: alerts === 0 ? null : truePositives / alerts,
        recall: positives === 0 ? null : truePositives / positives,
      }
    })
}

async function scoredWith(
  engine: Engine,
  workspace: Workspace,
  { from, to }: World,
): Promise<{ model: Model; budgetPerDay: number } | null> {
  const days = listDays(workspace.scores).filter(day => day >= dayOf(from) && Date.parse(day) < to.getTime())
  const records = await Promise.all(days.map(day => readProvenance(engine, workspace, day)))
  const [first] = records
  if (first === undefined || first === null) return null
  const isOne = records.every(
    record => record?.contentId === first.contentId && record.budgetPerDay === first.budgetPerDay,
  )
  if (!isOne) return null
  try {
    return { model: await loadRecorded(workspace, first), budgetPerDay: first.budgetPerDay }
  } catch (error) {
    if (error instanceof KeyhoundError && error.code === 'not-found') return null
    throw error
  }
}
