import { listApiKeys, verifyApiKey } from '../state/api-keys.ts'
import type { State } from '../state/state.ts'
import type { KeyStore } from './caller.ts'

/** The keys in the state of the workspace. */
export function stateKeys(state: State): KeyStore {
  return {
    async verify(key, now) {
      const found = await verifyApiKey(state, key, now)
      if (found === null) return null
      const { keyId, name, role, tenantId } = found
      return { keyId, name, role, tenantId }
    },
    async hasAny() {
      return (await listApiKeys(state)).some(key => key.revokedAt === null)
    },
  }
}
