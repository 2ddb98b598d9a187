import { KeyhoundError } from '../lib/errors.ts'
import { failure, isLoopback, type Outcome, type Outside, safeLine } from './outside.ts'

export interface HttpCall {
  readonly url: string
  /** @default 'POST' */
  readonly method?: 'POST' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Never repeated in what is said of a failure. */
  readonly secrets: readonly string[]
}

/** A 2xx answer, or what went wrong. */
export type HttpAnswer =
  | { readonly ok: true; readonly status: number; readonly body: string }
  | (Extract<Outcome, { ok: false }> & { readonly status: number | null })

/** Answers worth another attempt: RFC 9110 says of these that the same request may succeed later. */
const PASSING = new Set([408, 425, 429])
/** Longest answer that is read; what is asked for is a few hundred bytes. */
const MOST_ANSWER_BYTES = 65_536
/** A receiver may not put us off for longer. */
const MOST_RETRY_AFTER_MS = 86_400_000

/** Throws `usage` for plain http to another machine, unless allowed; the message names the host only, since paths hold secrets. */
export function checkUrl(url: string, allowHttp: boolean, owner: string): void {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' }
  if (protocol === 'https:' || (protocol === 'http:' && (allowHttp || isLoopback(hostname)))) return
  const what = protocol === 'http:' ? `plain http to ${hostname}` : 'an address that is not https'
  throw new KeyhoundError(
    'usage',
    `${owner} has ${what}; use https, or set "allowHttp": true where the way there is trusted`,
  )
}

/** One request: no redirect is followed (it could lead a secret elsewhere), the time is limited, and so is what is read. */
export async function call(outside: Omit<Outside, 'env'>, request: HttpCall): Promise<HttpAnswer> {
  const { url, method = 'POST', headers, body, secrets } = request
  try {
    const response = await fetch(url, {
      method,
      headers: { 'user-agent': `Keyhound/${outside.productVersion}`, ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(outside.timeoutMs),
    })
    const text = await readLimited(response)
    if (response.ok) return { ok: true, status: response.status, body: text }
    const { status } = response
    const said = safeLine(text, 200, secrets)
    return {
      ok: false,
      status,
      error: `answered ${status}${status >= 300 && status < 400 ? ', a redirect, which is not followed' : said && `: ${said}`}`,
      isFinal: status < 500 && !PASSING.has(status),
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), outside.clock()),
    }
  } catch (error) {
    return { ok: false, status: null, error: networkError(error), isFinal: false, retryAfterMs: null }
  }
}

/** How the attempt ended, without what the receiver said on success. */
export function outcomeOf(answer: HttpAnswer): Outcome {
  return answer.ok ? { ok: true } : failure(answer.error, answer.isFinal, answer.retryAfterMs)
}

/** RFC 7617. */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

async function readLimited(response: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let size = 0
  if (response.body !== null) {
    for await (const piece of response.body) {
      pieces.push(piece as Uint8Array)
      size += (piece as Uint8Array).length
      if (size >= MOST_ANSWER_BYTES) break
    }
  }
  return Buffer.concat(pieces).subarray(0, MOST_ANSWER_BYTES).toString()
}

/** RFC 9110, section 10.2.3: seconds or a date. Null where there is none or it says nothing. */
export function retryAfterMs(header: string | null, now: Date): number | null {
  if (header === null) return null
  const ms = /^\d+$/.test(header.trim()) ? 1000 * Number(header) : Date.parse(header) - now.getTime()
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), MOST_RETRY_AFTER_MS)
}

/** The short name of a network error; texts of the platform may repeat the address, codes do not. */
export function networkError(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'no answer in time'
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return `no connection (${at.code})`
  }
  return 'no connection'
}
