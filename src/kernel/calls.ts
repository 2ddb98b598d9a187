/** What an operation does. */
export const KINDS = ['read', 'write', 'delete'] as const
export const READ = 0
export const WRITE = 1
export const DELETE = 2

/**
 * Verbs that tell what an operation does when no HTTP method says it: `s3:DeleteObject`, `tasks.list`, `Closing issue`. Matched
 * anywhere in the operation. Alternatives of fixed length: the time to match grows with the text and no faster.
 */
export const DELETE_VERB =
  /delete|remove|destroy|purge|revoke|terminate|drop|deregister|detach|close|closing/i
export const READ_VERB =
  /get|list|read|describe|head|search|query|view|fetch|lookup|download|export|count|browse|select|assumerole/i

/**
 * Words of operations whose misuse hurts most: identities, credentials, permissions, money, bulk export, audit trail and
 * hooks that send data out. From OWASP API Security Top 10 2023 (API5: administrative functions; API6: sensitive flows).
 */
export const SENSITIVE_WORD =
  /admin|user|member|account|identit|role|permission|policy|policies|grant|scope|secret|credential|password|token|apikey|api_key|keys?(?:[./:_-]|$)|billing|invoice|payment|payout|refund|export|audit|trail|webhook|hook|backup|snapshot|sso|mfa|impersonat|transfer|config|setting/i

const READ_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * What a call does, by its method, else by the verb of its operation.
 *
 * @example kindOf('DELETE', null) // 2
 * @example kindOf(null, 's3:ListBuckets') // 0
 */
export function kindOf(method: string | null, operation: string | null): number {
  if (method === 'DELETE' || (operation !== null && DELETE_VERB.test(operation))) return DELETE
  if (method !== null) return READ_METHODS.has(method) ? READ : WRITE
  return operation !== null && READ_VERB.test(operation) ? READ : WRITE
}

/** Whether an operation (or path, where it has no name) is one of those whose misuse hurts most. */
export function isSensitive(operation: string | null, path: string | null): boolean {
  const text = operation ?? path
  return text !== null && SENSITIVE_WORD.test(text)
}
