import type { Engine } from '../sql/duckdb.ts'
import { looksLikeCredential } from './credentials.ts'
import { bareToken, hashToken } from './identity.ts'
import type { TokenKind } from './source.ts'

export const LIVE_CREDENTIAL =
  'token_id: looks like a live credential, which --tokens identifier does not keep'

/**
 * Fills the temporary table `kh_tokens (raw, bare, id, reason)` for a query of distinct raw tokens (one text column):
 * `id` is what may be stored; `reason` says why a value may not be. The only place where raw tokens meet JavaScript.
 */
export async function loadTokens(
  engine: Engine,
  distinct: string,
  kind: TokenKind,
  key: () => Buffer,
): Promise<void> {
  const raw = (await engine.texts(distinct)).columns[0] ?? []
  const tokens = raw.filter(value => value !== null)
  if (kind === 'identifier') {
    const live = tokens.map(looksLikeCredential)
    await engine.load('kh_tokens', {
      raw: tokens,
      // An id is no secret: nothing needs to be blotted out of the other columns.
      bare: tokens.map(() => null),
      id: tokens.map((token, i) => (live[i] ? null : token)),
      reason: live.map(isLive => (isLive ? LIVE_CREDENTIAL : null)),
    })
    return
  }
  const secret = tokens.length > 0 ? key() : Buffer.alloc(0)
  await engine.load('kh_tokens', {
    raw: tokens,
    bare: tokens.map(bareToken),
    id: tokens.map(token => hashToken(secret, token)),
    reason: tokens.map(() => null),
  })
}
