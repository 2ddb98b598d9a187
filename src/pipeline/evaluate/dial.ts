import type { Engine } from '../../engine/duckdb.ts'
import { dayOf, listDays, type Workspace } from '../../engine/workspace.ts'
import { KeyhoundError } from '../../lib/errors.ts'
import type { DialReport } from '../../schema/evaluation.ts'
import { scoreThreshold } from '../../scoring.ts'
import type { Model } from '../models.ts'
import { readProvenance } from '../provenance.ts'
import { loadRecorded } from '../recorded.ts'
import { finite } from './ranking.ts'
import { type TokenDays, tokenDayScores } from './token-days.ts'
import type { World } from './world.ts'

/**
 * What each budget gives when its threshold is solved from training. Risk is 100 B / (B + a), so that alerts under a budget b are
 * the token-days whose stored risk reaches 100 B / (B + b), B being the budget that they were scored with. Null where the days of
 * the period were scored by several models or budgets, or do not say by which, or the model is gone.
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
  const risks = tokenDayScores(days, world.risk)
  const positives = days.positive.reduce((sum, value) => sum + value, 0)
  return budgets.map(perDay => {
    const least = (100 * budgetPerDay) / (budgetPerDay + perDay)
    let alerts = 0
    let truePositives = 0
    risks.forEach((risk, day) => {
      if (!(risk >= least)) return
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
