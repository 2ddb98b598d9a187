import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Selectable } from 'kysely'
import { KeyhoundError } from '../lib/errors.ts'
import { recordAudit } from './audit.ts'
import { type By, inTransaction, type State } from './state.ts'
import type { ApiKeysTable, Role } from './tables.ts'

/** An API key as it can be listed: the key itself is shown once, when it is made, and only its hash is kept. */
export interface ApiKey {
  /** The public part of the key. */
  readonly keyId: string
  readonly name: string
  readonly role: Role
  /** Null: every tenant. */
  readonly tenantId: string | null
  readonly createdAt: Date
  readonly createdBy: string
  /** To the minute. */
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
}

export interface NewApiKey {
  readonly name: string
  readonly role: Role
  /** @default null, every tenant */
  readonly tenantId?: string | null
}

/** `kh_<id, 12 hex digits>_<256 random bits, base64url>`: secret scanners know keys by their prefix. */
const KEY = /^kh_([0-9a-f]{12})_[\w-]{43}$/

const SECRET_BYTES = 32

/** Last use is written at most so often: keys are looked at on every request. */
const USE_STEP_MS = 60_000

/** Makes a key; `key` is the only time that it is seen. */
export async function createApiKey(
  state: State,
  { name, role, tenantId = null }: NewApiKey,
  by: By,
): Promise<ApiKey & { readonly key: string }> {
  const keyId = randomBytes(6).toString('hex')
  const key = `kh_${keyId}_${randomBytes(SECRET_BYTES).toString('base64url')}`
  await inTransaction(state, async ({ db }) => {
    await db
      .insertInto('api_keys')
      .values({
        key_id: keyId,
        name,
        role,
        tenant_id: tenantId,
        hash: hashOf(key).toString('hex'),
        created_at: by.at.getTime(),
        created_by: by.actor,
        last_used_at: null,
        revoked_at: null,
      })
      .execute()
    await recordAudit(
      { db },
      { action: 'key.create', subject: `key:${keyId}`, tenantId, details: { name, role } },
      by,
    )
  })
  return {
    key,
    keyId,
    name,
    role,
    tenantId,
    createdAt: by.at,
    createdBy: by.actor,
    lastUsedAt: null,
    revokedAt: null,
  }
}

/** The key that a caller shows, noted as used; null for one that is malformed, unknown, wrong or revoked. */
export async function verifyApiKey(state: State, key: string, now: Date): Promise<ApiKey | null> {
  const keyId = KEY.exec(key)?.[1]
  if (keyId === undefined) return null
  const row = await state.db.selectFrom('api_keys').selectAll().where('key_id', '=', keyId).executeTakeFirst()
  if (row === undefined) return null
  // Hashes of one length, compared in a time that tells nothing of how far they agree.
  if (!timingSafeEqual(hashOf(key), Buffer.from(row.hash, 'hex'))) return null
  if (row.revoked_at !== null) return null
  const noted = Math.floor(now.getTime() / USE_STEP_MS) * USE_STEP_MS
  if (row.last_used_at === null || row.last_used_at < noted) {
    await state.db.updateTable('api_keys').set({ last_used_at: noted }).where('key_id', '=', keyId).execute()
  }
  return keyOf({ ...row, last_used_at: Math.max(noted, row.last_used_at ?? noted) })
}

/** Every key, revoked ones included, oldest first. */
export async function listApiKeys(state: State): Promise<ApiKey[]> {
  const rows = await state.db
    .selectFrom('api_keys')
    .selectAll()
    .orderBy('created_at')
    .orderBy('key_id')
    .execute()
  return rows.map(keyOf)
}

/** Ends a key, now and for good. Throws `not-found` for an unknown one, `conflict` for one revoked before. */
export async function revokeApiKey(state: State, keyId: string, by: By): Promise<ApiKey> {
  return inTransaction(state, async ({ db }) => {
    const revoked = await db
      .updateTable('api_keys')
      .set({ revoked_at: by.at.getTime() })
      .where('key_id', '=', keyId)
      .where('revoked_at', 'is', null)
      .returningAll()
      .executeTakeFirst()
    if (revoked === undefined) {
      const known = await db
        .selectFrom('api_keys')
        .select('key_id')
        .where('key_id', '=', keyId)
        .executeTakeFirst()
      throw known === undefined
        ? new KeyhoundError('not-found', `there is no key ${keyId}; \`keyhound keys list\` shows them`)
        : new KeyhoundError('conflict', `key ${keyId} is revoked already`)
    }
    const { name, role, tenant_id: tenantId } = revoked
    await recordAudit(
      { db },
      { action: 'key.revoke', subject: `key:${keyId}`, tenantId, details: { name, role } },
      by,
    )
    return keyOf(revoked)
  })
}

/** A plain hash will do: the secret has 256 random bits, and nobody guesses those, however fast. */
function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

function keyOf(row: Selectable<ApiKeysTable>): ApiKey {
  return {
    keyId: row.key_id,
    name: row.name,
    role: row.role,
    tenantId: row.tenant_id,
    createdAt: new Date(row.created_at),
    createdBy: row.created_by,
    lastUsedAt: row.last_used_at === null ? null : new Date(row.last_used_at),
    revokedAt: row.revoked_at === null ? null : new Date(row.revoked_at),
  }
}
