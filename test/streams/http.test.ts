import { afterEach, expect, test } from 'vitest'
import { type HttpOptions, listenHttp } from '../../src/streams/http.ts'
import type { Source } from '../../src/streams/source.ts'

let source: Source
let url = ''
afterEach(() => source.close())

async function listen(more: Partial<HttpOptions> = {}): Promise<void> {
  source = await listenHttp({
    host: '127.0.0.1',
    port: 0,
    mayBring: async key => key === 'good',
    listening: address => {
      url = address
    },
    ...more,
  })([])
}

const post = (body: string, key = 'good') =>
  fetch(url, { method: 'POST', body, headers: { authorization: `Bearer ${key}` } })
const read = () =>
  source.read({ events: 100, bytes: 1e6, waitMs: 2000, signal: new AbortController().signal })

test('a body is accepted once it is spooled, not before; bodies that come together share a batch', async () => {
  await listen()
  let answered = 0
  const answers = [post('{"n":1}\n{"n":2}'), post('[{"n":3}, {"n":4}]')].map(async answer => {
    const { status } = await answer
    answered++
    return status
  })
  const texts: string[] = []
  let events = 0
  while (events < 4) {
    const batch = (await read())!
    expect(answered).toBe(texts.length === 0 ? 0 : answered)
    texts.push(batch.content.toString())
    events += batch.events
    source.spooled!(batch)
    await source.commit(batch.offset)
  }
  expect(await Promise.all(answers)).toEqual([202, 202])
  expect(texts.join('').split('\n').sort()).toEqual(['', '{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}'])
})

test('while nobody reads, it holds so much and asks for patience', async () => {
  await listen({ mostWaitingBytes: 5, patienceMs: 300 })
  const first = post('{"n":1}')
  await new Promise(resolve => setTimeout(resolve, 100))
  const second = await post('{"n":2}')
  expect([second.status, second.headers.get('retry-after')]).toEqual([429, '5'])
  const late = await first
  expect([late.status, late.headers.get('retry-after')]).toEqual([429, '5'])
  // Turned away, its events are its sender's again.
  const abort = new AbortController()
  const reading = source.read({ events: 1, bytes: 1, waitMs: 5000, signal: abort.signal })
  abort.abort()
  expect(await reading).toBeNull()
})

test('strangers, other methods and places, and what are no events are refused', async () => {
  await listen({ mostBodyBytes: 50 })
  expect((await post('{}', 'bad')).status).toBe(401)
  expect((await fetch(url)).status).toBe(405)
  const fromPage = { method: 'POST', body: '{}', headers: { origin: 'https://evil.example' } }
  expect((await fetch(url, fromPage)).status).toBe(403)
  expect((await fetch(url.replace('events', 'else'), { method: 'POST' })).status).toBe(404)
  expect((await post('[1, 2')).status).toBe(422)
  expect((await post('"text"')).status).toBe(422)
  expect((await post('x'.repeat(100))).status).toBe(413)
  const empty = await post('')
  expect([empty.status, await empty.json()]).toEqual([202, { events: 0 }])
  const refused = await post('nonsense')
  expect(refused.headers.get('content-type')).toBe('application/problem+json')
  expect(await refused.json()).toMatchObject({ status: 422 })
})

test('a sender that waits when it stops is told to send again', async () => {
  await listen()
  const answer = post('{"n":1}')
  await new Promise(resolve => setTimeout(resolve, 100))
  await source.close()
  expect((await answer).status).toBe(503)
  await listen()
})
