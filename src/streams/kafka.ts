import { setTimeout } from 'node:timers/promises'
import kafkajs, { type EachBatchPayload, type SASLOptions } from 'kafkajs'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import { countLines, lineOf, type Offset, type OpenSource } from './source.ts'

/** Which topics are read, from which brokers, as which consumer group. */
export interface KafkaOptions {
  /** `host:port`, several for a cluster. */
  readonly brokers: readonly string[]
  readonly topics: readonly string[]
  /** The consumer group. */
  readonly group: string
  readonly ssl?: boolean
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  }
}

/** Next offset to read, by topic and partition: `{"api-logs": {"0": "1203"}}`. */
type Positions = Record<string, Record<string, string>>

/** Fetched and waiting to be read. */
interface Fetched {
  readonly topic: string
  readonly partition: number
  readonly lines: string[]
  readonly bytes: number
  readonly next: string
}

/** Fetched batches held at most; the broker is not asked for more until there is room. */
const MOST_WAITING = 8
/** While there is no room the group is told that we live; its patience is 30 s by default. */
const HEARTBEAT_MS = 1000

/**
 * Messages of Kafka topics as a member of a consumer group. Offsets are committed once their batch is published, never by
 * themselves; what a rebalance brings again is known by its event id.
 */
export function consumeKafka(options: KafkaOptions): OpenSource {
  return async spooled => {
    const { brokers, topics, group, ssl, sasl } = options
    const kafka = new kafkajs.Kafka({
      clientId: 'keyhound-watch',
      brokers: [...brokers],
      logLevel: kafkajs.logLevel.NOTHING,
      ...(ssl && { ssl }),
      ...(sasl && { sasl: sasl as SASLOptions }),
    })
    const consumer = kafka.consumer({ groupId: group, allowAutoTopicCreation: false })
    const resumed = spooled.reduce<Positions>((sum, offset) => merged(sum, positionsOf(offset)), {})
    const waiting: Fetched[] = []
    const arrivals = { wake: () => {} }
    let isClosed = false
    let crash: Error | null = null
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      // kafkajs starts again by itself unless it says otherwise.
      if (!payload.restart) crash = payload.error
      arrivals.wake()
    })
    const take = async ({ batch, heartbeat, isRunning, isStale }: EachBatchPayload) => {
      const from = BigInt(resumed[batch.topic]?.[batch.partition] ?? 0)
      const messages = batch.messages.filter(message => BigInt(message.offset) >= from)
      const lines = messages
        .map(message => lineOf(message.value?.toString('utf8') ?? ''))
        .filter(line => line !== null)
      while (waiting.length >= MOST_WAITING) {
        if (isClosed || !isRunning() || isStale()) throw new Error('stopped before there was room')
        await heartbeat()
        await setTimeout(HEARTBEAT_MS / 10)
      }
      const bytes = lines.reduce((sum, line) => sum + line.length, 0)
      const next = String(BigInt(batch.lastOffset()) + 1n)
      waiting.push({ topic: batch.topic, partition: batch.partition, lines, bytes, next })
      arrivals.wake()
    }
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [...topics], fromBeginning: true })
      await consumer.run({ autoCommit: false, eachBatch: take })
    } catch (cause) {
      await consumer.disconnect().catch(() => undefined)
      throw new KeyhoundError(
        'unavailable',
        `Kafka at ${brokers.join(', ')} cannot be read: ${messageOf(cause)}`,
        { cause },
      )
    }
    return {
      name: `Kafka ${topics.join(', ')} as ${group}`,
      async read({ events, bytes, waitMs, signal }) {
        const lines: string[] = []
        let positions: Positions = {}
        let size = 0
        const until = performance.now() + waitMs
        while (lines.length < events && size < bytes && !signal.aborted) {
          const fetched = waiting.shift()
          if (fetched !== undefined) {
            for (const line of fetched.lines) lines.push(line)
            size += fetched.bytes
            positions = merged(positions, { [fetched.topic]: { [fetched.partition]: fetched.next } })
            continue
          }
          if (crash !== null)
            throw new KeyhoundError('unavailable', `Kafka at ${brokers.join(', ')}: ${messageOf(crash)}`, {
              cause: crash,
            })
          const left = until - performance.now()
          if (left <= 0) break
          await arrival(arrivals, left, signal)
        }
        if (Object.keys(positions).length === 0) return null
        const content = Buffer.from(lines.length === 0 ? '' : `${lines.join('\n')}\n`)
        return { content, events: countLines(content), header: null, offset: { positions } }
      },
      async commit(offset) {
        const entries = Object.entries(positionsOf(offset)).flatMap(([topic, partitions]) =>
          Object.entries(partitions).map(([partition, next]) => ({
            topic,
            partition: Number(partition),
            offset: next,
          })),
        )
        try {
          await consumer.commitOffsets(entries)
        } catch (cause) {
          throw new KeyhoundError('unavailable', `Kafka takes no offsets: ${messageOf(cause)}`, { cause })
        }
      },
      async close() {
        isClosed = true
        await consumer.disconnect()
      },
    }
  }
}

function positionsOf(offset: Offset): Positions {
  return offset.positions as Positions
}

function merged(a: Positions, b: Positions): Positions {
  const sum: Positions = { ...a }
  for (const [topic, partitions] of Object.entries(b)) sum[topic] = { ...sum[topic], ...partitions }
  return sum
}

function arrival(arrivals: { wake: () => void }, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      arrivals.wake = () => {}
      resolve()
    }
    const timer = globalThis.setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
    arrivals.wake = end
  })
}
