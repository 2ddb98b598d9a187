import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as a receiver got it. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Answer {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

export interface HttpReceiver {
  readonly url: string
  readonly received: Received[]
  close(): Promise<void>
}

/** A real HTTP server on loopback that keeps what it gets; `answer` null: no answer at all. */
export async function receiveHttp(
  answer: (request: Received, count: number) => Answer | null = () => ({ status: 204 }),
): Promise<HttpReceiver> {
  const received: Received[] = []
  const listener: RequestListener = async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const one: Received = {
      method: request.method!,
      path: request.url!,
      headers: request.headers,
      body: Buffer.concat(pieces).toString(),
    }
    received.push(one)
    const said = answer(one, received.length)
    if (said === null) return
    response.writeHead(said.status, said.headers)
    response.end(said.body)
  }
  const server = createServer(listener)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () =>
      new Promise(done => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
}

/** Headers as a verifier wants them: one text each. */
export function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
