import type { DigestSuppressions } from '../../schema/digest.ts'
import { hasState, withState } from '../../state/state.ts'
import { listSuppressions, type Suppression } from '../../state/suppressions.ts'
import type { Context } from '../context.ts'
import type { TriagedAlert } from '../triage.ts'
import { DAY_MS, type Period } from './period.ts'

/** Days ahead that an end is told: time to ask the owner before alerts come back. */
const SOON_DAYS = 14

/** What holds alerts back by hand, and what of it ends soon or has ended. */
export async function readSuppressions(
  { workspace }: Pick<Context, 'workspace'>,
  { from, to }: Period,
  alerts: readonly TriagedAlert[],
): Promise<DigestSuppressions> {
  const all = hasState(workspace) ? await withState(workspace, listSuppressions) : []
  const soon = new Date(to.getTime() + SOON_DAYS * DAY_MS)
  const heldBack = alerts.filter(
    ({ shown, suppressedBecause }) => shown === 'suppressed' && !suppressedBecause?.startsWith('filter: '),
  )
  return {
    active: all.filter(one => one.createdAt < to && one.expiresAt >= to).length,
    heldBack: heldBack.length,
    ending: all
      .filter(one => one.createdAt < to && one.expiresAt >= from && one.expiresAt < soon)
      .sort((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime() || a.suppressionId - b.suppressionId)
      .map(one => ({
        suppressionId: one.suppressionId,
        scope: scopeOf(one),
        because: one.because,
        owner: one.owner,
        expiresAt: one.expiresAt.toISOString(),
        isExpired: one.expiresAt < to,
        hits: one.hits,
      })),
  }
}

function scopeOf(one: Suppression): string {
  const parts: [string, string | null][] = [
    ['tenant', one.tenantId],
    ['principal', one.principalId],
    ['token', one.tokenId],
    ['operation', one.operation],
    ['reason', one.reasonCode],
  ]
  return parts.flatMap(([name, value]) => (value === null ? [] : `${name} ${value}`)).join(', ')
}
