import { SEVERITIES, type Severity } from '../schema/scores.ts'

/** What tells whether an alert says anything new of its incident. */
export interface Foldable {
  readonly alertId: string
  /** ms since the epoch. */
  readonly firstSeen: number
  readonly risk: number
  readonly severity: Severity
  /** Codes of the reasons that its title tells, the chief one first. */
  readonly causes: readonly string[]
  /** When it was judged, ms since the epoch; null while it is open. */
  readonly judgedAt: number | null
  /** Set for alerts of earlier runs, which stay as they are: the alert they are folded into, null for one of the queue. */
  readonly foldedInto?: string | null
}

/**
 * Folds each alert of the queue that repeats an open one of its incident into that one: same chief cause, no severer. What is new (another
 * cause, a higher severity) or comes after a verdict stands by itself. Answers the alert that each folded one goes under.
 */
export function foldAlerts(
  alerts: readonly Foldable[],
  incidents: ReadonlyMap<string, string>,
): Map<string, string> {
  const sorted = [...alerts].sort(
    (a, b) => dayOf(a) - dayOf(b) || b.risk - a.risk || (a.alertId < b.alertId ? -1 : 1),
  )
  const leads = new Map<string, Foldable[]>()
  const folded = new Map<string, string>()
  for (const alert of sorted) {
    const incident = incidents.get(alert.alertId)!
    const open = leads.get(incident) ?? []
    const lead = alert.foldedInto === undefined ? open.find(one => repeats(alert, one)) : undefined
    const into = alert.foldedInto ?? lead?.alertId
    if (into === undefined) leads.set(incident, [...open, alert])
    else folded.set(alert.alertId, into)
  }
  return folded
}

function repeats(alert: Foldable, lead: Foldable): boolean {
  const isOpen = lead.judgedAt === null || lead.judgedAt > alert.firstSeen
  const isSeverer = SEVERITIES.indexOf(alert.severity) > SEVERITIES.indexOf(lead.severity)
  return isOpen && !isSeverer && alert.causes.length > 0 && lead.causes.includes(alert.causes[0]!)
}

/** Days since the epoch, UTC: alerts are of a day, and the riskiest of a day leads. */
function dayOf({ firstSeen }: Foldable): number {
  return Math.floor(firstSeen / 86_400_000)
}
