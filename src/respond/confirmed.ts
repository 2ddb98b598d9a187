import type { Playbook } from '../schema/playbooks.ts'
import type { ResponseAction } from '../state/responses.ts'
import type { VerdictRecord } from '../state/verdicts.ts'

const DAY_MS = 86_400_000

/** Newest verdict of each alert, by id. */
export type Verdicts = ReadonlyMap<string, VerdictRecord>

/**
 * Whether a playbook may act by itself: the newest `confirmations` judged alerts that it had a proposal for, dry ones included, are
 * all true positives. One that was not takes the right away until as many have followed it. Duplicates say nothing, and
 * simulators do not count.
 */
export function isConfirmed(
  { confirmations }: Playbook,
  responses: readonly ResponseAction[],
  verdicts: Verdicts,
): boolean {
  const alerts = [...new Set(responses.map(one => one.alertId))]
  const judged = alerts
    .map(id => verdicts.get(id))
    .filter(one => one !== undefined)
    .filter(one => one.source === 'analyst' && one.verdict !== 'duplicate')
    .sort((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, confirmations)
  return judged.length === confirmations && judged.every(one => one.verdict === 'true_positive')
}

/** Alerts that a playbook acted on by itself in the 24 hours before. */
export function actedOnToday(responses: readonly ResponseAction[], now: Date): Set<string> {
  const since = now.getTime() - DAY_MS
  return new Set(
    responses
      .filter(
        ({ detail }) => detail.automaticAt !== undefined && Date.parse(String(detail.automaticAt)) > since,
      )
      .map(one => one.alertId),
  )
}
