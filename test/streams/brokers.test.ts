import { randomBytes } from 'node:crypto'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import kafkajs from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { consumeKafka } from '../../src/streams/kafka.ts'
import { pullNats } from '../../src/streams/nats.ts'
import type { Batch, Source } from '../../src/streams/source.ts'
import { leftOut, readServices } from '../services.ts'

const services = readServices()
const name = () => `keyhound-test-${randomBytes(6).toString('hex')}`
const read = (source: Source, waitMs: number, events = 1000) =>
  source.read({ events, bytes: 1e9, waitMs, signal: new AbortController().signal })

/** Reads until so many lines are there, or nothing comes any more. */
async function readAll(
  source: Source,
  wanted: number,
  patience = 20,
): Promise<{ lines: string[]; batches: Batch[] }> {
  const lines: string[] = []
  const batches: Batch[] = []
  for (let empty = 0; lines.length < wanted && empty < patience; ) {
    const batch = await read(source, 500, wanted)
    if (batch === null) {
      empty++
      continue
    }
    batches.push(batch)
    lines.push(...batch.content.toString().trimEnd().split('\n'))
  }
  return { lines, batches }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `{"n":${from + i}}`)
const sorted = (lines: readonly string[]) => [...lines].sort((a, b) => JSON.parse(a).n - JSON.parse(b).n)

const nats = services.nats
describe.skipIf(nats === null)(nats === null ? leftOut('nats', 'NATS JetStream') : 'NATS JetStream', () => {
  test('is read in order, acknowledged batch by batch, and read on after a restart', async () => {
    const connection = await connect({ servers: nats! })
    const manager = await jetstreamManager(connection)
    const stream = name()
    await manager.streams.add({ name: stream, subjects: [`${stream}.>`] })
    try {
      const send = async (lines: readonly string[]) => {
        for (const line of lines) await jetstream(connection).publish(`${stream}.log`, line)
      }
      const pending = async () => (await manager.consumers.info(stream, 'keyhound')).num_ack_pending
      const open = pullNats({ url: nats!, stream, durable: 'keyhound' })
      await send(numbers(0, 20))
      const first = await open([])
      const one = (await read(first, 1000, 10))!
      const two = (await read(first, 1000, 10))!
      expect(one.content.toString()).toBe(`${numbers(0, 10).join('\n')}\n`)
      expect([one.events, one.offset]).toEqual([10, { sequences: [[1, 10]] }])
      expect(await pending()).toBe(20)
      await first.commit(one.offset)
      expect(await pending()).toBe(10)
      await first.close()
      // The second batch lies in the spool; told to give its messages again at once, the server does, and they are not read twice.
      await manager.consumers.update(stream, 'keyhound', { ack_wait: 100_000_000 })
      await send(['{"n":\n20}', ' ', ...numbers(21, 25)])
      const second = await open([two.offset])
      const { lines, batches } = await readAll(second, 5 + 1, 2)
      expect(lines).toEqual(numbers(20, 25))
      for (const { offset } of batches) await second.commit(offset)
      await second.commit(two.offset)
      expect(await pending()).toBe(0)
      await second.close()
    } finally {
      await manager.streams.delete(stream)
      await connection.close()
    }
  })

  test('a stream that is not there, and a server that is not, are named', async () => {
    await expect(pullNats({ url: nats!, stream: name(), durable: 'k' })([])).rejects.toMatchObject({
      code: 'not-found',
    })
    await expect(
      pullNats({ url: 'nats://127.0.0.1:1', stream: 'x', durable: 'k' })([]),
    ).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('nats://127.0.0.1:1'),
    })
  })
})

const kafka = services.kafka
describe.skipIf(kafka === null)(kafka === null ? leftOut('kafka', 'Kafka') : 'Kafka', () => {
  test('is read as a group whose offsets are committed batch by batch, and read on after a restart', async () => {
    const client = new kafkajs.Kafka({ brokers: [kafka!], logLevel: kafkajs.logLevel.NOTHING })
    const [topic, group] = [name(), name()]
    const admin = client.admin()
    const producer = client.producer()
    await Promise.all([admin.connect(), producer.connect()])
    try {
      await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true })
      const send = (lines: readonly string[]) =>
        producer.send({ topic, messages: lines.map((value, i) => ({ value, partition: i % 2 })) })
      const committed = async () => {
        const [of] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
        return of!.partitions.map(({ offset }) => Number(offset)).sort()
      }
      const open = consumeKafka({ brokers: [kafka!], topics: [topic], group })
      await send(numbers(0, 20))
      const first = await open([])
      const one = await readAll(first, 20)
      expect(sorted(one.lines)).toEqual(numbers(0, 20))
      // Nothing is committed by itself.
      expect(await committed()).toEqual([-1, -1])
      for (const { offset } of one.batches) await first.commit(offset)
      expect(await committed()).toEqual([10, 10])
      await send(numbers(20, 30))
      const two = await readAll(first, 10)
      expect(sorted(two.lines)).toEqual(numbers(20, 30))
      await first.close()
      // Read and not committed, it comes again, unless it lies in the spool.
      const second = await open([])
      expect(sorted((await readAll(second, 10)).lines)).toEqual(numbers(20, 30))
      await second.close()
      await send(numbers(30, 34))
      const third = await open(two.batches.map(batch => batch.offset))
      expect(sorted((await readAll(third, 4)).lines)).toEqual(numbers(30, 34))
      await third.close()
    } finally {
      await admin.deleteTopics({ topics: [topic] }).catch(() => undefined)
      await Promise.all([admin.disconnect(), producer.disconnect()])
    }
  }, 30_000)
})
