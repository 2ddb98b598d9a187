import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ActionOutcome, ActionRequest, Adapter } from '../../src/respond/adapter.ts'
import { openAdapter } from '../../src/respond/open-adapter.ts'
import type { Outside } from '../../src/respond/outside.ts'
import type { Action } from '../../src/schema/playbooks.ts'
import { ALERT, configOf, NOW, outsideAt, SECRET } from './alerts.ts'
import { type Answer, type HttpReceiver, plainHeaders, type Received, receiveHttp } from './receivers.ts'

let folder: string
const closing: (() => Promise<void> | void)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-adapters-'))
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  rmSync(folder, { recursive: true, force: true })
})

async function receiver(answer?: (request: Received) => Answer | null): Promise<HttpReceiver> {
  const opened = await receiveHttp(answer)
  closing.push(opened.close)
  return opened
}

function open(adapter: object, more: Partial<Outside> = {}): Adapter {
  const { adapters } = configOf({ adapters: [{ name: 'a', ...adapter }] })
  return openAdapter(
    adapters[0]!,
    outsideAt(folder, () => NOW, more),
  )
}

const request = (action: Action, tokenId = 'token-1', principalId = 'ann'): ActionRequest => ({
  id: 'r1',
  action,
  playbook: 'takeover',
  alert: { ...ALERT, tokenId, principalId },
  undoAt: null,
})

/** A lookup program that notes what it was asked and answers `answer`. */
function lookupProgram(answer: string): { command: string[] } {
  const file = join(folder, 'lookup.cjs')
  writeFileSync(
    file,
    `let asked = ''
process.stdin.on('data', piece => { asked += piece }).on('end', () => {
  require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'asked.json'))}, asked)
  console.error('secret on stderr')
  ${answer}
})`,
  )
  return { command: [process.execPath, file] }
}

const basicOf = ({ headers }: Received) =>
  Buffer.from(String(headers.authorization).replace(/^Basic /, ''), 'base64').toString()

describe('webhook', () => {
  test('asks for the action, and for its undoing, each signed with an id of its own', async () => {
    const { url, received } = await receiver()
    const adapter = open({ kind: 'webhook', url, secretEnv: 'HOOK' }, { clock: () => new Date() })
    expect(await adapter.execute(request('restrict'))).toEqual({ ok: true, detail: { answered: 204 } })
    expect(await adapter.undo!(request('restrict'), {})).toMatchObject({ ok: true })
    const messages = received.map(one => new Webhook(SECRET).verify(one.body, plainHeaders(one.headers)))
    expect(messages).toMatchObject([
      { type: 'response.restrict', data: { id: 'r1', playbook: 'takeover', alert: { tokenId: 'token-1' } } },
      { type: 'response.restrict.undo', data: { id: 'r1' } },
    ])
    expect(received.map(one => one.headers['webhook-id'])).toEqual(['r1', 'r1-undo'])
  })
})

describe('OAuth 2.0 token revocation (RFC 7009)', () => {
  const oauth = (url: string, more = {}) => ({
    kind: 'oauth-revocation',
    url,
    clientId: 'key:hound',
    secretEnv: 'CLIENT',
    ...more,
  })
  const env = { CLIENT: 's&cret %', PATH: process.env.PATH, HOOK: SECRET }

  test('the token of a lookup program in a form, the client by Basic, form-encoded first', async () => {
    const { url, received } = await receiver(() => ({ status: 200 }))
    const lookup = lookupProgram(`console.log(JSON.stringify({ token: 'raw+token/1' }))`)
    const adapter = open(oauth(`${url}/revoke`, { lookup, tokenTypeHint: 'refresh_token' }), { env })
    expect(await adapter.execute(request('revoke'))).toEqual({ ok: true, detail: { answered: 200 } })
    expect(received[0]).toMatchObject({
      method: 'POST',
      path: '/revoke',
      body: 'token=raw%2Btoken%2F1&token_type_hint=refresh_token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(basicOf(received[0]!)).toBe('key%3Ahound:s%26cret+%25')
    const { readFileSync } = await import('node:fs')
    expect(JSON.parse(readFileSync(join(folder, 'asked.json'), 'utf8'))).toEqual({
      type: 'token.lookup',
      data: { tokenId: 'token-1', tenantId: 'acme', principalId: 'ann', alertId: 'abc1' },
    })
    expect(adapter.undo).toBeUndefined()
  })

  test('the token of a lookup webhook, which can verify who asks; without one the token id', async () => {
    const vault = await receiver(() => ({ status: 200, body: '{"token":"from-vault"}' }))
    const { url, received } = await receiver(() => ({ status: 200 }))
    const lookup = { url: vault.url, secretEnv: 'HOOK' }
    const clock = () => new Date()
    await open(oauth(url, { lookup }), { env, clock }).execute(request('revoke'))
    await open(oauth(url), { env }).execute(request('revoke'))
    expect(received.map(one => new URLSearchParams(one.body).get('token'))).toEqual(['from-vault', 'token-1'])
    const { body, headers } = vault.received[0]!
    expect(new Webhook(SECRET).verify(body, plainHeaders(headers))).toMatchObject({ type: 'token.lookup' })
  })

  test('what fails, and never a word of the token', async () => {
    const { url, received } = await receiver(({ body }) => ({ status: 503, body }))
    const failing: [string, string][] = [
      [`console.log(JSON.stringify({ token: 'raw-token' }))`, 'answered 503'],
      [`console.log('raw-token')`, 'the lookup answered no JSON object'],
      [`console.log('{}')`, 'the lookup answered no "token"'],
      [`console.log('raw-token'); process.exitCode = 7`, 'the lookup ended with exit code 7'],
      [`console.log('x'.repeat(100_000))`, 'the lookup ended with SIGKILL'],
    ]
    for (const [answer, error] of failing) {
      const outcome = await open(oauth(url, { lookup: lookupProgram(answer) }), {
        env,
        timeoutMs: 60_000,
      }).execute(request('revoke'))
      expect(outcome).toMatchObject({ ok: false, error: expect.stringContaining(error) })
      expect(JSON.stringify(outcome)).not.toMatch(/raw-token|secret/)
    }
    expect(received).toHaveLength(1)
    const missing = open(oauth(url, { lookup: { command: ['/no/such/program'] } }), { env })
    expect(await missing.execute(request('revoke'))).toMatchObject({
      error: expect.stringContaining('ENOENT'),
    })
    const slow = open(oauth(url, { lookup: lookupProgram('setTimeout(() => {}, 60_000)') }), {
      env,
      timeoutMs: 300,
    })
    expect(await slow.execute(request('revoke'))).toMatchObject({ error: 'the lookup ended with SIGKILL' })
  })
})

describe('AWS IAM, against a stand-in that speaks the Query protocol', () => {
  const KEY = 'AKIAIOSFODNN7EXAMPLE'
  const env = { AWS_ACCESS_KEY_ID: 'AKIAKEYHOUNDOWNKEY00', AWS_SECRET_ACCESS_KEY: 'own-secret' }

  /** Users by key; the statuses are what a client has set. */
  async function iam(users: Record<string, string>, fail?: Answer) {
    const statuses = new Map<string, string>()
    const xml = (name: string, result: string): Answer => ({
      status: 200,
      headers: { 'content-type': 'text/xml' },
      body: `<${name}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">${result}<ResponseMetadata><RequestId>q1</RequestId></ResponseMetadata></${name}Response>`,
    })
    const opened = await receiver(({ body }) => {
      if (fail) return fail
      const form = new URLSearchParams(body)
      const key = form.get('AccessKeyId')!
      const user = users[key]
      if (form.get('Action') === 'GetAccessKeyLastUsed') {
        const name = user === undefined ? '' : `<UserName>${user}</UserName>`
        return xml(
          'GetAccessKeyLastUsed',
          `<GetAccessKeyLastUsedResult>${name}<AccessKeyLastUsed><ServiceName>s3</ServiceName><Region>us-east-1</Region></AccessKeyLastUsed></GetAccessKeyLastUsedResult>`,
        )
      }
      if (form.get('UserName') !== user) return { status: 404 }
      statuses.set(key, form.get('Status')!)
      return xml('UpdateAccessKey', '')
    })
    return { ...opened, statuses }
  }
  const aws = (endpoint: string, more = {}) => ({ kind: 'aws-iam', endpoint, ...more })

  test('finds whose key it is, deactivates it, and activates it again', async () => {
    const { url, received, statuses } = await iam({ [KEY]: 'ann' })
    const adapter = open(aws(url), { env })
    const detail = { accessKeyId: KEY, userName: 'ann', status: 'Inactive' }
    expect(await adapter.execute(request('restrict', KEY))).toEqual({ ok: true, detail })
    expect(statuses.get(KEY)).toBe('Inactive')
    const form = (i: number) => Object.fromEntries(new URLSearchParams(received[i]!.body))
    expect(form(0)).toEqual({ Action: 'GetAccessKeyLastUsed', Version: '2010-05-08', AccessKeyId: KEY })
    expect(form(1)).toEqual({
      Action: 'UpdateAccessKey',
      Version: '2010-05-08',
      UserName: 'ann',
      AccessKeyId: KEY,
      Status: 'Inactive',
    })
    // SigV4: by our own key, for IAM in the region, over host, date and body.
    for (const { method, path, headers } of received) {
      expect([method, path]).toEqual(['POST', '/'])
      expect(headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=AKIAKEYHOUNDOWNKEY00\/\d{8}\/us-east-1\/iam\/aws4_request, SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*x-amz-date[a-z0-9;-]*, Signature=[0-9a-f]{64}$/,
      )
      expect(headers['x-amz-date']).toMatch(/^\d{8}T\d{6}Z$/)
    }
    expect(await adapter.undo!(request('restrict', KEY), detail)).toMatchObject({
      ok: true,
      detail: { status: 'Active' },
    })
    expect(statuses.get(KEY)).toBe('Active')
  })

  test('leaves alone what it must: its own key, temporary credentials, hashes, keys without a user', async () => {
    const { url, received } = await iam({})
    const adapter = open(aws(url), { env })
    const refused: [string, string][] = [
      [env.AWS_ACCESS_KEY_ID, 'Keyhound itself'],
      ['ASIAIOSFODNN7EXAMPLE', 'temporary credentials'],
      ['Zm9vYmFyYmF6cXV4-hashed_token-id', 'no access key id'],
    ]
    for (const [key, error] of refused)
      expect(await adapter.execute(request('restrict', key))).toMatchObject({
        isFinal: true,
        error: expect.stringContaining(error),
      })
    expect(received).toEqual([])
    expect(await adapter.execute(request('restrict', KEY))).toMatchObject({
      error: expect.stringContaining('names no user'),
    })
  })

  test('what IAM refuses is final, what it cannot do now is not', async () => {
    const error = (status: number, code: string): Answer => ({
      status,
      headers: { 'content-type': 'text/xml' },
      body: `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>${code}</Code><Message>may not</Message></Error><RequestId>q1</RequestId></ErrorResponse>`,
    })
    const denied = await iam({}, error(403, 'AccessDenied'))
    expect(await open(aws(denied.url), { env }).execute(request('restrict', KEY))).toMatchObject({
      isFinal: true,
      error: 'IAM answered AccessDenied: may not',
    })
    const down = await iam({}, error(503, 'ServiceUnavailable'))
    expect(await open(aws(down.url), { env }).execute(request('restrict', KEY))).toMatchObject({
      isFinal: false,
    })
    await down.close()
    expect(await open(aws(down.url), { env }).execute(request('restrict', KEY))).toMatchObject({
      isFinal: false,
      error: 'no connection (ECONNREFUSED)',
    })
  })
})

describe('GitHub, as its REST documentation says', () => {
  const env = { GITHUB: 'github-secret', PATH: process.env.PATH }
  const documented = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }

  test('DELETE /applications/{client_id}/token, authenticated as the app', async () => {
    const { url, received } = await receiver()
    const lookup = lookupProgram(`console.log(JSON.stringify({ token: 'gho_raw' }))`)
    const adapter = open(
      { kind: 'github-app-token', url, clientId: 'Iv1.8a61', secretEnv: 'GITHUB', lookup },
      { env },
    )
    expect(await adapter.execute(request('revoke'))).toEqual({ ok: true, detail: { answered: 204 } })
    expect(received[0]).toMatchObject({
      method: 'DELETE',
      path: '/applications/Iv1.8a61/token',
      headers: documented,
      body: '{"access_token":"gho_raw"}',
    })
    expect(basicOf(received[0]!)).toBe('Iv1.8a61:github-secret')
  })

  test('POST /orgs/{org}/personal-access-tokens/{pat_id} as a GitHub App', async () => {
    const { url, received } = await receiver()
    const pat = { kind: 'github-org-pat', url: `${url}/api/v3/`, organization: 'acme', secretEnv: 'GITHUB' }
    expect(await open(pat, { env }).execute(request('revoke', '25381'))).toMatchObject({ ok: true })
    expect(received[0]).toMatchObject({
      method: 'POST',
      path: '/api/v3/orgs/acme/personal-access-tokens/25381',
      headers: { ...documented, authorization: 'Bearer github-secret' },
      body: '{"action":"revoke"}',
    })
    expect(await open(pat, { env }).execute(request('revoke', '1/../2'))).toMatchObject({
      error: expect.stringContaining('give the adapter a lookup'),
    })
    const lookup = lookupProgram(`console.log('{"patId": 7}')`)
    await open({ ...pat, lookup }, { env }).execute(request('revoke'))
    expect(received[1]!.path).toMatch(/\/7$/)
  })

  test('an unknown token, told without it', async () => {
    const { url } = await receiver(({ body }) => ({ status: 404, body: `{"message":"Not Found ${body}"}` }))
    const lookup = lookupProgram(`console.log(JSON.stringify({ token: 'gho_raw' }))`)
    const app = { kind: 'github-app-token', url, clientId: 'x', secretEnv: 'GITHUB', lookup }
    const outcome = await open(app, { env }).execute(request('revoke'))
    expect(outcome).toMatchObject({ ok: false, isFinal: true, error: expect.stringContaining('404') })
    expect(JSON.stringify(outcome)).not.toContain('gho_raw')
  })
})

describe('mail to the owner', () => {
  test('instructions to one address of an allowed domain, whatever the principal is called', async () => {
    const got: { to: string[]; text: string }[] = []
    const server = new SMTPServer({
      disabledCommands: ['STARTTLS', 'AUTH'],
      async onData(stream, session, done) {
        let text = ''
        for await (const piece of stream) text += piece
        got.push({ to: session.envelope.rcptTo.map(one => one.address), text })
        done()
      },
    })
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    closing.push(() => new Promise(done => server.close(() => done())))
    const { port } = server.server.address() as AddressInfo
    const owner = (to: string, principal: string): Promise<ActionOutcome> =>
      open({
        kind: 'email',
        host: '127.0.0.1',
        port,
        tls: 'none',
        from: 'security@example.com',
        to,
        domains: ['Example.com'],
      }).execute(request('notify-owner', 'token-1', principal))
    expect(await owner('{{principal}}@example.com', 'ann')).toEqual({
      ok: true,
      detail: { to: 'ann@example.com' },
    })
    expect(await owner('{{principal}}', 'bob@EXAMPLE.com')).toMatchObject({ ok: true })
    for (const hostile of [
      'eve@evil.example',
      'ann@example.com, eve@evil.example',
      'ann@example.com\r\nBcc: eve@evil.example',
      '"x" <eve@evil.example>',
      '',
    ])
      expect(await owner('{{principal}}', hostile), hostile).toMatchObject({ ok: false, isFinal: true })
    expect(got.map(one => one.to)).toEqual([['ann@example.com'], ['bob@example.com']])
    expect(got[0]!.text).toContain('Message-ID: <r1@example.com>')
    expect(got[0]!.text).toContain('create a new token with the same rights, or fewer')
  })
})
