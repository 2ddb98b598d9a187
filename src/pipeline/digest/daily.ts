import type { DigestDay } from '../../schema/digest.ts'
import type { Verdict } from '../../schema/labels.ts'
import type { TriagedAlert } from '../triage.ts'

/** Days one by one, as performance counts them: sampled alerts are held back, explored ones lie below the line. */
export function dailyOf(
  days: readonly string[],
  alerts: readonly TriagedAlert[],
  scored: ReadonlySet<string>,
  events: ReadonlyMap<string, number>,
): DigestDay[] {
  const byDay = new Map<string, TriagedAlert[]>()
  for (const alert of alerts) {
    const day = alert.firstSeen.toISOString().slice(0, 10)
    byDay.set(day, [...(byDay.get(day) ?? []), alert])
  }
  return days.map(day => {
    const of = byDay.get(day) ?? []
    const queue = of.filter(alert => alert.shown === 'queue')
    const verdicts: Record<Verdict, number> = {
      true_positive: 0,
      false_positive: 0,
      benign_trigger: 0,
      duplicate: 0,
    }
    for (const { verdict } of queue) if (verdict !== null) verdicts[verdict.verdict]++
    return {
      day,
      isScored: scored.has(day),
      alerts: queue.length,
      verdicts,
      unjudged: queue.filter(alert => alert.verdict === null).length,
      held: of.filter(alert => alert.shown === 'suppressed' || alert.shown === 'sampled').length,
      events: events.get(day) ?? 0,
    }
  })
}
