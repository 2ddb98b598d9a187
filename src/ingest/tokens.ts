import { type Engine, quoteText } from '../sql/duckdb.ts'
import { CREDENTIAL_PATTERN, looksLikeCredential } from './credentials.ts'
import { bareToken, hashToken } from './identity.ts'
import type { TokenKind } from './source.ts'

export const LIVE_CREDENTIAL =
  'token_id: looks like a live credential, which --tokens identifier does not keep'
/** An anonymous request is no fault of the log: such rows are rejected and counted, but do not make a file bad. */
export const MISSING_TOKEN = 'token_id: missing'

/** A record that the source or the map leaves out: the request of a pair of which the answer counts. */
export const LEFT_OUT = 'row: left out, as the source or the map says'

/** Words that logs write in place of a token or a user where there was none, in lower case. */
export const NOBODY_WORDS: readonly string[] =
  'anonymous,unknown,none,null,nil,nobody,undefined,n/a,(null),(none),(unknown),<null>,<nil>,redacted,[redacted],<redacted>,[filtered],***,*****,********,xxxx,bearer,basic,system:anonymous,system:unauthenticated,unauthenticated,anonymous_user,anonymoususer'.split(
    ',',
  )
const NOBODY: ReadonlySet<string> = new Set(NOBODY_WORDS)

/** Does the text stand for nobody, so that its requests have no token? */
export function isNobody(text: string): boolean {
  return text.length < 24 && NOBODY.has(text.toLowerCase())
}

const NESTED = 'token_id: nested value where a plain one is expected'

/**
 * Whether a trimmed text is something else than the plain name of a token, as far as SQL can tell: true of all that {@link loadTokens} gives
 * a reason or another id under --tokens identifier, and of a few plain names too.
 */
export function isSuspectSql(text: string): string {
  const odd = quoteText(`[^!-~]|^[{\\[]|${CREDENTIAL_PATTERN}`)
  const nobody = [...NOBODY].map(quoteText).join(', ')
  const isSecretKey = `strlen(${text}) = 40 AND NOT regexp_full_match(${text}, '[0-9a-fA-F]+')`
  return `coalesce(regexp_matches(${text}, ${odd}) OR (${isSecretKey}) OR list_contains([${nobody}], lower(${text})), false)`
}

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
    if (isNobody(token) || isNobody(bareToken(token))) return MISSING_TOKEN
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
      if (reason[i] === LIVE_CREDENTIAL || reason[i] === MISSING_TOKEN) return null
      return isSecret ? hashToken(secret, token) : token
    }),
    reason,
  })
}
