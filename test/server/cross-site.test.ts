import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { PAGE_HEADER, refuseCrossSite } from '../../src/server/cross-site.ts'
import type { ProblemError } from '../../src/server/problem.ts'

const app = new Hono()
app.use(async (c, next) => {
  refuseCrossSite(c)
  await next()
})
app.all('*', c => c.text('done'))
app.onError((error, c) => c.text((error as ProblemError).code, 403))

const ask = async (method: string, headers: Record<string, string>) =>
  (await app.request('/v1/x', { method, headers: { host: 'keyhound.example', ...headers } })).text()
const page = { [PAGE_HEADER]: '1' }

describe('requests that a browser marks', () => {
  test.each([
    ['a program', {}, 'done', 'done'],
    ['the page', { 'sec-fetch-site': 'same-origin', ...page }, 'done', 'done'],
    [
      'the page behind TLS, in an old browser',
      { origin: 'https://keyhound.example', ...page },
      'done',
      'done',
    ],
    ['an address typed in', { 'sec-fetch-site': 'none' }, 'done', 'not-the-page'],
    ['a form of this site', { 'sec-fetch-site': 'same-origin' }, 'done', 'not-the-page'],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 'cross-site', 'cross-site'],
    ['another site with the header', { 'sec-fetch-site': 'cross-site', ...page }, 'cross-site', 'cross-site'],
    ['a sister site', { 'sec-fetch-site': 'same-site', ...page }, 'cross-site', 'cross-site'],
    [
      'another origin, in an old browser',
      { origin: 'https://evil.example', ...page },
      'cross-site',
      'cross-site',
    ],
    ['another port', { origin: 'http://keyhound.example:81', ...page }, 'cross-site', 'cross-site'],
    ['a sandboxed page', { origin: 'null', ...page }, 'cross-site', 'cross-site'],
    ['a file', { origin: 'file://', ...page }, 'cross-site', 'cross-site'],
  ])('%s', async (_, headers, read, changed) => {
    expect(await ask('GET', headers)).toBe(read)
    for (const method of ['POST', 'PATCH', 'DELETE']) expect(await ask(method, headers)).toBe(changed)
  })
})
