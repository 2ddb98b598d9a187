/**
 * What live credentials look like, after the published prefixes of their makers (GitHub, GitLab, Slack, Stripe, Google,
 * AWS, npm, SendGrid, OpenAI, Shopify...). AWS key ids (AKIA..., ASIA...) are left out: they name a key and open nothing.
 * Written for both RE2 (DuckDB) and JavaScript.
 */
const CREDENTIAL_FORMS = [
  'gh[pousr]_[A-Za-z0-9]{20,}',
  'github_pat_[A-Za-z0-9_]{20,}',
  'gl(?:pat|ptt|dt|rt|soat)-[A-Za-z0-9_-]{16,}',
  '(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}',
  'sk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,}',
  'xox[abeoprs]-[A-Za-z0-9-]{10,}',
  'xapp-[A-Za-z0-9-]{10,}',
  'AIza[A-Za-z0-9_-]{30,}',
  'ya29\\.[A-Za-z0-9_-]{20,}',
  'npm_[A-Za-z0-9]{30,}',
  'SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}',
  'shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{20,}',
  'dop_v1_[a-f0-9]{40,}',
  'hf_[A-Za-z0-9]{30,}',
  '-----BEGIN [A-Z ]*PRIVATE KEY',
]

/** A JSON Web Token (RFC 7519) for RE2, which takes time in proportion to the text. */
const WEB_TOKEN_PATTERN = 'eyJ[A-Za-z0-9_-]{6,}\\.[A-Za-z0-9_-]{6,}\\.?[A-Za-z0-9_-]*'
/**
 * The same for JavaScript, where `eyJeyJeyJ...` would take quadratic time: a run of characters is searched only where a period and
 * enough characters follow. The group holds the part of the run before the token.
 */
const WEB_TOKENS = /(?<![\w-])(?=[\w-]+\.[\w-]{6})([\w-]*?)eyJ[\w-]{6,}\.[\w-]{6,}\.?[\w-]*/g

/** Whole values that are credentials only as a whole: header forms, and AWS secret keys (40 base64 characters). */
const HEADER_FORM = /^\s*(bearer|basic|token|apikey)\s+\S+/i
const AWS_SECRET = /^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9/+])[A-Za-z0-9/+]{40}$/
const HEX_ONLY = /^[0-9a-fA-F]+$/

/** Any of the forms, anywhere in a text, for RE2. */
export const CREDENTIAL_PATTERN = [WEB_TOKEN_PATTERN, ...CREDENTIAL_FORMS].join('|')

/** Characters of the shortest form: a token of Slack. */
export const SHORTEST_FORM = 15
/** Bytes of the only form that needs neither "-" nor "_" nor ".": AIza... */
const SHORTEST_UNMARKED_FORM = 34

/** Whether a text can hold one of the forms, in SQL: most ids and hashes cannot, and are spared the pattern, which costs ten times as much. */
export function mayHoldCredentialSql(text: string): string {
  const marks = ['-', '_', '.'].map(mark => `contains(${text}, '${mark}')`).join(' OR ')
  return `strlen(${text}) >= ${SHORTEST_FORM} AND (strlen(${text}) >= ${SHORTEST_UNMARKED_FORM} OR ${marks})`
}

const CREDENTIALS = new RegExp(CREDENTIAL_FORMS.join('|'), 'g')

/** Does the value look like something that opens a door, rather than the name of one? Hex digests do not. */
export function looksLikeCredential(value: string): boolean {
  if (value.search(CREDENTIALS) >= 0 || value.search(WEB_TOKENS) >= 0 || HEADER_FORM.test(value)) return true
  return AWS_SECRET.test(value) && !HEX_ONLY.test(value)
}

/** What stands where a secret stood. */
export const REDACTED = '{secret}'

/** The text with every credential in it replaced. */
export function redact(text: string): string {
  return text
    .replace(WEB_TOKENS, `$1${REDACTED}`)
    .replace(CREDENTIALS, REDACTED)
    .replace(/\b(bearer|basic)(\s+|%20|\+)[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${REDACTED}`)
    .replace(
      /(token|api_?key|secret|passw(?:or)?d|signature|sess(?:ion)?_?id|\b(?:auth|sig|code|key|pwd|session))=[^&\s;,"]+/gi,
      `$1=${REDACTED}`,
    )
}
