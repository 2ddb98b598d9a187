import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { SMTPServer } from 'smtp-server'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OCSF_VERSION } from '../../src/respond/ocsf.ts'
import { openSink } from '../../src/respond/open-sink.ts'
import type { Outcome, Outside } from '../../src/respond/outside.ts'
import { sendPage } from '../../src/respond/send-page.ts'
import type { SinkOf } from '../../src/schema/sinks.ts'
import { ALERT, configOf, FIRST, NOW, outsideAt, SECRET } from './alerts.ts'
import { type JsonSchema, problemsOf } from './json-schema.ts'
import { type Answer, type HttpReceiver, plainHeaders, receiveHttp } from './receivers.ts'

let folder: string
const closing: (() => Promise<void> | void)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-sinks-'))
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  rmSync(folder, { recursive: true, force: true })
})

async function receiver(answer?: () => Answer | null): Promise<HttpReceiver> {
  const opened = await receiveHttp(answer)
  closing.push(opened.close)
  return opened
}

/** Renders the alert and makes one attempt. */
async function tell(
  sink: Record<string, unknown>,
  more: Partial<Outside> = {},
  id = 'kh_1',
): Promise<Outcome> {
  const { sinks } = configOf({ sinks: [{ name: 'soc', ...sink }] })
  const opened = openSink(
    sinks[0]!,
    outsideAt(folder, () => NOW, more),
  )
  const payload = opened.render({ alert: ALERT, events: new Map(), deliveryId: id }, NOW)
  return opened.send({ id, payload, createdAt: NOW })
}

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
})()
const needsOpenssl = hasOpenssl ? '' : ' (left out: no openssl to make a certificate)'

/** A certificate for 127.0.0.1 that nobody trusts, as `cert.pem` of the folder. */
function makeCertificate(): { key: Buffer; cert: Buffer } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', [...make, '-keyout', key, '-out', cert, '-days', '2', ...subject], {
    stdio: 'ignore',
  })
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

describe('webhook', () => {
  const hook = (url: string) => ({ kind: 'webhook', url, secretEnv: 'HOOK' })

  test("the receiver's verifier accepts it; the id is the idempotency key; a changed body or another secret is refused", async () => {
    const { url, received } = await receiver()
    // The verifier knows the real time only.
    const clock = () => new Date()
    expect(await tell(hook(`${url}/in`), { clock })).toEqual({ ok: true })
    const [{ method, path, headers, body }] = received as [(typeof received)[0]]
    expect([method, path, headers['webhook-id'], headers['content-type']]).toEqual([
      'POST',
      '/in',
      'kh_1',
      'application/json',
    ])
    const message = new Webhook(SECRET).verify(body, plainHeaders(headers))
    expect(message).toMatchObject({
      type: 'alert.raised',
      timestamp: NOW.toISOString(),
      data: {
        deliveryId: 'kh_1',
        alertId: 'abc1',
        severity: 'critical',
        risk: 97.25,
        firstSeen: '2026-10-08T03:00:00.000Z',
        reasons: [{ code: 'new_client' }, { code: 'rate' }],
        evidence: ['e1'],
      },
    })
    const headersAsText = plainHeaders(headers)
    expect(() => new Webhook(SECRET).verify(body.replace('critical', 'info'), headersAsText)).toThrow(
      'signature',
    )
    const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    expect(() => new Webhook(other).verify(body, headersAsText)).toThrow('signature')
    // While a secret is replaced both sign.
    expect(await tell(hook(url), { clock, env: { HOOK: `${other} ${SECRET}` } })).toEqual({ ok: true })
    for (const secret of [other, SECRET])
      expect(new Webhook(secret).verify(received[1]!.body, plainHeaders(received[1]!.headers))).toBeDefined()
  })

  test('what is worth another attempt, and what is not; nothing secret in what is said of it', async () => {
    const answers: [Answer, object][] = [
      [
        { status: 503, headers: { 'retry-after': '7' }, body: `key ${SECRET}\nbad` },
        { error: 'answered 503: key *** bad', isFinal: false, retryAfterMs: 7000 },
      ],
      [{ status: 429 }, { error: 'answered 429', isFinal: false }],
      [
        { status: 400, body: 'no such field' },
        { error: 'answered 400: no such field', isFinal: true },
      ],
    ]
    for (const [answer, expected] of answers) {
      const { url } = await receiver(() => answer)
      expect(await tell(hook(url))).toMatchObject({ ok: false, ...expected })
    }
  })

  test('a redirect is not followed', async () => {
    const elsewhere = await receiver()
    const { url } = await receiver(() => ({ status: 307, headers: { location: elsewhere.url } }))
    expect(await tell(hook(url))).toMatchObject({
      error: 'answered 307, a redirect, which is not followed',
      isFinal: true,
    })
    expect(elsewhere.received).toEqual([])
  })

  test('a receiver that never answers, and one that is not there', async () => {
    const { url, close } = await receiver(() => null)
    expect(await tell(hook(url), { timeoutMs: 50 })).toMatchObject({
      error: 'no answer in time',
      isFinal: false,
    })
    await close()
    expect(await tell(hook(url))).toMatchObject({ error: 'no connection (ECONNREFUSED)', isFinal: false })
  })

  test('refused before anything is sent: no secret, a guessable secret, plain http elsewhere', async () => {
    await expect(tell(hook('https://soc.example'), { env: {} })).rejects.toThrow('variable HOOK')
    await expect(tell(hook('https://soc.example'), { env: { HOOK: 'whsec_c2hvcnQ=' } })).rejects.toThrow(
      /^((?!c2hvcnQ).)*no webhook secret/,
    )
    await expect(tell(hook('http://soc.example'))).rejects.toThrow('plain http to soc.example')
  })
})

describe('Slack', () => {
  test('a Block Kit message within its limits, in which the log cannot mention anybody', async () => {
    const { url, received } = await receiver(() => ({ status: 200, body: 'ok' }))
    const env = { SLACK: `${url}/services/T0/B0/very-secret` }
    const template = { title: '{{title}} '.repeat(9), text: '*{{title}}*\n{{reasons}}' }
    expect(await tell({ kind: 'slack', urlEnv: 'SLACK', template }, { env })).toEqual({ ok: true })
    const message = JSON.parse(received[0]!.body)
    expect(received[0]!.path).toBe('/services/T0/B0/very-secret')
    expect(message.blocks.map((block: { type: string }) => block.type)).toEqual([
      'header',
      'section',
      'section',
      'context',
    ])
    // Plain text, not markup: 150 characters at most.
    expect(message.blocks[0].text).toMatchObject({ type: 'plain_text' })
    expect(message.blocks[0].text.text).toHaveLength(150)
    expect(message.blocks[1].fields).toHaveLength(6)
    expect(message.blocks[2].text.text).toBe(
      '*New client "&lt;!channel&gt;|a=b\\c]" [31m*\n- client "&lt;img src=x&gt; Bcc: eve@example.com" never seen\n- {{token}}',
    )
    expect(message.text).not.toContain('<')
  })

  test('the address, a secret itself, is never told', async () => {
    const { url } = await receiver(() => ({ status: 404, body: 'no_service at /services/very-secret' }))
    const env = { SLACK: `${url}/services/very-secret` }
    expect(await tell({ kind: 'slack', urlEnv: 'SLACK' }, { env })).toMatchObject({
      error: 'answered 404: no_service at ***',
    })
    const far = { SLACK: 'http://hooks.example/services/very-secret' }
    await expect(tell({ kind: 'slack', urlEnv: 'SLACK' }, { env: far })).rejects.toThrow(
      /^((?!very-secret).)*plain http/,
    )
  })
})

describe('e-mail', () => {
  interface MailGot {
    from: string
    to: string[]
    text: string
    user: string | undefined
    secure: boolean
  }

  interface MailOptions {
    refuse?: number
    auth?: boolean
    certificate?: { key: Buffer; cert: Buffer }
  }

  async function mailServer(options: MailOptions = {}) {
    const got: MailGot[] = []
    const server = new SMTPServer({
      ...options.certificate,
      disabledCommands: [...(options.certificate ? [] : ['STARTTLS']), ...(options.auth ? [] : ['AUTH'])],
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _, done) =>
        password === 'mail-secret' ? done(null, { user: username }) : done(new Error('bad login')),
      onRcptTo: ({ address }, _, done) =>
        address.startsWith('gone@')
          ? done(Object.assign(new Error('no such user'), { responseCode: 550 }))
          : done(),
      async onData(stream, session, done) {
        let text = ''
        for await (const piece of stream) text += piece
        if (options.refuse) {
          done(Object.assign(new Error('not now'), { responseCode: options.refuse }))
          return
        }
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        const user = session.user as string | undefined
        got.push({ from, to: rcptTo.map(one => one.address), text, user, secure: session.secure })
        done()
      },
    })
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    closing.push(() => new Promise(done => server.close(() => done())))
    return { port: (server.server.address() as AddressInfo).port, got }
  }
  const mail = (port: number, more = {}) => ({
    kind: 'email',
    host: '127.0.0.1',
    port,
    tls: 'none',
    from: 'Keyhound <keyhound@example.com>',
    to: ['soc@example.com'],
    ...more,
  })

  test('a page is sent as an attachment, told in text, its subject in one line', async () => {
    const { port, got } = await mailServer()
    const config = configOf({ sinks: [{ name: 'leads', ...mail(port) }] }).sinks[0] as SinkOf<'email'>
    const outcome = await sendPage(
      config,
      outsideAt(folder, () => NOW),
      {
        id: 'digest-1',
        thread: 'digest',
        subject: 'A week\r\nBcc: all@example.com',
        text: '19 incidents',
        name: 'keyhound-2026-W41.html',
        page: '<!doctype html><p>a page</p>',
      },
    )
    expect(outcome).toEqual({ ok: true })
    const [{ text }] = got as [MailGot]
    const headers = text.slice(0, text.indexOf('\r\n\r\n'))
    expect(headers).toMatch(/^Subject: A week Bcc: all@example\.com/m)
    expect(headers).not.toMatch(/^Bcc/m)
    expect(text).toContain('19 incidents')
    expect(text).toMatch(/Content-Disposition: attachment; filename=keyhound-2026-W41\.html/)
    const attached = /filename=keyhound-2026-W41\.html[\s\S]*?\r\n\r\n([\s\S]*?)\r\n--/.exec(text)![1]!
    expect(Buffer.from(attached, 'base64').toString()).toBe('<!doctype html><p>a page</p>')
  })

  test('text and HTML, one recipient as configured, whatever the log says; the id is the Message-ID', async () => {
    const { port, got } = await mailServer()
    expect(await tell(mail(port, { template: { title: '{{title}}\n{{reasons}}' } }))).toEqual({ ok: true })
    const [{ from, to, text }] = got as [MailGot]
    expect([from, to]).toEqual(['keyhound@example.com', ['soc@example.com']])
    const headers = text.slice(0, text.indexOf('\r\n\r\n'))
    expect(headers).toMatch(/^Message-ID: <kh_1@example\.com>/m)
    expect(headers).toMatch(/^References: <abc1@example\.com>/m)
    expect(headers).toMatch(/^Subject: =\?UTF-8\?Q\?New_client/m)
    expect(headers).not.toMatch(/^Bcc/m)
    expect(text).toMatch(/Content-Type: text\/plain/)
    expect(text).toMatch(/Content-Type: text\/html/)
    expect(text.replace(/=\r\n/g, '')).toContain('client &quot;&lt;img src=3Dx&gt;')
  })

  test('with a login; a wrong password is final and not told', async () => {
    const { port, got } = await mailServer({ auth: true })
    const login = mail(port, { user: 'keyhound', secretEnv: 'MAIL' })
    expect(await tell(login, { env: { MAIL: 'mail-secret' } })).toEqual({ ok: true })
    expect(got[0]!.user).toBe('keyhound')
    const wrong = await tell(login, { env: { MAIL: 'wrong-secret' } })
    expect(wrong).toMatchObject({ ok: false, isFinal: true })
    expect(JSON.stringify(wrong)).not.toContain('wrong-secret')
    const far = { ...login, host: 'mail.example' }
    await expect(tell(far, { env: { MAIL: 'x' } })).rejects.toThrow('unencrypted')
  })

  test.skipIf(!hasOpenssl)(
    `STARTTLS to a certificate that is trusted, and to no other${needsOpenssl}`,
    async () => {
      const { port, got } = await mailServer({ certificate: makeCertificate() })
      const trusting = mail(port, { tls: 'starttls', caFile: 'cert.pem' })
      expect(await tell(trusting)).toEqual({ ok: true })
      expect(got).toMatchObject([{ secure: true, to: ['soc@example.com'] }])
      expect(await tell(mail(port, { tls: 'starttls' }))).toMatchObject({ ok: false, isFinal: false })
      expect(got).toHaveLength(1)
    },
  )

  test('a passing refusal, a lasting one, a server without TLS, one recipient of two', async () => {
    const busy = await mailServer({ refuse: 451 })
    expect(await tell(mail(busy.port))).toMatchObject({ ok: false, isFinal: false })
    const never = await mailServer({ refuse: 554 })
    expect(await tell(mail(never.port))).toMatchObject({ ok: false, isFinal: true })
    const { port } = await mailServer()
    expect(await tell(mail(port, { tls: 'starttls' }))).toMatchObject({ ok: false })
    expect(await tell(mail(port, { to: ['a@example.com', 'gone@example.com'] }))).toMatchObject({
      error: 'refused for 1 of 2 recipients, accepted for the others',
      isFinal: true,
    })
  })
})

/** A TCP or TLS server that keeps what each connection sent. */
async function streamReceiver(make: (handler: (socket: Socket) => void) => Server) {
  const got: string[] = []
  const server = make(socket => {
    const pieces: Buffer[] = []
    socket.on('data', piece => pieces.push(piece))
    socket.on('end', () => got.push(Buffer.concat(pieces).toString()))
    socket.on('error', () => {})
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  closing.push(() => new Promise(done => server.close(() => done())))
  return { port: (server.address() as AddressInfo).port, got }
}

describe('syslog', () => {
  const START =
    '<106>1 2026-10-08T05:00:00.000Z keyhound keyhound - alert [origin software="Keyhound" swVersion="1.2.3"] '
  const syslog = (port: number, transport: string, more = {}) => ({
    kind: 'syslog',
    host: '127.0.0.1',
    port,
    transport,
    ...more,
  })

  test('UDP: one datagram, CEF', async () => {
    const socket = createSocket('udp4')
    await new Promise<void>(done => socket.bind(0, '127.0.0.1', done))
    closing.push(() => void socket.close())
    const datagram = new Promise<string>(got => socket.on('message', bytes => got(bytes.toString())))
    expect(await tell(syslog(socket.address().port, 'udp'))).toEqual({ ok: true })
    const text = await datagram
    expect(text.startsWith(`${START}CEF:0|Keyhound|Keyhound|1.2.3|new_client|`)).toBe(true)
    expect(text).toContain('|New client "<!channel>\\|a=b\\\\c]" [31m|10|externalId=abc1 rt=')
    expect(text).toContain(`start=${FIRST} `)
    expect(text).not.toMatch(/[\r\n]/)
  })

  test('UDP: what fits into no datagram is said to', async () => {
    const alert = { ...ALERT, evidence: Array.from({ length: 9000 }, (_, i) => `event-${i}`) }
    const { sinks } = configOf({ sinks: [{ name: 'soc', ...syslog(9, 'udp', { format: 'json' }) }] })
    const sink = openSink(sinks[0]!, outsideAt(folder))
    const payload = sink.render({ alert, events: new Map(), deliveryId: 'd' }, NOW)
    expect(await sink.send({ id: 'd', payload, createdAt: NOW })).toMatchObject({
      isFinal: true,
      error: expect.stringContaining('do not fit into a datagram'),
    })
  })

  test('TCP: octets counted, JSON', async () => {
    const { port, got } = await streamReceiver(handler => createTcpServer({}, handler))
    expect(await tell(syslog(port, 'tcp', { format: 'json', facility: 16 }))).toEqual({ ok: true })
    const [, octets, message] = /^(\d+) (.*)$/s.exec(got[0]!)!
    expect(Buffer.byteLength(message!)).toBe(Number(octets))
    // 8 * 16 + 2
    expect(message!.startsWith('<130>1 ')).toBe(true)
    const json = JSON.parse(message!.slice(message!.indexOf('] {') + 2))
    expect(json).toMatchObject({ deliveryId: 'kh_1', alertId: 'abc1', title: ALERT.title })
  })

  test('TCP: a receiver that is not there, and one that resets', async () => {
    const { port } = await streamReceiver(handler => createTcpServer(handler))
    await closing.pop()!()
    expect(await tell(syslog(port, 'tcp'))).toMatchObject({ error: 'no connection (ECONNREFUSED)' })
    const rude = await streamReceiver(() => createTcpServer(socket => socket.resetAndDestroy()))
    expect(await tell(syslog(rude.port, 'tcp'))).toMatchObject({ ok: false, isFinal: false })
  })

  test.skipIf(!hasOpenssl)(`TLS: to the certificate given, and to no other${needsOpenssl}`, async () => {
    const certificate = makeCertificate()
    const { port, got } = await streamReceiver(handler => createTlsServer(certificate, handler))
    expect(await tell(syslog(port, 'tls', { caFile: 'cert.pem' }))).toEqual({ ok: true })
    expect(got[0]).toContain(`${START}CEF:0|`)
    const stranger = await tell(syslog(port, 'tls'))
    expect(stranger).toMatchObject({ error: 'no connection (DEPTH_ZERO_SELF_SIGNED_CERT)', isFinal: false })
    expect(got).toHaveLength(1)
  })
})

describe('OCSF', () => {
  const schema = JSON.parse(
    readFileSync(new URL(`./ocsf-detection-finding-${OCSF_VERSION}.schema.json`, import.meta.url), 'utf8'),
  ) as JsonSchema

  test('a Detection Finding of the schema, with an idempotency key and the secret as bearer', async () => {
    const { url, received } = await receiver(() => ({ status: 202 }))
    const env = { LAKE: 'lake-secret' }
    expect(await tell({ kind: 'ocsf', url, secretEnv: 'LAKE' }, { env })).toEqual({ ok: true })
    const { headers, body } = received[0]!
    expect(headers).toMatchObject({ 'idempotency-key': 'kh_1', authorization: 'Bearer lake-secret' })
    const finding = JSON.parse(body)
    expect(problemsOf(schema, finding)).toEqual([])
    expect(finding).toMatchObject({ class_uid: 2004, finding_info: { uid: 'abc1' } })
  })
})

describe('files', () => {
  const read = (name: string) => readFileSync(join(folder, 'out', name), 'utf8')
  const file = (format: string, more = {}) => ({ kind: 'file', folder: 'out', format, ...more })

  test('a line an alert, a file a day; the same delivery twice is one line', async () => {
    await tell(file('json'), {}, 'kh_1')
    await tell(file('json'), {}, 'kh_2')
    await tell(file('json'), {}, 'kh_1')
    expect(readdirSync(join(folder, 'out'))).toEqual(['alerts-2026-10-08.jsonl'])
    const lines = read('alerts-2026-10-08.jsonl').trimEnd().split('\n')
    expect(lines.map(line => JSON.parse(line).deliveryId)).toEqual(['kh_1', 'kh_2'])
  })

  test('half a line that a power cut left is ended first', async () => {
    await tell(file('ocsf'))
    writeFileSync(join(folder, 'out', 'alerts-2026-10-08.jsonl'), '{"class_uid": 20', { flag: 'a' })
    await tell(file('json'), {}, 'kh_9')
    const lines = read('alerts-2026-10-08.jsonl').trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(JSON.parse(lines[2]!).deliveryId).toBe('kh_9')
  })

  test('CEF and own text', async () => {
    await tell(file('cef'))
    expect(read('alerts-2026-10-08.cef')).toMatch(/^CEF:0\|Keyhound\|.*cs6=kh_1 .*\n$/)
    await tell(file('text', { template: { text: '{{alertId}}: {{reasons}}' } }))
    expect(read('alerts-2026-10-08.log')).toBe(
      'abc1: - client "<img src=x> Bcc: eve@example.com" never seen; - {{token}} delivery=kh_1\n',
    )
  })

  test('a folder that cannot be made is a failure that may pass', async () => {
    writeFileSync(join(folder, 'out'), '')
    expect(await tell(file('json'))).toMatchObject({ ok: false, isFinal: false })
  })
})

test('what a configuration gets wrong is said when it is read', () => {
  const problems = (sink: object) => {
    try {
      configOf({ sinks: [{ name: 'a', ...sink }] })
      return ''
    } catch (error) {
      return String(error)
    }
  }
  expect(problems({ kind: 'pager' })).toContain('sinks.0.kind')
  expect(problems({ kind: 'webhook', url: 'https://u:p@soc.example', secretEnv: 'H' })).toContain('secretEnv')
  expect(problems({ kind: 'webhook', url: 'file:///etc/passwd', secretEnv: 'H' })).toContain('sinks.0.url')
  expect(problems({ kind: 'slack', urlEnv: 'S', template: { text: '{{secret}}' } })).toContain(
    '{{secret}} is no field',
  )
  const twice = { name: 'a', kind: 'file', folder: 'x' }
  expect(() => configOf({ sinks: [twice, twice] })).toThrow('is there already')
})
