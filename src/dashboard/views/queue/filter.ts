import type { Row } from '../../lib/rows.ts'

export type Alert = Row<'Alert'>

export const STATUSES = [
  ['open', 'open'],
  ['acknowledged', 'taken up'],
  ['closed', 'closed'],
  ['suppressed', 'held back'],
  ['folded', 'folded'],
  ['all', 'all'],
] as const
export type Status = (typeof STATUSES)[number][0]

export const SEVERITIES = [
  ['info', 'any severity'],
  ['medium', 'medium and up'],
  ['high', 'high and up'],
  ['critical', 'critical'],
] as const

export const ORDERS = [
  ['day', 'newest day first'],
  ['risk', 'highest risk first'],
] as const

/** What part of the queue is looked at. */
export interface Filter {
  readonly status: Status
  readonly severity: (typeof SEVERITIES)[number][0]
  /** Empty: every tenant. */
  readonly tenantId: string
  /** Words that all must stand in the title, the reasons or the names. */
  readonly text: string
  readonly order: (typeof ORDERS)[number][0]
}

export const OPEN_QUEUE: Filter = { status: 'open', severity: 'info', tenantId: '', text: '', order: 'day' }

/** UTC day of an alert, which is the day that the budget counts. */
export const dayOf = (alert: Alert): string => alert.firstSeen.slice(0, 10)

/** The alerts that have every word, in the order of the filter. */
export function arrange(alerts: readonly Alert[], { text, order }: Filter): Alert[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const found = alerts.filter(alert => {
    const { title, tokenId, principalId, tenantId, alertId, assignee, reasons } = alert
    const names = [title, tokenId, principalId, tenantId, alertId, assignee, ...reasons.map(one => one.text)]
    const whole = names.join(' ').toLowerCase()
    return words.every(word => whole.includes(word))
  })
  return found.sort(
    (a, b) =>
      (order === 'day' ? dayOf(b).localeCompare(dayOf(a)) : 0) ||
      b.risk - a.risk ||
      b.score - a.score ||
      a.alertId.localeCompare(b.alertId),
  )
}

/** The same in sections: a day each, or one with all. */
export function sectionsOf(
  alerts: readonly Alert[],
  order: Filter['order'],
): [day: string | null, Alert[]][] {
  if (order === 'risk') return [[null, [...alerts]]]
  const days = new Map<string, Alert[]>()
  for (const alert of alerts) days.set(dayOf(alert), [...(days.get(dayOf(alert)) ?? []), alert])
  return [...days]
}
