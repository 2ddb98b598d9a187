import { looksLikeCredential, REDACTED, redact, SHORTEST_FORM } from './credentials.ts'

export interface PathParts {
  /** `/v2/tasks/{id}` */
  readonly template: string
  /** The literal before the last id, else the first that says something: `tasks`. */
  readonly resourceType: string | null
  /** The last id of the path. */
  readonly resourceId: string | null
  /** The path with credentials blotted out. */
  readonly path: string
}

/**
 * Templates under which the children of a segment are ids although they look like words (`/users/alice`), learned from
 * the log: a set of prefixes such as `/users`. Kept with the workspace, so that an operation keeps its name.
 */
export type LearnedPrefixes = ReadonlySet<string>

/** Segments that end in digits and are still words: versions, algorithms, encodings, products. */
const WORDS_WITH_DIGITS =
  /^(v\d+([._-]\d+)*([a-z]+\d*)?|(sha|md|base|utf|iso|rfc|win|x|h|hmac-?sha|rs|es|hs|ps|aes)-?_?\d+|oauth-?\d|http-?\d|20[0-9]{2}-\d{2}-\d{2}[a-z-]+)$/i

const ID_FORMS = [
  /^\d+$/, // numbers
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, // UUID (RFC 9562)
  /^(?=.*\d)[0-9a-f]{8,}$/i, // hashes, object ids, long hexadecimal
  /^\d{4}-\d{2}-\d{2}(T.*)?$/, // dates
  /^\d[\d.,:_-]*$/, // amounts, ranges, addresses, times
  /^[^@\s/]+@[^@\s/][^@\s/.]*\.[^@\s/]+$/, // e-mail addresses
  /^arn:/i,
  /^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9]{20,}={0,2}$/, // base62 and base64 codes
  /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9_-]{16,}={0,2}$/, // base64url codes
  /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, // ULID
  /^[A-Za-z]+[-_]\d{2,}$/, // TASK-123, user_42
  /^[A-Za-z]{1,16}\d{3,}$/, // order1456
  /^[A-Za-z]{2,6}_(?=.*\d)[A-Za-z0-9]{8,}$/, // cus_9s6XKzkNRiz8i3
  /^.{65,}$/, // nobody names an endpoint at such length
]

const PLACEHOLDER = /^(\{[^}]*\}|:[A-Za-z_]\w*|<[^>]+>)$/
const FILE_NAME = /^(.+)(\.[A-Za-z][A-Za-z0-9]{0,4})$/

/** `{id}` for a segment that names one object among many by its form alone; the segment itself otherwise. */
function formOf(segment: string): string {
  if (segment === '' || segment === REDACTED) return segment
  if (PLACEHOLDER.test(segment)) return '{id}'
  const text = decode(segment)
  if (WORDS_WITH_DIGITS.test(text)) return segment
  if (ID_FORMS.some(form => form.test(text))) return '{id}'
  const file = FILE_NAME.exec(text)
  if (file !== null && formOf(file[1]!) === '{id}') return `{id}${file[2]}`
  return segment
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The path of a URL or request line: `GET https://host/v1/x HTTP/1.1` -> `/v1/x`. */
export function barePath(text: string): string {
  const target = text.replace(/^[A-Z]+ (\S+)( HTTP\/[\d.]+)?$/, '$1')
  return target.replace(/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/]*/, '') || '/'
}

const isId = (segment: string) => segment.startsWith('{id}')

/** A segment without the credentials in it: a token as a segment, `;jsessionid=...`. */
function safeSegment(segment: string): string {
  if (segment.length >= SHORTEST_FORM && looksLikeCredential(decode(segment))) return REDACTED
  return segment.includes('=') ? redact(segment) : segment
}

/** No API nests its words so deep. Below, a path of many segments would cost the square of their number. */
const DEEPEST_LEARNED = 32

/** Splits a path into template and object, by form and by what was learned. Idempotent: a template is its own template. */
export function splitPath(path: string, learned: LearnedPrefixes): PathParts {
  const raw = path.split('/')
  const template: string[] = []
  const shown: string[] = []
  let resourceId: string | null = null
  let resourceType: string | null = null
  let word: string | null = null
  let firstWord: string | null = null
  for (let i = 0; i < raw.length; i++) {
    const segment = safeSegment(raw[i]!)
    shown.push(segment)
    let part = formOf(segment)
    const canBeLearned = i > 1 && i < DEEPEST_LEARNED
    if (
      part === segment &&
      part !== '' &&
      canBeLearned &&
      learned.has(template.join('/')) &&
      !FILE_NAME.test(part)
    )
      part = '{id}'
    template.push(part)
    if (isId(part)) {
      resourceId = PLACEHOLDER.test(segment) ? null : decode(segment)
      resourceType = word
    } else if (part !== '' && part !== REDACTED) {
      word = part
      if (firstWord === null && !/^(v\d+.*|api|rest|services?)$/i.test(part)) firstWord = part
    }
  }
  return {
    template: template.join('/'),
    resourceType: resourceType ?? firstWord,
    resourceId,
    path: shown.join('/'),
  }
}

/** A position with fewer different words is an API's own vocabulary. */
const MIN_CHILDREN = 30
/** Ids of objects come back seldom; the names of endpoints come back often (median requests a child). */
const MAX_MEDIAN_REQUESTS = 8
/** No API has so many endpoints under one segment. */
const SURELY_IDS = 400

/**
 * Prefixes of which the children are ids, from distinct paths and how often each was asked for: many different words,
 * most of them rare. The first segment is never an id, or a scanner's guesses would take the whole API with them.
 */
export function learnPrefixes(
  paths: readonly string[],
  requests: ArrayLike<number>,
  known: LearnedPrefixes,
): Set<string> {
  const learned = new Set(known)
  const asked = requestsByTemplate(paths, requests)
  // A prefix learned changes the templates below it: repeat until nothing new is found, at most once a level.
  for (let round = 0; round < 8; round++) {
    const children = new Map<string, Map<string, number>>()
    for (const [path, n] of asked) {
      const template = splitPath(path, learned).template.split('/')
      for (let i = 2; i < Math.min(template.length, DEEPEST_LEARNED); i++) {
        const part = template[i]!
        if (part === '' || isId(part) || part === REDACTED || FILE_NAME.test(part)) continue
        const prefix = template.slice(0, i).join('/')
        const words = children.get(prefix) ?? new Map<string, number>()
        words.set(part, (words.get(part) ?? 0) + n)
        children.set(prefix, words)
      }
    }
    const before = learned.size
    for (const [prefix, words] of children) if (areIds([...words.values()])) learned.add(prefix)
    if (learned.size === before) break
  }
  return learned
}

/** Requests by what the forms of a path's segments say, with nothing learned: some thousands where there are 100,000 paths. */
function requestsByTemplate(paths: readonly string[], requests: ArrayLike<number>): Map<string, number> {
  const nothing: LearnedPrefixes = new Set()
  const asked = new Map<string, number>()
  for (let p = 0; p < paths.length; p++) {
    const { template } = splitPath(paths[p]!, nothing)
    asked.set(template, (asked.get(template) ?? 0) + requests[p]!)
  }
  return asked
}

function areIds(requests: number[]): boolean {
  if (requests.length < MIN_CHILDREN) return false
  if (requests.length >= SURELY_IDS) return true
  const sorted = requests.sort((a, b) => a - b)
  return sorted[sorted.length >> 1]! <= MAX_MEDIAN_REQUESTS
}
