import type { TriagedAlert } from '../pipeline/triage.ts'

/** What people are told of an alert. */
export type AlertBrief = Pick<
  TriagedAlert,
  | 'alertId'
  | 'incidentId'
  | 'tenantId'
  | 'principalId'
  | 'tokenId'
  | 'firstSeen'
  | 'lastSeen'
  | 'windows'
  | 'severity'
  | 'risk'
  | 'title'
  | 'techniques'
  | 'model'
> & { readonly reasons: readonly { readonly text: string }[] }

/** The brief as it is kept beside a response, so that carrying it out and undoing it need no stored alert. */
export type StoredBrief = Omit<AlertBrief, 'firstSeen' | 'lastSeen' | 'reasons'> & {
  readonly firstSeen: string
  readonly lastSeen: string
  readonly reasons: readonly string[]
}

export function storeBrief(alert: TriagedAlert): StoredBrief {
  const { alertId, incidentId, tenantId, principalId, tokenId, windows, severity, risk, title } = alert
  return {
    ...{ alertId, incidentId, tenantId, principalId, tokenId, windows, severity, risk, title },
    techniques: alert.techniques,
    model: alert.model,
    firstSeen: alert.firstSeen.toISOString(),
    lastSeen: alert.lastSeen.toISOString(),
    reasons: alert.reasons.map(reason => reason.text),
  }
}

export function briefOf(stored: StoredBrief): AlertBrief {
  return {
    ...stored,
    firstSeen: new Date(stored.firstSeen),
    lastSeen: new Date(stored.lastSeen),
    reasons: stored.reasons.map(text => ({ text })),
  }
}
