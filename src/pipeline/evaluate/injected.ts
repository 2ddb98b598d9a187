import { wilsonInterval } from '../../lib/metrics.ts'
import { median } from '../../lib/stats.ts'
import type { InjectedKindReport, InjectedReport } from '../../schema/evaluation.ts'
import { finite } from './ranking.ts'
import type { InjectedIncident } from './world.ts'

const ORDER = ['loud', 'medium', 'quiet']

/**
 * Recall of injected incidents at thresholds that they had no part in.
 * @param by which of their figures to hold against the thresholds
 * @param daily highest of each token-day without injected events
 * @param thresholds one a budget; Infinity where nothing may be alerted
 */
export function evaluateInjected(
  incidents: readonly InjectedIncident[],
  by: 'score' | 'risk',
  daily: Float64Array,
  thresholds: readonly number[],
): InjectedReport {
  const found = thresholds.map(threshold => incidents.filter(incident => incident[by] >= threshold).length)
  const kinds = new Map<string, InjectedIncident[]>()
  for (const incident of incidents) {
    const kind = JSON.stringify([incident.attackType, incident.intensity])
    kinds.set(kind, [...(kinds.get(kind) ?? []), incident])
  }
  return {
    incidents: incidents.length,
    tokenDays: incidents.reduce((sum, incident) => sum + incident.tokenDays, 0),
    recall: found.map(count => {
      const { low, high } = wilsonInterval(count, incidents.length)
      return { value: finite(count / incidents.length), low: finite(low), high: finite(high) }
    }),
    kinds: [...kinds.values()]
      .map(
        (members): InjectedKindReport => ({
          attackType: members[0]!.attackType,
          intensity: members[0]!.intensity,
          incidents: members.length,
          found: thresholds.map(threshold => members.filter(member => member[by] >= threshold).length),
          medianRank: median(members.map(member => rankAmong(daily, member[by]))),
        }),
      )
      .sort(
        (a, b) =>
          (a.attackType < b.attackType ? -1 : a.attackType > b.attackType ? 1 : 0) ||
          ORDER.indexOf(a.intensity ?? '') - ORDER.indexOf(b.intensity ?? ''),
      ),
  }
}

/** One more than the values that are at least as high; behind all of them for NaN. */
function rankAmong(values: Float64Array, value: number): number {
  let rank = 1
  for (let i = 0; i < values.length; i++) if (!(values[i]! < value)) rank++
  return rank
}
