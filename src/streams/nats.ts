import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import { countLines, lineOf, type OpenSource } from './source.ts'

/** Which stream is read, from where, as which durable consumer. */
export interface NatsOptions {
  /** `nats://host:4222`, or `tls://`. */
  readonly url: string
  readonly stream: string
  /** The durable consumer, made where there is none. */
  readonly durable: string
  /** Only these subjects of the stream. @default all */
  readonly subject?: string
  readonly token?: string
  readonly user?: string
  readonly password?: string
}

/** Messages that were taken and not acknowledged come again after so long. */
const ACK_WAIT_NS = 120_000_000_000
/** A server needs so long to answer an empty fetch; the client takes nothing shorter. */
const LEAST_WAIT_MS = 1000

/**
 * Messages of a JetStream stream through a durable pull consumer. Each is acknowledged once its batch is published. One that comes
 * again while its batch is still at work is not read twice; after a restart its event id tells that it is known.
 */
export function pullNats(options: NatsOptions): OpenSource {
  return async spooled => {
    const { url, stream, durable, token, user, password } = options
    let connection: NatsConnection
    try {
      connection = await connect({
        servers: url,
        name: 'keyhound watch',
        maxReconnectAttempts: -1,
        ...(token && { token }),
        ...(user && { user }),
        ...(password && { pass: password }),
      })
    } catch (cause) {
      throw new KeyhoundError('unavailable', `NATS at ${url} cannot be reached: ${messageOf(cause)}`, {
        cause,
      })
    }
    let consumer: Consumer
    try {
      consumer = await openConsumer(connection, options)
    } catch (error) {
      await connection.close()
      throw error
    }
    /** Taken and not acknowledged, by sequence number of the stream. */
    const pending = new Map<number, JsMsg>()
    /** In the spool since before a restart: acknowledged when they come again. */
    const known = new Set(spooled.flatMap(offset => sequencesOf(offset)))
    return {
      name: `NATS stream ${stream} as ${durable}`,
      async read({ events, bytes, waitMs, signal }) {
        const lines: string[] = []
        const sequences: number[] = []
        const until = performance.now() + waitMs
        let size = 0
        while (lines.length < events && size < bytes && !signal.aborted) {
          const left = until - performance.now()
          if (left <= 0) break
          try {
            const messages = await consumer.fetch({
              max_messages: Math.min(events - lines.length, MOST_AT_ONCE),
              expires: Math.max(LEAST_WAIT_MS, Math.ceil(left)),
            })
            const end = () => void messages.close()
            signal.addEventListener('abort', end, { once: true })
            for await (const message of messages) {
              if (known.delete(message.seq)) {
                message.ack()
                continue
              }
              const isAgain = pending.has(message.seq)
              // The newest delivery is the one to acknowledge.
              pending.set(message.seq, message)
              if (isAgain) continue
              sequences.push(message.seq)
              const line = lineOf(message.string())
              if (line === null) continue
              lines.push(line)
              size += line.length
            }
            signal.removeEventListener('abort', end)
          } catch (cause) {
            if (sequences.length > 0) break
            throw new KeyhoundError(
              'unavailable',
              `NATS stream ${stream} does not answer: ${messageOf(cause)}`,
              {
                cause,
              },
            )
          }
        }
        if (sequences.length === 0) return null
        const content = Buffer.from(lines.length === 0 ? '' : `${lines.join('\n')}\n`)
        return {
          content,
          events: countLines(content),
          header: null,
          offset: { sequences: toRanges(sequences) },
        }
      },
      async commit(offset) {
        for (const sequence of sequencesOf(offset)) {
          pending.get(sequence)?.ack()
          pending.delete(sequence)
        }
        // Told before the spool file goes.
        await connection.flush()
      },
      async close() {
        await connection.drain()
      },
    }
  }
}

/** Messages asked for at once: the server sends them in one go, and they are held in memory. */
const MOST_AT_ONCE = 10_000

async function openConsumer(connection: NatsConnection, options: NatsOptions): Promise<Consumer> {
  const { stream, durable, subject } = options
  const manager = await jetstreamManager(connection)
  try {
    await manager.streams.info(stream)
  } catch (cause) {
    throw new KeyhoundError('not-found', `NATS has no stream ${stream}: ${messageOf(cause)}`, { cause })
  }
  try {
    await manager.consumers.info(stream, durable)
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound))
      throw error
    await manager.consumers.add(stream, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: ACK_WAIT_NS,
      // The spool bounds what is under way.
      max_ack_pending: -1,
      ...(subject && { filter_subject: subject }),
    })
  }
  return jetstream(connection).consumers.get(stream, durable)
}

/** Sequence numbers as [first, last], ascending: most batches are one range. */
function toRanges(sequences: readonly number[]): [number, number][] {
  const ranges: [number, number][] = []
  for (const sequence of [...sequences].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last !== undefined && sequence === last[1] + 1) last[1] = sequence
    else ranges.push([sequence, sequence])
  }
  return ranges
}

function sequencesOf(offset: Readonly<Record<string, unknown>>): number[] {
  return (offset.sequences as [number, number][]).flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  )
}
