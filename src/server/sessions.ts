import { createHash, randomBytes } from 'node:crypto'

/** A day's work, ms: nobody logs in twice a shift, and a browser left open overnight is logged out. */
export const SESSION_MS = 12 * 3_600_000
/** Sessions kept at most: who may open them holds a key, and the oldest go first. */
const MOST_SESSIONS = 1000
const ID_BYTES = 32

export interface Session {
  /** Public part of the key that opened it: what the key may do is looked up on every request. */
  readonly keyId: string
  /** ms since 1970 */
  readonly until: number
}

/** Who has logged in to the page. Kept in memory, ids as hashes: a restart logs everybody out, and nothing is to be stolen from disk. */
export interface Sessions {
  /** Opens a session; the answer is its id, known to the browser alone. */
  open(keyId: string, now: Date): string
  /** The session of an id; null for one that is unknown, ended or over. */
  find(id: string, now: Date): Session | null
  close(id: string): void
}

export function createSessions(): Sessions {
  const sessions = new Map<string, Session>()
  const hashOf = (id: string) => createHash('sha256').update(id).digest('base64')
  return {
    open(keyId, now) {
      const id = randomBytes(ID_BYTES).toString('base64url')
      for (const [hash, { until }] of sessions) if (until <= now.getTime()) sessions.delete(hash)
      while (sessions.size >= MOST_SESSIONS) sessions.delete(sessions.keys().next().value!)
      sessions.set(hashOf(id), { keyId, until: now.getTime() + SESSION_MS })
      return id
    },
    find(id, now) {
      const session = sessions.get(hashOf(id))
      return session === undefined || session.until <= now.getTime() ? null : session
    },
    close(id) {
      sessions.delete(hashOf(id))
    },
  }
}
