import type { DigestIncident, IncidentStand } from '../../schema/digest.ts'
import { summariseIncident } from '../incident.ts'
import { hasStatus, type TriagedAlert } from '../triage.ts'

/** Lines of a story: a campaign of weeks is told by its beginning and its worst, not in full. */
const STORY_LINES = 6
/** Reasons of an alert that are told. */
const REASONS_TOLD = 2
const ORDER: Readonly<Record<IncidentStand, number>> = { open: 0, confirmed: 1, cleared: 2 }

/** Alerts gathered by incident, open ones first, then by risk. What was held back or only explored begins none. */
export function incidentsOf(alerts: readonly TriagedAlert[]): DigestIncident[] {
  const byIncident = new Map<string, TriagedAlert[]>()
  for (const alert of alerts) {
    if (alert.shown !== 'queue') continue
    const id = alert.incidentId ?? alert.alertId
    byIncident.set(id, [...(byIncident.get(id) ?? []), alert])
  }
  return [...byIncident]
    .map(([id, members]) => incidentOf(id, members))
    .sort(
      (a, b) => ORDER[a.stand] - ORDER[b.stand] || b.risk - a.risk || (a.incidentId < b.incidentId ? -1 : 1),
    )
}

/** `alerts`: riskiest first. */
function incidentOf(incidentId: string, alerts: readonly TriagedAlert[]): DigestIncident {
  const { title, severity, risk, firstSeen, lastSeen, ...whose } = summariseIncident(alerts)
  const verdicts = [...new Set(alerts.flatMap(alert => alert.life?.judgedAs ?? []))].sort()
  const isOpen = alerts.some(alert => hasStatus(alert, 'open'))
  return {
    incidentId,
    title,
    severity,
    risk,
    firstSeen: firstSeen.toISOString(),
    lastSeen: lastSeen.toISOString(),
    stand: isOpen ? 'open' : verdicts.includes('true_positive') ? 'confirmed' : 'cleared',
    verdicts,
    assignee: alerts.find(alert => alert.life?.assignee)?.life?.assignee ?? null,
    notes: [...new Set(alerts.flatMap(alert => alert.verdict?.note ?? alert.life?.note ?? []))],
    alerts: alerts.length,
    ...whose,
    techniques: [...new Set(alerts.flatMap(alert => alert.techniques))].sort(),
    story: storyOf(alerts),
  }
}

function storyOf(alerts: readonly TriagedAlert[]): DigestIncident['story'] {
  const told = alerts.filter(alert => alert.reasons.length > 0)
  // A later day that says the same as the one before adds nothing.
  const lines = told
    .toSorted((a, b) => a.firstSeen.getTime() - b.firstSeen.getTime() || (a.alertId < b.alertId ? -1 : 1))
    .map(alert => ({
      at: alert.firstSeen.toISOString(),
      risk: alert.risk,
      text: alert.reasons
        .slice(0, REASONS_TOLD)
        .map(reason => reason.text.replace(/\.$/, ''))
        .join('. '),
    }))
    .filter((line, i, all) => line.text !== all[i - 1]?.text)
  const kept = new Set(lines.toSorted((a, b) => b.risk - a.risk).slice(0, STORY_LINES))
  return lines.filter(line => kept.has(line)).map(({ at, text }) => ({ at, text: `${text}.` }))
}
