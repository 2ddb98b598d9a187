import type { Role } from '../state/tables.ts'

/** Who makes a request: the holder of an API key, or whoever sits at this machine while there is no key at all. */
export interface Caller {
  /** Public part of the key; null without one. */
  readonly keyId: string | null
  readonly name: string
  readonly role: Role
  /** The only tenant that this caller sees; null for all. */
  readonly tenantId: string | null
}

/** What API keys are checked against. */
export interface KeyStore {
  /** The caller of a key; null for one that is malformed, unknown, wrong or revoked. Compares in constant time. */
  verify(key: string, now: Date): Promise<Caller | null>
  /** The caller of a key that was verified before, by its public part; null once it is revoked. */
  find(keyId: string): Promise<Caller | null>
  /** Whether there is any key in force. */
  hasAny(): Promise<boolean>
}

/** The local user of a server that has no keys: it listens to this machine alone. */
export const LOCAL: Caller = { keyId: null, name: 'local', role: 'admin', tenantId: null }

/** As the audit trail names the caller. */
export const actorOf = (caller: Caller): string => (caller.keyId === null ? 'local' : `key:${caller.keyId}`)

/** Whether a caller may see a row of a tenant. */
export function sees({ tenantId }: Caller, rowTenant: string | null): boolean {
  return tenantId === null || rowTenant === tenantId
}
