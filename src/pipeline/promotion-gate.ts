import type { Config } from '../schema/config.ts'
import type { GateFinding } from '../schema/promotion.ts'
import type { ReplayReport, ReplaySide } from '../schema/replay.ts'

/** The sides of a comparison as far as the gate reads them. */
export type GateInput = Pick<ReplayReport, 'days' | 'incidents'> &
  Readonly<Record<'before' | 'after', Omit<ReplaySide, 'models'>>>

/**
 * Holds a challenger (`after`) to what the champion (`before`) does over the same days: precision at the budget and the order of what is
 * judged may fall by `precisionTolerance`, no more known incidents may be lost than are gained, the queue may grow or shrink
 * by `alertsFactor`, and the challenger's scores must still mean what they meant in its training (`scoreDrift`, null if unknown).
 */
export function holdToGate(
  { before, after, incidents, days }: GateInput,
  scoreDrift: number | null,
  bounds: Config['promotion'],
): GateFinding[] {
  const { precisionTolerance, alertsFactor, scoreDriftMost, leastJudged } = bounds
  const judged = Math.max(before.judged, after.judged)
  const isKnown = judged >= leastJudged
  const fewJudged = `${judged} alerts are judged, of at least ${leastJudged} that it takes to compare`
  const compare = (rule: 'precision' | 'ranking', what: string, was: number | null, is: number | null) => {
    if (!isKnown || was === null || is === null) return unknown(rule, `${what}: ${fewJudged}`)
    const text = `${what} ${is.toFixed(3)}, champion ${was.toFixed(3)}; may be ${precisionTolerance} less`
    return decide(rule, is >= was - precisionTolerance, text)
  }
  // One alert is added to both: from 0 to 1 is no multiple.
  const growth = (after.alerts + 1) / (before.alerts + 1)
  return [
    compare('precision', 'precision of the alerts shown', before.precision, after.precision),
    compare('ranking', 'average precision', before.averagePrecision, after.averagePrecision),
    incidents.known === 0
      ? unknown('incidents', 'known incidents: none in the period')
      : decide(
          'incidents',
          incidents.lost.length <= incidents.gained.length,
          `of ${incidents.known} known incidents ${incidents.gained.length} are gained, ${incidents.lost.length} lost`,
        ),
    decide(
      'alerts',
      growth <= alertsFactor && growth >= 1 / alertsFactor,
      `${perDay(after.alerts, days)} alerts a day, champion ${perDay(before.alerts, days)}; may differ by a factor of ${alertsFactor}`,
    ),
    scoreDrift === null
      ? unknown('drift', 'drift of its scores: the model keeps no distributions of its training')
      : decide(
          'drift',
          scoreDrift <= scoreDriftMost,
          `its scores lie ${scoreDrift.toFixed(3)} from its training (stability index beyond chance); at most ${scoreDriftMost}`,
        ),
  ]
}

const decide = (rule: GateFinding['rule'], passes: boolean, text: string): GateFinding => ({
  rule,
  verdict: passes ? 'passes' : 'fails',
  text,
})

const unknown = (rule: GateFinding['rule'], text: string): GateFinding => ({ rule, verdict: 'unknown', text })

const perDay = (alerts: number, days: number) => (alerts / Math.max(days, 1)).toFixed(1)
