import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { Hono } from 'hono'
import type { ServerEnv } from './access.ts'

/** Where `npm run build` puts the page; the same place seen from src/server and from dist/server. */
export const BUILT_SITE = fileURLToPath(new URL('../../dist/dashboard', import.meta.url))

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
}

/**
 * Everything from this server alone, no inline script. The one inline style that is let in is the constant one that Observable Plot
 * writes into each of its pictures, known by its hash; it changes with a new major version of Plot, and the browser tests then tell.
 */
const PLOT_STYLE = "'sha256-jSYQUrW7J0b3jPqhZP9C2Xh1PyJKHKXd4s0fpGGKrww='"
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${PLOT_STYLE}`,
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The names of built assets hold a hash of their content: they are never asked for twice. */
const ASSET_CACHE = 'public, max-age=31536000, immutable'

interface SiteFile {
  readonly body: Uint8Array<ArrayBuffer>
  readonly gzipped: Uint8Array<ArrayBuffer>
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The built page as routes, from memory: only files that were there at the start are ever served, whatever an address says. Every
 * navigation outside /v1 gets the document, whose script shows the view of the address. Null when there is no built page.
 */
export function openSite(folder: string): Hono<ServerEnv> | null {
  if (!existsSync(join(folder, 'index.html'))) return null
  const files = new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
      .map(entry => {
        const path = join(entry.parentPath, entry.name)
        const address = `/${relative(folder, path).replaceAll('\\', '/')}`
        return [address, readSiteFile(path, address.startsWith('/assets/'))]
      }),
  )
  const site = new Hono<ServerEnv>()
  site.get('*', async (c, next) => {
    const { path } = c.req
    const file =
      files.get(path) ?? (isNavigation(path, c.req.header('accept')) ? files.get('/index.html') : undefined)
    if (file === undefined) return next()
    const { etag } = file.headers
    if (c.req.header('if-none-match') === etag)
      return new Response(null, { status: 304, headers: file.headers })
    const isGzipped = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '')
    return new Response(isGzipped ? file.gzipped : file.body, {
      headers: { ...file.headers, vary: 'accept-encoding', ...(isGzipped && { 'content-encoding': 'gzip' }) },
    })
  })
  return site
}

/** Whether a browser goes to an address as to a page; what the API answers at is never one. */
function isNavigation(path: string, accept = ''): boolean {
  const isOwn = /^\/(v1|assets)(\/|$)/.test(path) || path === '/openapi.json'
  return !isOwn && accept.includes('text/html')
}

function readSiteFile(path: string, isAsset: boolean): SiteFile {
  const body = new Uint8Array(readFileSync(path))
  return {
    body,
    gzipped: new Uint8Array(gzipSync(body)),
    headers: {
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      'cache-control': isAsset ? ASSET_CACHE : 'no-cache',
      'content-security-policy': PAGE_POLICY,
      'cross-origin-opener-policy': 'same-origin',
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    },
  }
}
