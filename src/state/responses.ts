import type { Selectable } from 'kysely'
import { KeyhoundError } from '../lib/errors.ts'
import { recordAudit } from './audit.ts'
import { type By, inTransaction, type State } from './state.ts'
import type { ResponseStatus, ResponsesTable } from './tables.ts'

/** One action of a playbook against one target: proposed, approved, executed, and undone where that is possible. */
export interface ResponseAction {
  /** Idempotency key: the same action for the same alert has the same one. */
  readonly id: string
  readonly alertId: string
  readonly tenantId: string | null
  /** Name of the playbook in the configuration. */
  readonly playbook: string
  /** revoke, rotate, restrict, notify... */
  readonly action: string
  /** What carries it out: webhook, oauth, aws-iam... */
  readonly adapter: string
  /** What it is done to: a token id, an access key id. */
  readonly target: string
  readonly status: ResponseStatus
  /** Nothing outside is changed; it is only said what would be. */
  readonly dryRun: boolean
  /** Of a proposal: not to be approved from then on; of an executed action: undone then. Null: never. */
  readonly expiresAt: Date | null
  readonly createdAt: Date
  readonly changedAt: Date
  readonly changedBy: string
  /** What the adapter said, what undoing needs; never a secret. */
  readonly detail: Readonly<Record<string, unknown>>
}

export type NewResponse = Omit<
  ResponseAction,
  'status' | 'createdAt' | 'changedAt' | 'changedBy' | 'detail'
> &
  Partial<Pick<ResponseAction, 'detail'>>

/** From where an action may come to where. */
const COMES_FROM: Readonly<Record<ResponseStatus, readonly ResponseStatus[]>> = {
  proposed: [],
  approved: ['proposed', 'failed'],
  rejected: ['proposed'],
  executed: ['approved'],
  failed: ['approved', 'executed'],
  undone: ['executed', 'failed'],
  expired: ['proposed', 'approved', 'executed'],
}

/** Proposes an action; false when one of that id is known, whatever became of it. */
export async function proposeResponse(state: State, response: NewResponse, by: By): Promise<boolean> {
  const { id, alertId, tenantId, playbook, action, adapter, target, dryRun, expiresAt } = response
  return inTransaction(state, async ({ db }) => {
    const added = await db
      .insertInto('responses')
      .values({
        id,
        alert_id: alertId,
        tenant_id: tenantId,
        playbook,
        action,
        adapter,
        target,
        status: 'proposed',
        dry_run: dryRun ? 1 : 0,
        expires_at: expiresAt?.getTime() ?? null,
        created_at: by.at.getTime(),
        changed_at: by.at.getTime(),
        changed_by: by.actor,
        detail: JSON.stringify(response.detail ?? {}),
      })
      .onConflict(conflict => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst()
    if (added === undefined) return false
    await recordAudit(
      { db },
      {
        action: 'response.propose',
        subject: `response:${id}`,
        tenantId,
        details: { alertId, playbook, action, adapter, target, dryRun, expiresAt },
      },
      by,
    )
    return true
  })
}

export interface ResponseStep {
  readonly to: Exclude<ResponseStatus, 'proposed'>
  /** Added to what is known; a key set again replaces. */
  readonly detail?: Readonly<Record<string, unknown>>
  /** @default stays */
  readonly expiresAt?: Date | null
}

/**
 * Moves an action on and answers it; of two processes that try at once, one succeeds. Throws `not-found` for an unknown id,
 * `conflict` when it stands where no such step begins.
 */
export async function moveResponse(
  state: State,
  id: string,
  { to, detail = {}, expiresAt }: ResponseStep,
  by: By,
): Promise<ResponseAction> {
  return inTransaction(state, async lent => {
    const before = await getResponse(lent, id)
    if (before === null) throw new KeyhoundError('not-found', `there is no response ${id}`)
    const moved = await lent.db
      .updateTable('responses')
      .set({
        status: to,
        changed_at: by.at.getTime(),
        changed_by: by.actor,
        detail: JSON.stringify({ ...before.detail, ...detail }),
        ...(expiresAt !== undefined && { expires_at: expiresAt?.getTime() ?? null }),
      })
      .where('id', '=', id)
      .where('status', 'in', COMES_FROM[to])
      .returningAll()
      .executeTakeFirst()
    if (moved === undefined) {
      throw new KeyhoundError(
        'conflict',
        `response ${id} is ${before.status}; only ${COMES_FROM[to].join(' or ')} ones become ${to}`,
      )
    }
    await recordAudit(
      lent,
      {
        action: `response.${to}`,
        subject: `response:${id}`,
        tenantId: moved.tenant_id,
        details: { alertId: moved.alert_id, dryRun: moved.dry_run === 1, ...detail },
      },
      by,
    )
    return responseOf(moved)
  })
}

/** Null when there is none of that id. */
export async function getResponse(state: State, id: string): Promise<ResponseAction | null> {
  const row = await state.db.selectFrom('responses').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : responseOf(row)
}

export interface ResponseFilter {
  readonly alertId?: string
  readonly tenantId?: string
  readonly target?: string
  readonly playbook?: string
  readonly status?: ResponseStatus
  /** Expires at or before this. */
  readonly expiresBy?: Date
  /** @default 1000 */
  readonly limit?: number
}

/** Actions that satisfy every filter given, newest first. */
export async function listResponses(state: State, filter: ResponseFilter = {}): Promise<ResponseAction[]> {
  let query = state.db
    .selectFrom('responses')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(filter.limit ?? 1000)
  if (filter.alertId !== undefined) query = query.where('alert_id', '=', filter.alertId)
  if (filter.tenantId !== undefined) query = query.where('tenant_id', '=', filter.tenantId)
  if (filter.target !== undefined) query = query.where('target', '=', filter.target)
  if (filter.playbook !== undefined) query = query.where('playbook', '=', filter.playbook)
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  if (filter.expiresBy !== undefined) query = query.where('expires_at', '<=', filter.expiresBy.getTime())
  return (await query.execute()).map(responseOf)
}

function responseOf(row: Selectable<ResponsesTable>): ResponseAction {
  return {
    id: row.id,
    alertId: row.alert_id,
    tenantId: row.tenant_id,
    playbook: row.playbook,
    action: row.action,
    adapter: row.adapter,
    target: row.target,
    status: row.status,
    dryRun: row.dry_run === 1,
    expiresAt: row.expires_at === null ? null : new Date(row.expires_at),
    createdAt: new Date(row.created_at),
    changedAt: new Date(row.changed_at),
    changedBy: row.changed_by,
    detail: JSON.parse(row.detail) as Record<string, unknown>,
  }
}
