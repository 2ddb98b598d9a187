import { rank } from '../../lib/metrics.ts'
import type { TopAlert } from '../../schema/evaluation.ts'
import type { Reason } from '../../schema/scores.ts'
import type { Engine } from '../../sql/duckdb.ts'
import { finite } from './ranking.ts'
import type { TokenDays } from './token-days.ts'
import { DAY_MS, KEY, type World } from './world.ts'

const ALERTS_NAMED = 20

interface Detail {
  row_no: number
  principal_id: string | null
  severity: string | null
  reasons: string | null
}

/** The highest token-days with the reasons of their highest hour; `top` holds that hour's row, `daily` its score. */
export async function topAlerts(
  engine: Engine,
  world: World,
  days: TokenDays,
  top: Uint32Array,
  daily: Float64Array,
): Promise<TopAlert[]> {
  const chosen = [...rank(daily).order.subarray(0, ALERTS_NAMED)].filter(day => !Number.isNaN(daily[day]!))
  const rows = chosen.map(day => top[day]!)
  if (rows.length === 0) return []
  const details = await engine.rows<Detail>(
    `SELECT row_no, s.principal_id, s.severity, s.reasons
     FROM evaluate_windows JOIN scores s USING (${KEY}) WHERE row_no IN (${rows.join(', ')})`,
  )
  const byRow = new Map(details.map(detail => [detail.row_no, detail]))
  return chosen.map((day, i): TopAlert => {
    const row = top[day]!
    const detail = byRow.get(row)
    const token = world.tokens[days.token[day]!]!
    const incidents = world.incidents.filter(incident => incident.rows.some(r => days.ofRow[r] === day))
    return {
      rank: i + 1,
      day: new Date(days.day[day]! * DAY_MS).toISOString().slice(0, 10),
      tenantId: token.tenantId,
      principalId: detail?.principal_id ?? null,
      tokenId: token.tokenId,
      windowStart: new Date(world.start[row]!).toISOString(),
      score: finite(world.score[row]!),
      risk: finite(world.risk[row]!),
      severity: detail?.severity ?? null,
      maturity: finite(world.maturity[row]!),
      positive: days.positive[day] === 1,
      incidentIds: incidents.map(incident => incident.id),
      attackTypes: [...new Set(incidents.map(incident => incident.attackType))],
      reasons: parseReasons(detail?.reasons ?? null),
    }
  })
}

export function parseReasons(text: string | null): Reason[] {
  if (text === null) return []
  const parsed: unknown = JSON.parse(text)
  return Array.isArray(parsed) ? (parsed as Reason[]) : []
}
