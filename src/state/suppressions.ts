import type { Selectable } from 'kysely'
import { KeyhoundError } from '../lib/errors.ts'
import { recordAudit } from './audit.ts'
import { type By, inTransaction, type State } from './state.ts'
import type { SuppressionsTable } from './tables.ts'

/** What a suppression covers: every field that is set must match; unset ones match anything. */
export interface SuppressionScope {
  readonly tenantId?: string | null
  readonly principalId?: string | null
  readonly tokenId?: string | null
  readonly operation?: string | null
  readonly reasonCode?: string | null
}

/** Alerts judged benign ahead of time: owned, expiring, counted. Suppressed alerts are kept, not dropped. */
export interface Suppression extends Required<SuppressionScope> {
  readonly suppressionId: number
  readonly because: string
  readonly owner: string
  readonly createdAt: Date
  /** From this moment on it no longer applies. */
  readonly expiresAt: Date
  /** Alerts that it has held back so far. */
  readonly hits: number
}

/** The facts of an alert that a scope is held against. */
export interface SuppressionFacts {
  readonly tenantId: string
  readonly principalId: string
  readonly tokenId: string
  /** The operation that the alert is chiefly about, when one stands out. */
  readonly operation: string | null
  /** Code of the alert's strongest reason: a suppression of one reason must not hide an alert led by another. */
  readonly reasonCode: string | null
}

export interface NewSuppression extends SuppressionScope {
  readonly because: string
  readonly owner: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** Adds a suppression and answers its id. Throws `usage` when it covers everything or has already expired. */
export async function addSuppression(
  state: State,
  suppression: NewSuppression,
  actor: string = suppression.owner,
): Promise<number> {
  const scope = {
    tenant_id: suppression.tenantId ?? null,
    principal_id: suppression.principalId ?? null,
    token_id: suppression.tokenId ?? null,
    operation: suppression.operation ?? null,
    reason_code: suppression.reasonCode ?? null,
  }
  if (Object.values(scope).every(value => value === null)) {
    throw new KeyhoundError(
      'usage',
      'a suppression needs a scope: a tenant, principal, token, operation or reason code; without one it would hide every alert',
    )
  }
  if (suppression.expiresAt <= suppression.createdAt) {
    throw new KeyhoundError(
      'usage',
      `a suppression that expires at ${suppression.expiresAt.toISOString()} is over before it begins (now: ${suppression.createdAt.toISOString()})`,
    )
  }
  const { because, owner, createdAt, expiresAt } = suppression
  return inTransaction(state, async ({ db }) => {
    const { suppression_id: id } = await db
      .insertInto('suppressions')
      .values({
        ...scope,
        because,
        owner,
        created_at: createdAt.getTime(),
        expires_at: expiresAt.getTime(),
      })
      .returning('suppression_id')
      .executeTakeFirstOrThrow()
    await recordAudit(
      { db },
      {
        action: 'suppression.add',
        subject: `suppression:${id}`,
        tenantId: scope.tenant_id,
        details: { scope, because, owner, expiresAt },
      },
      { actor, at: createdAt },
    )
    return id
  })
}

/** Every suppression, expired ones included, oldest first. */
export async function listSuppressions(state: State): Promise<Suppression[]> {
  const rows = await state.db.selectFrom('suppressions').selectAll().orderBy('suppression_id').execute()
  return rows.map(suppressionOf)
}

/** The suppressions in force at a moment. */
export async function activeSuppressions(state: State, now: Date): Promise<Suppression[]> {
  const all = await listSuppressions(state)
  return all.filter(one => one.createdAt <= now && now < one.expiresAt)
}

/** Removes one; false when there is none of that id. */
export async function removeSuppression(state: State, suppressionId: number, by: By): Promise<boolean> {
  return inTransaction(state, async ({ db }) => {
    const removed = await db
      .deleteFrom('suppressions')
      .where('suppression_id', '=', suppressionId)
      .returningAll()
      .executeTakeFirst()
    if (removed === undefined) return false
    const { tenant_id: tenantId, because, owner, hits } = removed
    await recordAudit(
      { db },
      {
        action: 'suppression.remove',
        subject: `suppression:${suppressionId}`,
        tenantId,
        details: { because, owner, hits },
      },
      by,
    )
    return true
  })
}

/** Counts alerts that a suppression held back; adds in the database, so that concurrent counters lose nothing. */
export async function countHit(state: State, suppressionId: number, at: Date, count = 1): Promise<void> {
  await state.db
    .updateTable('suppressions')
    .set(({ eb }) => ({ hits: eb('hits', '+', count), last_hit_at: at.getTime() }))
    .where('suppression_id', '=', suppressionId)
    .execute()
}

/** Counts an alert that a suppression holds back, once, however often its day is scored and whenever a run is killed. */
export async function recordHit(
  state: State,
  suppressionId: number,
  alertId: string,
  at: Date,
): Promise<void> {
  await inTransaction(state, async within => {
    const fresh = await within.db
      .insertInto('suppression_hits')
      .values({ suppression_id: suppressionId, alert_id: alertId })
      .onConflict(conflict => conflict.columns(['suppression_id', 'alert_id']).doNothing())
      .returning('alert_id')
      .executeTakeFirst()
    if (fresh !== undefined) await countHit(within, suppressionId, at)
  })
}

/** Whether a scope covers an alert. */
export function covers(scope: SuppressionScope, facts: SuppressionFacts): boolean {
  const matches = (wanted: string | null | undefined, actual: string | null) =>
    wanted === null || wanted === undefined || wanted === actual
  return (
    matches(scope.tenantId, facts.tenantId) &&
    matches(scope.principalId, facts.principalId) &&
    matches(scope.tokenId, facts.tokenId) &&
    matches(scope.operation, facts.operation) &&
    matches(scope.reasonCode, facts.reasonCode)
  )
}

function suppressionOf(row: Selectable<SuppressionsTable>): Suppression {
  return {
    suppressionId: row.suppression_id,
    tenantId: row.tenant_id,
    principalId: row.principal_id,
    tokenId: row.token_id,
    operation: row.operation,
    reasonCode: row.reason_code,
    because: row.because,
    owner: row.owner,
    createdAt: new Date(row.created_at),
    expiresAt: new Date(row.expires_at),
    hits: row.hits,
  }
}
