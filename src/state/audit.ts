import type { Selectable } from 'kysely'
import type { By, State } from './state.ts'
import type { AuditTable } from './tables.ts'

/** One line of who did what; never changed once written. */
export interface AuditEntry {
  readonly auditId: number
  readonly at: Date
  readonly actor: string
  /** `<kind>.<verb>`: `alert.close`, `key.revoke`. */
  readonly action: string
  /** `<kind>:<id>` of what it was done to: `alert:3fk2...`. */
  readonly subject: string
  /** Null when it concerns no tenant in particular. */
  readonly tenantId: string | null
  /** What was set; never a secret. */
  readonly details: Readonly<Record<string, unknown>>
}

export interface NewAuditEntry {
  readonly action: string
  readonly subject: string
  readonly tenantId?: string | null
  readonly details?: Readonly<Record<string, unknown>>
}

/** Writes a line; call it in the transaction of the change itself, so that neither stands without the other. */
export async function recordAudit(state: State, entry: NewAuditEntry, by: By): Promise<void> {
  await state.db
    .insertInto('audit')
    .values({
      at: by.at.getTime(),
      actor: by.actor,
      action: entry.action,
      subject: entry.subject,
      tenant_id: entry.tenantId ?? null,
      details: JSON.stringify(entry.details ?? {}),
    })
    .execute()
}

/** Which entries; what is left out does not restrict. */
export interface AuditFilter {
  readonly actor?: string
  /** An action, or all of a kind: `alert.close`, `alert`. */
  readonly action?: string
  readonly subject?: string
  readonly tenantId?: string
  /** At or after this. */
  readonly from?: Date
  /** Before this. */
  readonly to?: Date
  /** Only lines with a smaller id: the id of the last line of the page before. */
  readonly before?: number
  /** @default 100 */
  readonly limit?: number
}

/** The trail, newest first. */
export async function listAudit(state: State, filter: AuditFilter = {}): Promise<AuditEntry[]> {
  let query = state.db
    .selectFrom('audit')
    .selectAll()
    .orderBy('audit_id', 'desc')
    .limit(filter.limit ?? 100)
  const { action } = filter
  if (filter.actor !== undefined) query = query.where('actor', '=', filter.actor)
  if (action?.includes('.')) query = query.where('action', '=', action)
  else if (action !== undefined) query = query.where('action', 'like', `${action}.%`)
  if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject)
  if (filter.tenantId !== undefined) query = query.where('tenant_id', '=', filter.tenantId)
  if (filter.from !== undefined) query = query.where('at', '>=', filter.from.getTime())
  if (filter.to !== undefined) query = query.where('at', '<', filter.to.getTime())
  if (filter.before !== undefined) query = query.where('audit_id', '<', filter.before)
  return (await query.execute()).map(entryOf)
}

function entryOf(row: Selectable<AuditTable>): AuditEntry {
  return {
    auditId: row.audit_id,
    at: new Date(row.at),
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    tenantId: row.tenant_id,
    details: JSON.parse(row.details) as Record<string, unknown>,
  }
}

/** How many lines of an action each of the subjects has; those without any are missing. */
export async function countAudit(
  state: State,
  action: string,
  subjects: readonly string[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  // SQLite binds 32,766 values at most; a thousand at once are as fast.
  for (let i = 0; i < subjects.length; i += 1000) {
    const rows = await state.db
      .selectFrom('audit')
      .select(({ fn }) => ['subject', fn.countAll().as('count')])
      .where('action', '=', action)
      .where('subject', 'in', subjects.slice(i, i + 1000))
      .groupBy('subject')
      .execute()
    for (const { subject, count } of rows) counts.set(subject, Number(count))
  }
  return counts
}
