import type { Selectable } from 'kysely'
import { recordAudit } from './audit.ts'
import { type By, inTransaction, type State } from './state.ts'
import type { AlertStatesTable, AlertStatus } from './tables.ts'

/** Where an alert stands. One that nobody has touched has no entry and is new. */
export interface AlertState {
  readonly alertId: string
  readonly tenantId: string | null
  readonly status: AlertStatus
  readonly assignee: string | null
  readonly note: string | null
  /** Codes of the reasons that it had when it was closed: what comes on top of them is new evidence. */
  readonly causes: readonly string[]
  /** End of its last hour when it was closed: what comes after is new as well. Null while it was never closed. */
  readonly seenUntil: Date | null
  readonly changedAt: Date
  readonly changedBy: string
}

/** What is done to an alert, as the audit trail names it: `alert.<verb>`. */
export type AlertVerb = 'acknowledge' | 'close' | 'reopen' | 'assign' | 'note'

/** What changes; what is left out stays. */
export type AlertChange = Partial<Pick<AlertState, 'status' | 'assignee' | 'note' | 'causes' | 'seenUntil'>>

/** Changes where an alert stands and answers it; whether the step is allowed is for the caller to say. */
export async function changeAlert(
  state: State,
  { alertId, tenantId }: Pick<AlertState, 'alertId' | 'tenantId'>,
  verb: AlertVerb,
  change: AlertChange,
  by: By,
): Promise<AlertState> {
  const changed = {
    ...(change.status !== undefined && { status: change.status }),
    ...(change.assignee !== undefined && { assignee: change.assignee }),
    ...(change.note !== undefined && { note: change.note }),
    ...(change.causes !== undefined && { causes: JSON.stringify(change.causes) }),
    ...(change.seenUntil !== undefined && { seen_until: change.seenUntil?.getTime() ?? null }),
    changed_at: by.at.getTime(),
    changed_by: by.actor,
  }
  return inTransaction(state, async lent => {
    const before = await getAlertState(lent, alertId)
    // Only what changes is written over, so that two people who change different things both keep theirs.
    const row = await lent.db
      .insertInto('alert_states')
      .values({ alert_id: alertId, tenant_id: tenantId, status: 'new', causes: '[]', ...changed })
      .onConflict(conflict => conflict.column('alert_id').doUpdateSet(changed))
      .returningAll()
      .executeTakeFirstOrThrow()
    await recordAudit(
      lent,
      {
        action: `alert.${verb}`,
        subject: `alert:${alertId}`,
        tenantId,
        details: { before: before?.status ?? 'new', ...change },
      },
      by,
    )
    return stateOf(row)
  })
}

/** Null for an alert that nobody has touched. */
export async function getAlertState(state: State, alertId: string): Promise<AlertState | null> {
  const row = await state.db
    .selectFrom('alert_states')
    .selectAll()
    .where('alert_id', '=', alertId)
    .executeTakeFirst()
  return row === undefined ? null : stateOf(row)
}

/** Every alert that somebody has touched. */
export async function listAlertStates(
  state: State,
  filter: { readonly status?: AlertStatus; readonly tenantId?: string } = {},
): Promise<AlertState[]> {
  let query = state.db.selectFrom('alert_states').selectAll().orderBy('changed_at').orderBy('alert_id')
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  if (filter.tenantId !== undefined) query = query.where('tenant_id', '=', filter.tenantId)
  return (await query.execute()).map(stateOf)
}

function stateOf(row: Selectable<AlertStatesTable>): AlertState {
  return {
    alertId: row.alert_id,
    tenantId: row.tenant_id,
    status: row.status,
    assignee: row.assignee,
    note: row.note,
    causes: JSON.parse(row.causes) as string[],
    seenUntil: row.seen_until === null ? null : new Date(row.seen_until),
    changedAt: new Date(row.changed_at),
    changedBy: row.changed_by,
  }
}
