import { KeyhoundError } from '../lib/errors.ts'

/** What sinks and adapters are given of the world. */
export interface Outside {
  /** Where secrets are. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: () => Date
  /** How long one answer may take. */
  readonly timeoutMs: number
  /** Folder that relative paths of the configuration start from. */
  readonly root: string
  /** Keyhound's. */
  readonly productVersion: string
}

/** How one attempt ended; a final failure is not worth another attempt. */
export type Outcome =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly error: string
      readonly isFinal: boolean
      /** What the receiver asked for, null where it did not. */
      readonly retryAfterMs: number | null
    }

export function failure(error: string, isFinal = false, retryAfterMs: number | null = null): Outcome {
  return { ok: false, error, isFinal, retryAfterMs }
}

/** A secret from the environment. Throws `usage`, naming the variable, when it is not set. */
export function secretOf({ env }: Outside, variable: string, owner: string): string {
  const secret = env[variable]
  if (secret) return secret
  throw new KeyhoundError(
    'usage',
    `the environment variable ${variable}, which ${owner} names, is not set or empty`,
    { where: variable },
  )
}

/** This machine: what goes there is not seen on the way. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/**
 * Text from outside as one safe line for messages and terminals: control characters and marks that turn the direction of text
 * become spaces, secrets asterisks, and it is cut at `most` characters.
 */
export function safeLine(text: string, most: number, secrets: readonly string[] = []): string {
  const hidden = secrets
    .filter(secret => secret !== '')
    .reduce((shown, secret) => shown.split(secret).join('***'), text)
  const line = hidden
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .trim()
  return cut(line, most)
}

/** At most `most` UTF-16 units, never half of a character; what is cut shows by an ellipsis. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
