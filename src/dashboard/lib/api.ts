import createClient from 'openapi-fetch'
import type { paths } from '../../server/api-types.ts'
import type { Row } from './rows.ts'

export type { Row }

/** What the API answered instead of what was asked for. */
export class ApiError extends Error {
  /** HTTP status; 0 when there was no answer at all. */
  readonly status: number
  /** Stable, for programs: `role`, `not-found`. */
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
  }
}

/** The typed client: every path, parameter and answer as src/server/api-types.ts has it. The session travels in a cookie. */
export const api = createClient<paths>({
  baseUrl: location.origin,
  headers: { 'x-keyhound-page': '1' },
  credentials: 'same-origin',
})

interface Answered<T> {
  readonly data?: T
  readonly error?: unknown
  readonly response: Response
}

let whenLoggedOut = () => {}

/** Says what is to be done when the session is over. */
export function onLoggedOut(listener: () => void): void {
  whenLoggedOut = listener
}

/** The data of an answer: `await ask(api.GET('/v1/alerts', ...))`. Throws {@link ApiError} with the API's own words. */
export async function ask<T>(request: Promise<Answered<T>>): Promise<T> {
  let answered: Answered<T>
  try {
    answered = await request
  } catch {
    throw new ApiError(0, 'offline', 'the server does not answer')
  }
  const { data, error, response } = answered
  if (response.ok) return data as T
  const problem = error as Partial<Row<'Problem'>> | undefined
  if (response.status === 401 && problem?.code === 'no-key') whenLoggedOut()
  throw new ApiError(
    response.status,
    problem?.code ?? 'unknown',
    problem?.detail ?? `the server answered ${response.status}`,
  )
}

/** Every item of a list, page after page, up to `most`. */
export async function askAll<T>(
  page: (cursor: string | undefined) => Promise<Answered<{ items: T[]; next: string | null }>>,
  most = 2000,
): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const answer = await ask(page(cursor))
    items.push(...answer.items)
    cursor = answer.next ?? undefined
  } while (cursor !== undefined && items.length < most)
  return items
}
