import type { Row } from '@libsql/client'
import { KeyhoundError } from '../lib/errors.ts'
import { dateOf, type State, textOrNull } from './state.ts'

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
export async function addSuppression(state: State, suppression: NewSuppression): Promise<number> {
  const scope = [
    suppression.tenantId ?? null,
    suppression.principalId ?? null,
    suppression.tokenId ?? null,
    suppression.operation ?? null,
    suppression.reasonCode ?? null,
  ]
  if (scope.every(value => value === null)) {
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
  const { rows } = await state.client.execute({
    sql: `INSERT INTO suppressions (tenant_id, principal_id, token_id, operation, reason_code, because, owner, created_at, expires_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING suppression_id`,
    args: [
      ...scope,
      suppression.because,
      suppression.owner,
      suppression.createdAt.getTime(),
      suppression.expiresAt.getTime(),
    ],
  })
  return Number(rows[0]!.suppression_id)
}

/** Every suppression, expired ones included, oldest first. */
export async function listSuppressions(state: State): Promise<Suppression[]> {
  const { rows } = await state.client.execute('SELECT * FROM suppressions ORDER BY suppression_id')
  return rows.map(suppressionOf)
}

/** The suppressions in force at a moment. */
export async function activeSuppressions(state: State, now: Date): Promise<Suppression[]> {
  const all = await listSuppressions(state)
  return all.filter(one => one.createdAt <= now && now < one.expiresAt)
}

/** Removes one; false when there is none of that id. */
export async function removeSuppression(state: State, suppressionId: number): Promise<boolean> {
  const { rowsAffected } = await state.client.execute({
    sql: 'DELETE FROM suppressions WHERE suppression_id = ?',
    args: [suppressionId],
  })
  return rowsAffected > 0
}

/** Counts alerts that a suppression held back; adds in the database, so that concurrent counters lose nothing. */
export async function countHit(state: State, suppressionId: number, at: Date, count = 1): Promise<void> {
  await state.client.execute({
    sql: 'UPDATE suppressions SET hits = hits + ?, last_hit_at = ? WHERE suppression_id = ?',
    args: [count, at.getTime(), suppressionId],
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

function suppressionOf(row: Row): Suppression {
  return {
    suppressionId: Number(row.suppression_id),
    tenantId: textOrNull(row, 'tenant_id'),
    principalId: textOrNull(row, 'principal_id'),
    tokenId: textOrNull(row, 'token_id'),
    operation: textOrNull(row, 'operation'),
    reasonCode: textOrNull(row, 'reason_code'),
    because: String(row.because),
    owner: String(row.owner),
    createdAt: dateOf(row, 'created_at'),
    expiresAt: dateOf(row, 'expires_at'),
    hits: Number(row.hits),
  }
}
