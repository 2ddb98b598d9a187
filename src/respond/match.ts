import type { TriagedAlert } from '../pipeline/triage.ts'
import type { Playbook } from '../schema/playbooks.ts'
import { SEVERITIES } from '../schema/scores.ts'

/** Days that `alertedDays` looks back. */
export const PERSISTENCE_DAYS = 30
const DAY_MS = 86_400_000

/** Whether a playbook is about an alert; `alertedDays` as {@link countAlertedDays} says. The strongest reason names the attack. */
export function matches(
  { match }: Playbook,
  alert: Pick<TriagedAlert, 'severity' | 'reasons' | 'techniques' | 'tenantId' | 'principalId'>,
  alertedDays: number,
): boolean {
  const cause = alert.reasons[0]?.code
  return (
    SEVERITIES.indexOf(alert.severity) >= SEVERITIES.indexOf(match.severity) &&
    (match.causes === undefined || (cause !== undefined && match.causes.includes(cause))) &&
    (match.techniques === undefined || match.techniques.some(id => alert.techniques.includes(id))) &&
    (match.tenants === undefined || match.tenants.includes(alert.tenantId)) &&
    !match.exceptPrincipals.includes(alert.principalId) &&
    alertedDays >= match.alertedDays
  )
}

/**
 * For each alert, the days up to its own, within 30, on which its token was alerted; what was judged benign or hidden does not
 * count.
 */
export function countAlertedDays(history: readonly TriagedAlert[]): (alert: TriagedAlert) => number {
  const days = new Map<string, Set<number>>()
  for (const alert of history) {
    const judged = alert.verdict?.verdict
    if (alert.shown !== 'queue' || judged === 'false_positive' || judged === 'benign_trigger') continue
    const known = days.get(keyOf(alert)) ?? new Set()
    days.set(keyOf(alert), known.add(dayNumber(alert)))
  }
  return alert => {
    const day = dayNumber(alert)
    const past = [...(days.get(keyOf(alert)) ?? [])].filter(one => one <= day && one > day - PERSISTENCE_DAYS)
    return new Set([...past, day]).size
  }
}

function keyOf({ tenantId, tokenId }: TriagedAlert): string {
  return JSON.stringify([tenantId, tokenId])
}

function dayNumber({ firstSeen }: TriagedAlert): number {
  return Math.floor(firstSeen.getTime() / DAY_MS)
}
