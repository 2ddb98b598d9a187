/**
 * Names under which requests carry a credential, matched whole: `csrf_token`, `cache_key` and `author` are none. Written for RE2,
 * which knows no look-ahead.
 */
const KEYS =
  'access[_-]?token|(?:x-)?api[_-]?key|api[_-]?token|auth[_-]?token|auth[_-]?key|authorization|bearer[_-]?token|subscription[_-]?key'
/** Cookies of a session: `PHPSESSID`, `JSESSIONID`, `connect.sid`, `ASP.NET_SessionId`, `laravel_session`. */
const SESSIONS =
  '(?:[a-z0-9.]+_)*sess(?:ion)?[_-]?id|[a-z]*sess(?:ion)?id|asp\\.net_sessionid|connect\\.sid|(?:[a-z0-9.]+_)*session|sid'
/** Names that may carry something else: a guess. */
const GUESSES = 'auth|token|key|jwt'

const VALUE = '([^;&"\\s]{4,})'

/** A named credential in fields that were added to a log's format, and in cookies; the value is the second group. */
const inFields = (names: string) => `(?i)(^|[;"\\s])(?:${names})="?${VALUE}`
/** A named credential in a query; the value is the second group. */
const inQuery = (names: string) => `(?i)([?&])(?:${names})=${VALUE}`

/** The group that holds the value. */
export const QUERY_KEY = 2
export const FIELD_KEY = inFields(KEYS)
export const FIELD_SESSION = inFields(SESSIONS)
export const FIELD_GUESS = inFields(GUESSES)
export const QUERY_SECRET = inQuery(KEYS)
export const QUERY_SESSION = inQuery(SESSIONS)
export const QUERY_GUESS = inQuery(GUESSES)
