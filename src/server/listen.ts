import type { Server } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import { serve } from '@hono/node-server'
import type { Router } from './access.ts'

/** A server that listens. */
export interface Listening {
  readonly url: string
  /** Takes no more requests, waits for those that run, at most `graceMs`, and then closes what is left. */
  close(graceMs?: number): Promise<void>
}

/** A head must be there in so long, a whole request in so long, and an idle connection is kept so long; ms. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 300_000, keepAliveTimeout: 5_000 } as const

/** Listens; port 0 takes any free one. */
export async function listen(
  app: Router,
  { host, port }: { host: string; port: number },
): Promise<Listening> {
  const server = await new Promise<Server>((resolve, reject) => {
    const opened = serve({ fetch: app.fetch, hostname: host, port }, () => {
      opened.removeListener('error', reject)
      resolve(opened as Server)
    })
    opened.once('error', reject)
  })
  Object.assign(server, TIMEOUTS)
  const { address, family, port: taken } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    async close(graceMs = 0) {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeIdleConnections()
      const hurry = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearTimeout(hurry)
    },
  }
}

/** Whether only this machine can reach a host name or address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true
  return isIP(host) === 4 ? host.startsWith('127.') : host === '::1'
}
