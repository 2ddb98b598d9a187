import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultConfig } from '../../src/schema/config.ts'
import { createLogger } from '../../src/server/log.ts'
import { openServer } from '../../src/server/open.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'
import { createApiKey } from '../../src/state/api-keys.ts'
import { withState } from '../../src/state/state.ts'
import { KEYHOUND } from '../built.ts'

const [NODE, MAIN] = KEYHOUND
const now = new Date('2026-11-01T00:00:00Z')
let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'keyhound-serve-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const open = (host?: string) =>
  openServer({
    workspace: openWorkspace(root),
    config: defaultConfig(),
    logger: createLogger({ write: () => {} }),
    version: '1.2.3',
    clock: () => now,
    port: 0,
    ...(host !== undefined && { host }),
  })

/** A request with a Host header of one's own, which fetch does not allow. */
function ask(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, answer => {
      answer.resume()
      resolve(answer.statusCode!)
    })
      .once('error', reject)
      .end()
  })
}

test('without keys: this machine alone, by its own names, as admin', async () => {
  const server = await open()
  const { port } = new URL(server.url)
  expect(await ask(`${server.url}/v1/suppressions`, {})).toBe(200)
  expect(await ask(`${server.url}/v1/suppressions`, { host: `localhost:${port}` })).toBe(200)
  // A web page whose name was made to lead here.
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example'])
    expect(await ask(`${server.url}/v1/suppressions`, { host })).toBe(421)
  // A web page elsewhere, which makes its reader's browser ask.
  expect(await ask(`${server.url}/v1/suppressions`, { 'sec-fetch-site': 'cross-site' })).toBe(403)
  const promote = {
    method: 'POST',
    headers: { origin: 'https://evil.example', 'content-type': 'text/plain' },
  }
  expect((await fetch(`${server.url}/v1/models/default/promotion`, promote)).status).toBe(403)
  expect(await ask(server.url, {})).toBe(200)
  await server.close(0)
})

test('for others only with a key; then nobody gets in without', async () => {
  await expect(open('0.0.0.0')).rejects.toThrow('no API key')
  const { key } = await withState(openWorkspace(root), state =>
    createApiKey(state, { name: 'ann', role: 'viewer' }, { actor: 'test', at: now }),
  )
  const server = await open('0.0.0.0')
  const url = `http://127.0.0.1:${new URL(server.url).port}/v1/suppressions`
  expect(await ask(url, {})).toBe(401)
  expect(await ask(url, { authorization: `Bearer ${key}`, host: 'keyhound.example' })).toBe(200)
  await server.close(0)
})

test('SIGTERM: what runs is answered, nothing more is taken, exit 0', async () => {
  const workspace = join(root, 'other')
  await withState(openWorkspace(workspace), async () => {})
  const child = spawn(NODE, [MAIN, 'serve', '--port', '0', '-w', workspace, '--json'])
  let log = ''
  child.stderr.on('data', piece => {
    log += piece
  })
  const exit = new Promise<number | null>(resolve => child.once('close', resolve))
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', piece => {
      said += piece
      if (said.trimEnd().endsWith('}')) resolve(JSON.parse(said).url)
    })
    exit.then(code => reject(new Error(`ended with ${code}: ${log}`)))
  })
  expect(await ask(`${url}/v1/health`, {})).toBe(200)

  const running = new Promise<{ status: number; body: string }>((resolve, reject) => {
    const bringing = request(`${url}/v1/events?tokens=identifier`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', expect: '100-continue' },
    })
    bringing.once('continue', () => {
      bringing.write('{"event_id": "e1", "time": "2026-03-02T09:00:00Z", ')
      child.kill('SIGTERM')
      // The rest of it comes when the server has stopped listening.
      const wait = setInterval(async () => {
        if (!log.includes('stopping')) return
        clearInterval(wait)
        bringing.end('"token_id": "t1", "operation": "GET /x"}\n')
      }, 10)
    })
    bringing.once('error', error => reject(new Error(`${error.message}: ${log}`)))
    bringing.once('response', answer => {
      let body = ''
      answer.on('data', piece => {
        body += piece
      })
      answer.once('end', () => resolve({ status: answer.statusCode!, body }))
    })
    bringing.flushHeaders()
  })
  const answer = await running
  expect(answer, log).toMatchObject({ status: 200 })
  expect(JSON.parse(answer.body)).toMatchObject({ added: 1 })
  expect(await exit).toBe(0)
  await expect(ask(`${url}/v1/health`, {})).rejects.toThrow('ECONNREFUSED')
})
