import type { Selectable } from 'kysely'
import { KeyhoundError } from '../lib/errors.ts'
import { recordAudit } from './audit.ts'
import { type By, inTransaction, type State } from './state.ts'
import type { DeliveryStatus, OutboxTable } from './tables.ts'

/** Something that a sink is to be told: tried until it is delivered or given up. */
export interface Delivery {
  /** Idempotency key: the receiver sees the same one at every attempt. */
  readonly id: string
  /** Name of the sink in the configuration. */
  readonly sink: string
  readonly alertId: string
  /** What is sent, as the sink's own text. */
  readonly payload: string
  /** Attempts that failed so far. */
  readonly attempts: number
  /** Not tried before this. */
  readonly nextAt: Date
  readonly status: DeliveryStatus
  /** Why the last attempt failed. */
  readonly lastError: string | null
  readonly createdAt: Date
}

export type NewDelivery = Pick<Delivery, 'id' | 'sink' | 'alertId' | 'payload'>

/** Adds a delivery, due at once; false when one of that id is known, whatever became of it. */
export async function enqueueDelivery(state: State, delivery: NewDelivery, now: Date): Promise<boolean> {
  const added = await state.db
    .insertInto('outbox')
    .values({
      id: delivery.id,
      sink: delivery.sink,
      alert_id: delivery.alertId,
      payload: delivery.payload,
      attempts: 0,
      next_at: now.getTime(),
      status: 'pending',
      last_error: null,
      created_at: now.getTime(),
    })
    .onConflict(conflict => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  return added !== undefined
}

/**
 * Takes deliveries that are due, oldest first, and puts them off until `leaseUntil`: no other process takes them before, and one
 * that was taken by a process that died is due again then.
 */
export async function claimDeliveries(
  state: State,
  { now, leaseUntil, limit }: { now: Date; leaseUntil: Date; limit: number },
): Promise<Delivery[]> {
  const rows = await state.db
    .updateTable('outbox')
    .set({ next_at: leaseUntil.getTime() })
    .where('id', 'in', query =>
      query
        .selectFrom('outbox as due')
        .select('due.id')
        .where('due.status', '=', 'pending')
        .where('due.next_at', '<=', now.getTime())
        .orderBy('due.next_at')
        .orderBy('due.created_at')
        .limit(limit),
    )
    // Said twice: PostgreSQL holds this, not what is inside, against a row that somebody else has taken meanwhile.
    .where('status', '=', 'pending')
    .where('next_at', '<=', now.getTime())
    .returningAll()
    .execute()
  return rows.map(deliveryOf).sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
}

/** The receiver has it. */
export async function markDelivered(state: State, id: string): Promise<void> {
  await state.db
    .updateTable('outbox')
    .set({ status: 'delivered', last_error: null })
    .where('id', '=', id)
    .execute()
}

/** An attempt failed: again at `nextAt`, or given up (dead) when that is null. */
export async function markFailed(
  state: State,
  id: string,
  { error, nextAt }: { error: string; nextAt: Date | null },
): Promise<void> {
  await state.db
    .updateTable('outbox')
    .set(({ eb }) => ({
      attempts: eb('attempts', '+', 1),
      last_error: error,
      ...(nextAt === null ? { status: 'dead' as const } : { next_at: nextAt.getTime() }),
    }))
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .execute()
}

/** Not attempted now, and no attempt lost: its sink is down. */
export async function postponeDelivery(state: State, id: string, until: Date): Promise<void> {
  await state.db
    .updateTable('outbox')
    .set({ next_at: until.getTime() })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .execute()
}

/** Makes a dead delivery due again. Throws `not-found` when there is no dead one of that id. */
export async function reviveDelivery(state: State, id: string, by: By): Promise<void> {
  await inTransaction(state, async ({ db }) => {
    const revived = await db
      .updateTable('outbox')
      .set({ status: 'pending', next_at: by.at.getTime(), attempts: 0 })
      .where('id', '=', id)
      .where('status', '=', 'dead')
      .returning('sink')
      .executeTakeFirst()
    if (revived === undefined) throw new KeyhoundError('not-found', `there is no dead delivery ${id}`)
    await recordAudit(
      { db },
      { action: 'delivery.revive', subject: `delivery:${id}`, details: { sink: revived.sink } },
      by,
    )
  })
}

export interface DeliveryFilter {
  readonly sink?: string
  readonly alertId?: string
  readonly status?: DeliveryStatus
  /** @default 1000 */
  readonly limit?: number
}

/** Deliveries that satisfy every filter given, oldest first. */
export async function listDeliveries(state: State, filter: DeliveryFilter = {}): Promise<Delivery[]> {
  let query = state.db
    .selectFrom('outbox')
    .selectAll()
    .orderBy('created_at')
    .orderBy('id')
    .limit(filter.limit ?? 1000)
  if (filter.sink !== undefined) query = query.where('sink', '=', filter.sink)
  if (filter.alertId !== undefined) query = query.where('alert_id', '=', filter.alertId)
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  return (await query.execute()).map(deliveryOf)
}

function deliveryOf(row: Selectable<OutboxTable>): Delivery {
  return {
    id: row.id,
    sink: row.sink,
    alertId: row.alert_id,
    payload: row.payload,
    attempts: row.attempts,
    nextAt: new Date(row.next_at),
    status: row.status,
    lastError: row.last_error,
    createdAt: new Date(row.created_at),
  }
}

/** Those of the ids that are in the outbox, whatever became of them. */
export async function knownDeliveries(state: State, ids: readonly string[]): Promise<Set<string>> {
  const known = new Set<string>()
  // SQLite binds 32,766 values at most; a thousand at once are as fast.
  for (let i = 0; i < ids.length; i += 1000) {
    const rows = await state.db
      .selectFrom('outbox')
      .select('id')
      .where('id', 'in', ids.slice(i, i + 1000))
      .execute()
    for (const { id } of rows) known.add(id)
  }
  return known
}

/** How many deliveries of each sink stand where. */
export async function countDeliveries(
  state: State,
): Promise<{ sink: string; status: DeliveryStatus; count: number }[]> {
  const rows = await state.db
    .selectFrom('outbox')
    .select(({ fn }) => ['sink', 'status', fn.countAll().as('count')])
    .groupBy(['sink', 'status'])
    .orderBy('sink')
    .orderBy('status')
    .execute()
  return rows.map(row => ({ ...row, count: Number(row.count) }))
}

/** Empties what was delivered before a moment: the id stays, so that it is not sent again, the text is not needed any more. */
export async function forgetPayloads(state: State, before: Date): Promise<void> {
  await state.db
    .updateTable('outbox')
    .set({ payload: '' })
    .where('status', '=', 'delivered')
    .where('created_at', '<', before.getTime())
    .where('payload', '!=', '')
    .execute()
}
