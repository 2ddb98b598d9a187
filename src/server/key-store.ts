import { createHash } from 'node:crypto'
import { listApiKeys, verifyApiKey } from '../state/api-keys.ts'
import type { State } from '../state/state.ts'
import type { Caller, KeyStore } from './caller.ts'
import { remembering } from './remembering.ts'

/** A key that is revoked, and the first key that is made, count after so long at the latest, ms: requests need not wait for the state. */
const KEPT_MS = 2000

/** The keys in the state of the workspace. What is kept in memory of a key is its hash. */
export function stateKeys(state: State): KeyStore {
  const anyKey = async () => (await listApiKeys(state)).some(key => key.revokedAt === null)
  const keptAny = remembering(anyKey, KEPT_MS)
  const keptCallers = new Map<string, { caller: Caller; until: number }>()
  return {
    async verify(key, now) {
      const hash = createHash('sha256').update(key).digest('base64')
      const known = keptCallers.get(hash)
      if (known !== undefined && now.getTime() < known.until) return known.caller
      keptCallers.delete(hash)
      const found = await verifyApiKey(state, key, now)
      if (found === null) return null
      const { keyId, name, role, tenantId } = found
      const caller = { keyId, name, role, tenantId }
      keptCallers.set(hash, { caller, until: now.getTime() + KEPT_MS })
      return caller
    },
    hasAny: () => keptAny(''),
  }
}
