import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { resolve } from 'node:path'
import { connect as connectTls } from 'node:tls'
import type { SinkOf } from '../../schema/sinks.ts'
import { toCef } from '../cef.ts'
import { networkError } from '../http.ts'
import { failure, type Outcome, type Outside } from '../outside.ts'
import { alertRecord } from '../record.ts'
import { frame, toSyslog } from '../rfc5424.ts'
import type { Sink } from '../sink.ts'

/** RFC 768 and 791: what a datagram over IPv4 can hold. */
const MOST_DATAGRAM_BYTES = 65_507

/**
 * RFC 5424 messages that carry CEF or JSON. Syslog acknowledges nothing: over TCP and TLS a message counts as delivered once the
 * receiver has closed in turn, over UDP once it is sent.
 */
export function openSyslogSink(config: SinkOf<'syslog'>, outside: Outside): Sink {
  const { facility, hostname, format, transport } = config
  const ca = config.caFile === undefined ? undefined : readFileSync(resolve(outside.root, config.caFile))
  return {
    render(outgoing, time) {
      const { productVersion } = outside
      const text = format === 'cef' ? toCef(outgoing, productVersion) : JSON.stringify(alertRecord(outgoing))
      return toSyslog({ facility, severity: outgoing.alert.severity, time, hostname, productVersion, text })
    },
    send: ({ payload }) =>
      transport === 'udp'
        ? sendDatagram(config, Buffer.from(payload))
        : sendStream(() => open(config, ca), frame(payload), outside.timeoutMs),
  }
}

function open({ host, port, transport }: SinkOf<'syslog'>, ca: Buffer | undefined): Socket {
  if (transport === 'tcp') return connectTcp({ host, port })
  // The certificate must be the host's; for an address no name is indicated (RFC 6066).
  return connectTls({
    host,
    port,
    ...(ca && { ca }),
    ...(isIP(host) === 0 && { servername: host }),
    minVersion: 'TLSv1.2',
  })
}

function sendStream(connect: () => Socket, bytes: Buffer, timeoutMs: number): Promise<Outcome> {
  return new Promise(done => {
    const socket = connect()
    let failed: unknown
    socket.setTimeout(timeoutMs, () => socket.destroy(new DOMException('', 'TimeoutError')))
    socket.on('error', error => {
      failed = error
    })
    socket.on('close', () => done(failed === undefined ? { ok: true } : failure(networkError(failed))))
    // What a receiver says is read and dropped, else its end would never be seen.
    socket.resume()
    socket.end(bytes)
  })
}

async function sendDatagram({ host, port }: SinkOf<'syslog'>, bytes: Buffer): Promise<Outcome> {
  if (bytes.length > MOST_DATAGRAM_BYTES)
    return failure(`${bytes.length} bytes do not fit into a datagram; use tcp or tls`, true)
  try {
    const { address, family } = await lookup(host)
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
    try {
      await new Promise<void>((sent, failed) => {
        socket.on('error', failed)
        socket.send(bytes, port, address, error => (error ? failed(error) : sent()))
      })
    } finally {
      socket.close()
    }
    return { ok: true }
  } catch (error) {
    return failure(networkError(error))
  }
}
