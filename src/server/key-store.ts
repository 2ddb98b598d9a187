import { createHash } from 'node:crypto'
import { type ApiKey, listApiKeys, verifyApiKey } from '../state/api-keys.ts'
import type { State } from '../state/state.ts'
import type { Caller, KeyStore } from './caller.ts'
import { remembering } from './remembering.ts'

/** A key that is revoked, and the first key that is made, count after so long at the latest, ms: requests need not wait for the state. */
const KEPT_MS = 2000

/** The keys in the state of the workspace. What is kept in memory of a key is its hash. */
export function stateKeys(state: State): KeyStore {
  const inForce = remembering(
    async () => (await listApiKeys(state)).filter(key => key.revokedAt === null),
    KEPT_MS,
  )
  const keptCallers = new Map<string, { caller: Caller; until: number }>()
  return {
    async verify(key, now) {
      const hash = createHash('sha256').update(key).digest('base64')
      const known = keptCallers.get(hash)
      if (known !== undefined && now.getTime() < known.until) return known.caller
      keptCallers.delete(hash)
      const found = await verifyApiKey(state, key, now)
      if (found === null) return null
      const caller = callerOf(found)
      keptCallers.set(hash, { caller, until: now.getTime() + KEPT_MS })
      return caller
    },
    async find(keyId) {
      const found = (await inForce('')).find(key => key.keyId === keyId)
      return found === undefined ? null : callerOf(found)
    },
    hasAny: async () => (await inForce('')).length > 0,
  }
}

function callerOf({ keyId, name, role, tenantId }: ApiKey): Caller {
  return { keyId, name, role, tenantId }
}
