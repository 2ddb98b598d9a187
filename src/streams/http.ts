import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import { isTooDeep } from '../lib/json-depth.ts'
import { countLines, type OpenSource } from './source.ts'

/** Where events are listened for, and who may bring them. */
export interface HttpOptions {
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  /** Whether a key, as sent in `Authorization: Bearer`, may bring events; null when none was sent. */
  readonly mayBring: (key: string | null) => Promise<boolean>
  /** Told the address once it listens. */
  readonly listening?: (url: string) => void
  /** @default 16 MiB */
  readonly mostBodyBytes?: number
  /** Bodies held in memory until they are spooled; beyond, senders are asked to come again. @default 64 MiB */
  readonly mostWaitingBytes?: number
  /** How long a body waits for room in the spool. @default 10 s */
  readonly patienceMs?: number
}

interface Push {
  readonly content: Buffer
  readonly events: number
  answer(status: number, body: Record<string, unknown>): void
}

const MOST_BODY_BYTES = 16 * 1024 * 1024
const MOST_WAITING_BYTES = 64 * 1024 * 1024
const PATIENCE_MS = 10_000
/** Seconds after which a sender that was turned away should come again. */
const RETRY_AFTER = 5
/** Bodies that come within this time share one spool file, and one wait for the disk. */
const GROUP_MS = 20

/**
 * Listens for events: `POST /v1/events` with NDJSON or a JSON list. Answers 202 once the events lie on disk, 429 while there is no
 * room for them; a sender that got neither sends again, which adds nothing twice.
 */
export function listenHttp(options: HttpOptions): OpenSource {
  return async () => {
    const { mostWaitingBytes = MOST_WAITING_BYTES, patienceMs = PATIENCE_MS } = options
    let waiting: Push[] = []
    const underWay = new Map<object, Push[]>()
    let wake = () => {}
    const waitingBytes = () => waiting.reduce((sum, push) => sum + push.content.length, 0)
    const accept = async (request: IncomingMessage, response: ServerResponse) => {
      const answer = answerOf(response)
      if (request.url?.split('?')[0] !== '/v1/events') return answer(404, problem('there is POST /v1/events'))
      if (request.method !== 'POST')
        return answer(405, problem('events are sent with POST'), { allow: 'POST' })
      // Programs bring events; a browser that does was made to by a page, and without keys would be let in.
      if (request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined)
        return answer(403, problem('events come from programs, not from pages in a browser'))
      if (!(await options.mayBring(keyOf(request))))
        return answer(401, problem('send a key that may bring events: Authorization: Bearer kh_...'), {
          'www-authenticate': 'Bearer',
        })
      if (waitingBytes() >= mostWaitingBytes) return answer(...busy())
      const body = await readBody(request, options.mostBodyBytes ?? MOST_BODY_BYTES)
      if (body === null)
        return answer(413, problem('the body is too large; send it in parts'), { connection: 'close' })
      const content = linesOf(body)
      if (content === null) return answer(422, problem('neither NDJSON nor a JSON list of records'))
      const events = countLines(content)
      if (events === 0) return answer(202, { events })
      const push: Push = {
        content,
        events,
        answer(status, said) {
          clearTimeout(patience)
          answer(status, said, status === 429 ? RETRY : {})
        },
      }
      const patience = setTimeout(() => {
        waiting = waiting.filter(other => other !== push)
        push.answer(429, busy()[1])
      }, patienceMs)
      waiting.push(push)
      wake()
    }
    const server = createServer((request, response) => {
      accept(request, response).catch(() =>
        answerOf(response)(500, problem('something failed on our side; send again')),
      )
    })
    await listen(server, options)
    const { address, port, family } = server.address() as AddressInfo
    options.listening?.(`http://${family === 'IPv6' ? `[${address}]` : address}:${port}/v1/events`)
    return {
      name: `HTTP port ${port}`,
      async read({ events, bytes, waitMs, signal }) {
        if (waiting.length === 0) {
          await new Promise<void>(resolve => {
            const end = () => {
              clearTimeout(timer)
              signal.removeEventListener('abort', end)
              wake = () => {}
              resolve()
            }
            const timer = setTimeout(end, waitMs)
            signal.addEventListener('abort', end, { once: true })
            wake = end
          })
          if (waiting.length === 0) return null
          await new Promise(resolve => setTimeout(resolve, GROUP_MS))
        }
        const pushes: Push[] = []
        let count = 0
        let size = 0
        while (waiting.length > 0 && (pushes.length === 0 || (count < events && size < bytes))) {
          const push = waiting.shift()!
          pushes.push(push)
          count += push.events
          size += push.content.length
        }
        if (pushes.length === 0) return null
        const content = Buffer.concat(pushes.map(push => push.content))
        const batch = { content, events: count, header: null, offset: {} }
        underWay.set(batch, pushes)
        return batch
      },
      spooled(batch) {
        for (const push of underWay.get(batch) ?? []) push.answer(202, { events: push.events })
        underWay.delete(batch)
      },
      // The sender was told that its events are kept: nothing comes again.
      async commit() {},
      async close() {
        for (const push of [...waiting, ...[...underWay.values()].flat()])
          push.answer(503, problem('the watcher stops; send again'))
        waiting = []
        await new Promise<void>(resolve => {
          server.close(() => resolve())
          server.closeIdleConnections()
        })
      },
    }
  }
}

const RETRY = { 'retry-after': String(RETRY_AFTER) }

function busy(): [number, Record<string, unknown>, Record<string, string>] {
  return [429, problem('events come faster than they are worked off; send again later'), RETRY]
}

function problem(detail: string): Record<string, unknown> {
  return { detail }
}

function keyOf(request: IncomingMessage): string | null {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
}

function answerOf(response: ServerResponse) {
  return (status: number, body: Record<string, unknown>, headers: Record<string, string> = {}) => {
    if (response.headersSent) return
    const type = status < 400 ? 'application/json' : 'application/problem+json'
    response.writeHead(status, { 'content-type': type, ...headers })
    response.end(JSON.stringify(status < 400 ? body : { status, ...body }))
  }
}

/** Null when it is larger than it may be. */
async function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer | null> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > mostBytes) return null
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** A body as lines: NDJSON as it is, a list one record a line; null when it is neither. */
function linesOf(body: Buffer): Buffer | null {
  const text = body
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim()
  if (text === '') return Buffer.alloc(0)
  if (text.startsWith('{')) return Buffer.from(`${text}\n`)
  if (isTooDeep(body)) return null
  try {
    const list: unknown = JSON.parse(text)
    if (!Array.isArray(list)) return null
    return Buffer.from(list.map(record => `${JSON.stringify(record)}\n`).join(''))
  } catch {
    return null
  }
}

async function listen(server: Server, { host, port }: HttpOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', cause =>
      reject(
        new KeyhoundError('unavailable', `cannot listen on ${host} port ${port}: ${messageOf(cause)}`, {
          cause,
        }),
      ),
    )
    server.listen(port, host, resolve)
  })
}
