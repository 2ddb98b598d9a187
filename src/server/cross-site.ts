import type { Context } from 'hono'
import { ProblemError } from './problem.ts'

/** What the page sends with each request: other sites cannot add a header without asking this server first, and it never consents. */
export const PAGE_HEADER = 'x-keyhound-page'

/** Whether a method only reads. */
export const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD'

/**
 * Refuses what a browser sends on behalf of another site, with and without keys: without any, whoever reaches this server may do
 * everything, and a web page reaches it through its reader's browser. Browsers mark their requests (Sec-Fetch-Site, Origin) and pages
 * cannot take the marks off; programs send neither, and go on.
 */
export function refuseCrossSite({ req }: Context): void {
  const site = req.header('sec-fetch-site')
  const origin = req.header('origin')
  if (site === undefined && origin === undefined) return
  if (site !== undefined ? site !== 'same-origin' && site !== 'none' : !isOwn(origin!, req.header('host'))) {
    throw new ProblemError(403, 'cross-site', 'this server answers its own page, not those of other sites')
  }
  if (!isSafe(req.method) && req.header(PAGE_HEADER) === undefined) {
    throw new ProblemError(
      403,
      'not-the-page',
      `a browser changes things beside the header ${PAGE_HEADER} only`,
    )
  }
}

/** Whether an origin is this server by the name that it was asked by; the scheme is a proxy's, where one ends TLS. */
function isOwn(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false
  const { protocol, host: named } = new URL(origin)
  const own = `${protocol}//${host}`
  return named !== '' && URL.canParse(own) && new URL(own).host === named
}
