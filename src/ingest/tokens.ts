import type { Engine } from '../sql/duckdb.ts'
import { looksLikeCredential } from './credentials.ts'
import { bareToken, hashToken } from './identity.ts'
import type { TokenKind } from './source.ts'

export const LIVE_CREDENTIAL =
  'token_id: looks like a live credential, which --tokens identifier does not keep'
const NESTED = 'token_id: nested value where a plain one is expected'

/**
 * Fills the temporary table `kh_tokens (given, raw, bare, id, reason)` for a query of distinct texts as logs give them (one
 * column): `raw` is the token in one, `id` what may be stored, `reason` why it may not be. A text that says nothing has
 * no row. The only place where raw tokens meet JavaScript.
 */
export async function loadTokens(
  engine: Engine,
  distinct: string,
  kind: TokenKind,
  key: () => Buffer,
): Promise<void> {
  const { columns } = await engine.texts(`SELECT given, kh_text(given) AS raw FROM (${distinct}) d (given)`)
  const [texts = [], trimmed = []] = columns
  // Not left out by the query: the engine would ask that of every row of the log.
  const given = texts.filter((_, i) => trimmed[i] !== null)
  const raw = trimmed.filter(token => token !== null)
  const isSecret = kind === 'secret'
  const reason = raw.map(token => {
    if (/^[{[]/.test(token)) return NESTED
    return !isSecret && looksLikeCredential(token) ? LIVE_CREDENTIAL : null
  })
  const secret = isSecret && raw.length > 0 ? key() : Buffer.alloc(0)
  await engine.load('kh_tokens', {
    given,
    raw,
    // An id is no secret: nothing needs to be blotted out of the other columns.
    bare: raw.map(token => (isSecret ? bareToken(token) : null)),
    id: raw.map((token, i) => {
      if (isSecret) return hashToken(secret, token)
      return reason[i] === LIVE_CREDENTIAL ? null : token
    }),
    reason,
  })
}
