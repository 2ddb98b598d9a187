import type { Shown } from '../schema/labels.ts'
import { covers, type Suppression, type SuppressionFacts } from '../state/suppressions.ts'
import type { Alert } from './alerts.ts'

/** Alerts that are kept from the analyst. */
export interface HeldBack {
  /** Why, by alert id: told to whoever asks. */
  readonly because: Map<string, string>
  /** Alert id -> number of the suppression that holds it. */
  readonly hits: Map<string, number>
}

/** What the filter holds back and, of what is `shown`, what one of the suppressions covers: the first in the list that does. */
export function holdBack(
  alerts: readonly Alert[],
  shown: ReadonlyMap<string, Shown>,
  suppressions: readonly Suppression[],
): HeldBack {
  const because = new Map<string, string>()
  const hits = new Map<string, number>()
  for (const alert of alerts) {
    if (shown.get(alert.alertId) === 'suppressed') {
      const percent = Math.round(100 * (alert.filterProbability ?? 0))
      because.set(alert.alertId, `filter: ${percent} % likely to be worth an analyst, below its threshold`)
      continue
    }
    const facts = suppressionFacts(alert)
    const match = suppressions.find(suppression => covers(suppression, facts))
    if (match === undefined) continue
    because.set(alert.alertId, `suppression ${match.suppressionId} by ${match.owner}: ${match.because}`)
    hits.set(alert.alertId, match.suppressionId)
  }
  return { because, hits }
}

function suppressionFacts(alert: Alert): SuppressionFacts {
  const operation = alert.reasons
    .flatMap(reason => reason.facts ?? [reason])
    .find(fact => fact.code === 'unusual_operation')?.actual
  return {
    tenantId: alert.tenantId,
    principalId: alert.principalId,
    tokenId: alert.tokenId,
    operation: operation === undefined || operation === null ? null : String(operation),
    reasonCode: alert.reasons[0]?.code ?? null,
  }
}
