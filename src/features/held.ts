import type { Engine } from '../sql/duckdb.ts'
import { TOKEN_LOGS } from './history.ts'

/**
 * A token-day that the baselines may not learn from yet, since its alert is not cleared. The whole day is left out, not its alerted
 * hours alone: who is in at eleven may have been in at ten.
 */
export interface HeldDay {
  readonly tenantId: string
  readonly tokenId: string
  /** UTC day of the alert. */
  readonly day: string
  /** Last UTC day whose features leave it out: that of the clearing verdict, else that on which holding lapses. */
  readonly until: string
}

/** What the features of a day must leave out of their history. */
export function heldFor(held: readonly HeldDay[], day: string): readonly HeldDay[] {
  return held.filter(one => one.day < day && one.until >= day)
}

/** Whether something held on one day is free on a later one, so that the open logs lack it. */
export function isReleased(held: readonly HeldDay[], before: string, day: string): boolean {
  return held.some(one => one.until >= before && one.until < day)
}

/**
 * Takes the held token-days out of the open logs. That the token was active stays known (`log_tokens`, with no hours to learn
 * from): else a thief's silence would follow on a thief's day as a dormancy.
 */
export async function withholdHistory(engine: Engine, held: readonly HeldDay[], day: string): Promise<void> {
  const now = heldFor(held, day)
  if (now.length === 0) return
  await engine.load('held', {
    day: now.map(one => one.day),
    tenant_id: now.map(one => one.tenantId),
    token_id: now.map(one => one.tokenId),
  })
  const isHeld = '(day, tok) IN (SELECT (day::DATE, hash(tenant_id, token_id)) FROM held)'
  await engine.run(`
${TOKEN_LOGS.map(log => `DELETE FROM log_${log} WHERE ${isHeld};`).join('\n')}
-- Who is alerted on the day it appears inherits nothing yet; that a link was withdrawn stays known.
DELETE FROM log_links WHERE kind = 'linked' AND ${isHeld};
UPDATE log_tokens SET hours = 0 WHERE ${isHeld};
DROP TABLE held`)
}
