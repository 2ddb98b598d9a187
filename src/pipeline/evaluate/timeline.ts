import { quantile } from '../../lib/stats.ts'
import type { DayReport, IncidentReport } from '../../schema/evaluation.ts'
import { detect, finite, incidentDays, worstRanks } from './ranking.ts'
import type { TokenDays } from './token-days.ts'
import { DAY_MS, type World } from './world.ts'

/** Positive token-days drawn a day. */
const POSITIVES_DRAWN = 20

/** Each UTC day of the period under one ranking and threshold; `daily` holds the score of each token-day. */
export function evaluateDays(
  world: World,
  days: TokenDays,
  scores: Float64Array,
  daily: Float64Array,
  threshold: number,
): DayReport[] {
  const first = Math.floor(world.from.getTime() / DAY_MS)
  const hours: number[][] = Array.from({ length: world.days }, () => [])
  for (let r = 0; r < world.rows; r++)
    if (Number.isFinite(scores[r]!)) hours[days.day[days.ofRow[r]!]! - first]!.push(scores[r]!)
  const members: number[][] = Array.from({ length: world.days }, () => [])
  for (let d = 0; d < days.count; d++) members[days.day[d]! - first]!.push(d)
  return members.map((of, i) => {
    const positives = of.filter(d => days.positive[d] === 1)
    return {
      day: new Date((first + i) * DAY_MS).toISOString().slice(0, 10),
      tokenDays: of.length,
      max: finite(quantile(hours[i]!, 1)),
      p99: finite(quantile(hours[i]!, 0.99)),
      alerts: of.filter(d => daily[d]! >= threshold).length,
      truePositives: positives.filter(d => daily[d]! >= threshold).length,
      positives: positives.length,
      positiveScores: positives
        .map(d => daily[d]!)
        .filter(Number.isFinite)
        .sort((a, b) => b - a)
        .slice(0, POSITIVES_DRAWN),
    }
  })
}

/** Each incident under one ranking and the thresholds of all budgets, in the order of their first events. */
export function evaluateIncidents(
  world: World,
  days: TokenDays,
  scores: Float64Array,
  daily: Float64Array,
  thresholds: readonly number[],
): IncidentReport[] {
  const ranks = worstRanks(daily)
  return world.incidents.map(incident => {
    const touched = [...incidentDays(days, incident)]
    return {
      incidentId: incident.id,
      attackType: incident.attackType,
      tokens: new Set(touched.map(day => days.token[day])).size,
      tokenDays: touched.length,
      start: new Date(incident.firstTime).toISOString(),
      bestRank: Math.min(...touched.map(day => ranks[day]!)),
      secondsToDetect: thresholds.map(threshold => detect(world, days, scores, incident, threshold).seconds),
    }
  })
}
