import { SEVERITIES, type Severity } from '../schema/scores.ts'
import type { TriagedAlert } from './triage.ts'

/** Alerts of one campaign as one. */
export interface IncidentSummary {
  /** Of its riskiest alert. */
  readonly title: string
  /** The gravest of its alerts. */
  readonly severity: Severity
  readonly risk: number
  readonly firstSeen: Date
  readonly lastSeen: Date
  readonly tenants: string[]
  readonly principals: string[]
  readonly tokens: string[]
}

/** What the alerts of one incident come to; `alerts` riskiest first, at least one. */
export function summariseIncident(alerts: readonly TriagedAlert[]): IncidentSummary {
  const unique = (of: (alert: TriagedAlert) => string) => [...new Set(alerts.map(of))].sort()
  const times = (of: (alert: TriagedAlert) => Date) => alerts.map(alert => of(alert).getTime())
  return {
    title: alerts[0]!.title,
    severity: SEVERITIES.findLast(severity => alerts.some(alert => alert.severity === severity))!,
    risk: Math.max(...alerts.map(alert => alert.risk)),
    firstSeen: new Date(Math.min(...times(alert => alert.firstSeen))),
    lastSeen: new Date(Math.max(...times(alert => alert.lastSeen))),
    tenants: unique(alert => alert.tenantId),
    principals: unique(alert => alert.principalId),
    tokens: unique(alert => alert.tokenId),
  }
}
