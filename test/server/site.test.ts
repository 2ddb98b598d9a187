import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { openSite } from '../../src/server/site.ts'

const folder = mkdtempSync(join(tmpdir(), 'keyhound-site-'))
mkdirSync(join(folder, 'assets'))
writeFileSync(join(folder, 'index.html'), '<title>page</title>')
writeFileSync(join(folder, 'assets', 'main-abc.js'), 'console.log(1)')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the site', () => {
  const site = openSite(folder)!
  const ask = (path: string, headers: Record<string, string> = {}) => site.request(path, { headers })
  const html = { accept: 'text/html,application/xhtml+xml,*/*' }

  test('is none where nothing is built', () => {
    expect(openSite(join(folder, 'assets'))).toBeNull()
  })

  test('the document is looked at anew each time, assets never again', async () => {
    const document = await ask('/', html)
    expect(await document.text()).toBe('<title>page</title>')
    expect(document.headers.get('cache-control')).toBe('no-cache')
    const asset = await ask('/assets/main-abc.js')
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    const again = await ask('/', { ...html, 'if-none-match': document.headers.get('etag')! })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  test('nothing is let in but what this server has', async () => {
    const policy = (await ask('/', html)).headers.get('content-security-policy')!
    expect(policy).toContain("default-src 'none'; script-src 'self';")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
  })

  test('is packed for those who can unpack', async () => {
    const packed = await ask('/assets/main-abc.js', { 'accept-encoding': 'gzip, br' })
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(gunzipSync(new Uint8Array(await packed.arrayBuffer())).toString()).toBe('console.log(1)')
  })

  test.each([
    ['/tokens/some.token?tenant=x', html, 200],
    // Programs that ask for a place that is none are told so.
    ['/tokens', { accept: '*/*' }, 404],
    ['/v1/nothing', html, 404],
    ['/v1', html, 404],
    ['/openapi.json', html, 404],
    ['/assets/gone-abc.js', html, 404],
    ['/assets/..%2f..%2fpackage.json', html, 404],
    ['/../../package.json', { accept: '*/*' }, 404],
  ])('%s as %o: %i', async (path, headers, status) => {
    expect((await ask(path, headers)).status).toBe(status)
  })
})
