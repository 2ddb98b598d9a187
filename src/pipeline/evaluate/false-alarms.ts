import type { FalseAlarmReport } from '../../schema/evaluation.ts'
import type { Reason } from '../../schema/scores.ts'
import type { Engine } from '../../sql/duckdb.ts'
import { causeTitle } from '../alerts.ts'
import type { TokenDays } from './token-days.ts'
import { parseReasons } from './top-alerts.ts'
import { KEY } from './world.ts'

/** What stands for an alert whose scores carry no reasons. */
const NO_REASON = 'No reason on record'

/**
 * The token-days at or above the threshold that no label calls misuse, gathered by what an analyst would read first. `top` holds the
 * row of each token-day's highest hour, `daily` its score.
 */
export async function falseAlarms(
  engine: Engine,
  days: TokenDays,
  top: Uint32Array,
  daily: Float64Array,
  threshold: number,
): Promise<FalseAlarmReport[]> {
  const wrong = [...daily.keys()]
    .filter(day => daily[day]! >= threshold && days.positive[day] !== 1)
    .sort((a, b) => daily[b]! - daily[a]! || a - b)
  if (wrong.length === 0) return []
  const rows = await engine.rows<{ row_no: number; reasons: string | null }>(
    `SELECT row_no, s.reasons FROM evaluate_windows JOIN scores s USING (${KEY})
     WHERE row_no IN (${wrong.map(day => top[day]!).join(', ')})`,
  )
  const reasons = new Map(rows.map(row => [row.row_no, parseReasons(row.reasons)[0]]))
  const byCause = new Map<string, { alerts: number; tokens: Set<number>; first: Reason | undefined }>()
  for (const day of wrong) {
    const first = reasons.get(top[day]!)
    const cause = first === undefined ? NO_REASON : causeTitle(first)
    const known = byCause.get(cause) ?? { alerts: 0, tokens: new Set(), first }
    known.alerts++
    known.tokens.add(days.token[day]!)
    byCause.set(cause, known)
  }
  return [...byCause]
    .map(([cause, { alerts, tokens, first }]) => ({
      cause,
      alerts,
      tokens: tokens.size,
      example: first?.text ?? '',
      exampleTypical: first?.typical ?? null,
    }))
    .sort((a, b) => b.alerts - a.alerts || (a.cause < b.cause ? -1 : 1))
}
