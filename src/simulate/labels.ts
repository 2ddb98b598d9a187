import type { Incident } from './attacks/plan.ts'
import type { DayBuffer } from './buffer.ts'
import type { World } from './model.ts'
import { eventId } from './write.ts'

/** What an incident did with one token. */
interface Trace {
  first: number
  last: number
  events: number
}

/** Collects which written events are malicious. */
export interface Labels {
  collect(rows: DayBuffer): void
  count(): number
  /** Incidents that have at least one event. */
  incidents(): number
  labelColumns(): Record<'event_id' | 'incident_id' | 'attack_type', string[]>
  incidentColumns(): Record<
    'incident_id' | 'attack_type' | 'intensity' | 'token_id' | 'start' | 'end' | 'events',
    string[]
  >
}

export function createLabels(world: World, incidents: readonly Incident[]): Labels {
  const byNumber = new Map(incidents.map(incident => [incident.number, incident]))
  const labels = { event_id: [] as string[], incident_id: [] as string[], attack_type: [] as string[] }
  // Incident number -> token number -> trace.
  const traces = new Map<number, Map<number, Trace>>()
  return {
    collect(rows) {
      for (let i = 0; i < rows.rows; i++) {
        const number = rows.incident[i]!
        if (number === 0) continue
        const incident = byNumber.get(number)!
        labels.event_id.push(eventId(rows.idHigh[i]!, rows.idLow[i]!))
        labels.incident_id.push(incident.id)
        labels.attack_type.push(incident.family)
        let tokens = traces.get(number)
        if (!tokens) {
          tokens = new Map()
          traces.set(number, tokens)
        }
        const token = rows.token[i]!
        const time = rows.time[i]!
        const trace = tokens.get(token) ?? { first: time, last: time, events: 0 }
        trace.first = Math.min(trace.first, time)
        trace.last = Math.max(trace.last, time)
        trace.events++
        tokens.set(token, trace)
      }
    },
    count: () => labels.event_id.length,
    incidents: () => traces.size,
    labelColumns: () => labels,
    incidentColumns() {
      const rows = [...traces]
        .sort(([a], [b]) => a - b)
        .flatMap(([number, tokens]) =>
          [...tokens].map(([token, trace]) => ({ incident: byNumber.get(number)!, token, trace })),
        )
      return {
        incident_id: rows.map(row => row.incident.id),
        attack_type: rows.map(row => row.incident.family),
        intensity: rows.map(row => row.incident.intensity),
        token_id: rows.map(row => world.tokens[row.token]!.id),
        start: rows.map(row => new Date(row.trace.first).toISOString()),
        // Exclusive, like every end: the millisecond after the last event.
        end: rows.map(row => new Date(row.trace.last + 1).toISOString()),
        events: rows.map(row => String(row.trace.events)),
      }
    },
  }
}
