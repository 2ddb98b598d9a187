import type { QueueReport } from '../../schema/evaluation.ts'
import { ALERT_COLUMNS } from '../../schema/scores.ts'
import type { Engine } from '../../sql/duckdb.ts'
import { timestampLiteral } from '../../sql/duckdb.ts'
import { createView, type Workspace } from '../../sql/workspace.ts'
import { incidentDays } from './ranking.ts'
import type { TokenDays } from './token-days.ts'
import { DAY_MS, type World } from './world.ts'

/**
 * What a team sees that takes the riskiest so many alerts a day of the queue as it was raised: alerts that repeat an open one of
 * their incident are folded into it and cost nothing. Budgets above what was raised are left out.
 */
export async function measureQueue(
  engine: Engine,
  workspace: Workspace,
  world: World,
  days: TokenDays,
  budgets: readonly number[],
): Promise<QueueReport[]> {
  await createView(engine, 'alerts', workspace.alerts, ALERT_COLUMNS)
  const rows = await engine.rows<{ token: string; day: number }>(
    `SELECT tenant_id || '/' || token_id AS token, epoch_ms(first_seen) // ${DAY_MS} AS day FROM alerts
     WHERE status = 'new' AND shown = 'queue' AND folded_into IS NULL
       AND first_seen >= ${timestampLiteral(world.from)} AND first_seen < ${timestampLiteral(world.to)}
     ORDER BY risk DESC, score DESC, first_seen, alert_id`,
  )
  const known = new Map<string, number>()
  for (let d = 0; d < days.count; d++) {
    const { tenantId, tokenId } = world.tokens[days.token[d]!]!
    known.set(`${tenantId}/${tokenId} ${days.day[d]!}`, d)
  }
  const queue = rows.flatMap(row => known.get(`${row.token} ${row.day}`) ?? [])
  return budgets
    .filter(perDay => perDay * world.days <= queue.length)
    .map(perDay => {
      const shown = new Set(queue.slice(0, Math.floor(perDay * world.days)))
      const found = world.incidents.filter(incident =>
        [...incidentDays(days, incident)].some(day => shown.has(day)),
      )
      const truePositives = [...shown].filter(day => days.positive[day] === 1).length
      return { perDay, alerts: shown.size, truePositives, incidentsFound: found.length }
    })
}
