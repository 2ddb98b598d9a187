import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { OwnFeatureError } from '../features/own.ts'
import { type ErrorCode, KeyhoundError } from '../lib/errors.ts'

/** Every error is answered so: RFC 9457. */
export const Problem = z
  .strictObject({
    type: z.string().meta({ description: 'about:blank: the status says what kind of problem it is' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'stable, for programs' }),
    requestId: z.string(),
    errors: z
      .array(z.strictObject({ in: z.string(), path: z.string(), problem: z.string() }))
      .optional()
      .meta({ description: 'everything wrong with the request, at once' }),
  })
  .openapi('Problem')
export type Problem = z.infer<typeof Problem>

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** What a problem means for HTTP: the one place. */
const STATUS: Record<ErrorCode, number> = {
  usage: 400,
  'bad-input': 422,
  'not-found': 404,
  conflict: 409,
  'corrupt-artefact': 500,
  busy: 503,
  unavailable: 503,
  internal: 500,
}

/** A problem with a status of its own, and headers that belong to it. */
export class ProblemError extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>
  readonly errors: Problem['errors']

  constructor(
    status: number,
    code: string,
    detail: string,
    options: { headers?: Record<string, string>; errors?: Problem['errors'] } = {},
  ) {
    super(detail)
    this.name = 'ProblemError'
    this.status = status
    this.code = code
    this.headers = options.headers ?? {}
    this.errors = options.errors
  }
}

/** Anything thrown, as a problem. What is nobody's business but ours says no more than that. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  // It names a token, which may be another tenant's.
  if (error instanceof OwnFeatureError) return new ProblemError(500, 'internal', HIDDEN)
  if (error instanceof KeyhoundError) {
    const status = STATUS[error.code]
    const headers: Record<string, string> = status === 503 ? { 'retry-after': String(RETRY_SECONDS) } : {}
    return new ProblemError(
      status,
      error.code,
      status === 500 ? HIDDEN : (SAID[error.code] ?? error.message),
      { headers },
    )
  }
  if (error instanceof HTTPException) return new ProblemError(error.status, 'bad-request', error.message)
  return new ProblemError(500, 'internal', HIDDEN)
}

/** What stands in for words that name machines and processes of ours, or come from an engine or a database: those are the log's. */
const SAID: Partial<Record<ErrorCode, string>> = {
  busy: 'another run is at work on this workspace; try again later',
  unavailable: 'a part that is needed does not answer; try again later',
}

/** Seconds after which a caller may try again: runs that are in the way take some, and so does a server that comes back. */
const RETRY_SECONDS = 5

const HIDDEN = 'something failed on our side; the log has it under this request id'

/** The answer to a problem. */
export function answerProblem(c: Context, problem: ProblemError): Response {
  const { status, code, message, headers, errors } = problem
  const body: Problem = {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail: message,
    code,
    requestId: c.get('requestId') ?? '',
    ...(errors !== undefined && { errors }),
  }
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
  })
}
