import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { createRandom } from '../../src/lib/random.ts'
import type { Context } from '../../src/pipeline/context.ts'
import { reopenAlert } from '../../src/pipeline/desk.ts'
import { judgeAlert } from '../../src/pipeline/triage.ts'
import { type DeliveryReport, deliverAlerts } from '../../src/respond/deliver.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { type DeliveryFilter, listDeliveries, reviveDelivery } from '../../src/state/outbox.ts'
import { type StatePlace, withState } from '../../src/state/state.ts'
import type { TinyWorld } from '../engine/tiny-world.ts'
import { describeBackends } from '../state/backends.ts'
import {
  configOf,
  FIRST,
  type GivenAlert,
  NOW,
  openAlerts,
  outsideAt,
  publishAlerts,
  SECRET,
} from './alerts.ts'
import { type Answer, type HttpReceiver, type Received, receiveHttp } from './receivers.ts'

const MINUTE_MS = 60_000
const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

interface Stage {
  readonly world: TinyWorld
  readonly receiver: HttpReceiver
  /** Runs a delivery so many minutes after NOW. */
  deliver(minutes?: number, more?: { from?: Date; config?: object; engine?: Engine }): Promise<DeliveryReport>
  deliveries(filter?: DeliveryFilter): ReturnType<typeof listDeliveries>
  /** Idempotency keys in the order that the receiver saw them. */
  keys(): string[]
}

async function stage(
  alerts: readonly GivenAlert[],
  answer?: (request: Received, count: number) => Answer | null,
  sink: object = {},
  delivery: object = {},
  place: Partial<StatePlace> = {},
): Promise<Stage> {
  const opened = await openAlerts(alerts)
  const { stateFile = opened.workspace.stateFile, stateDatabase } = place
  const workspace = { ...opened.workspace, stateFile, ...(stateDatabase && { stateDatabase }) }
  const world = { ...opened, workspace }
  const receiver = await receiveHttp(answer)
  closing.push(() => world.close(), receiver.close)
  const given = {
    sinks: [{ name: 'soc', kind: 'webhook', url: receiver.url, secretEnv: 'HOOK', ...sink }],
    delivery,
  }
  return {
    world,
    receiver,
    deliver(minutes = 0, { from, config = given, engine = world.engine } = {}) {
      const clock = () => new Date(NOW.getTime() + minutes * MINUTE_MS)
      const context: Context = {
        engine,
        workspace: world.workspace,
        progress: silentProgress,
        now: clock(),
        config: configOf(config),
      }
      const outside = outsideAt(world.workspace.root, clock)
      return deliverAlerts(context, { outside, random: createRandom(1), ...(from && { from }) })
    },
    deliveries: filter => withState(world.workspace, state => listDeliveries(state, filter)),
    keys: () => receiver.received.map(one => String(one.headers['webhook-id'])),
  }
}

const dataOf = ({ body }: Received) => JSON.parse(body).data as { alertId: string; severity: string }

describe('what is told', () => {
  test('each open alert of the queue that is severe enough, once; what is judged benign ahead or old is not', async () => {
    const old = new Date(FIRST - 30 * 86_400_000)
    const { deliver, receiver } = await stage(
      [
        { alertId: 'high', severity: 'high' },
        { alertId: 'low', severity: 'low' },
        { alertId: 'held', status: 'suppressed', shown: 'suppressed', suppressedBecause: 'load test' },
        { alertId: 'sampled', shown: 'sampled' },
        { alertId: 'other', tenantId: 'other' },
        { alertId: 'folded', foldedInto: 'high' },
        { alertId: 'old', firstSeen: old, lastSeen: old },
      ],
      undefined,
      { minSeverity: 'medium', tenants: ['acme'] },
    )
    expect(await deliver()).toEqual({ enqueued: 1, delivered: 1, putOff: 0, dead: 0, problems: [] })
    expect(await deliver(60)).toMatchObject({ enqueued: 0, delivered: 0 })
    expect(receiver.received.map(one => dataOf(one).alertId)).toEqual(['high'])
    expect(await deliver(60, { from: new Date(old.getTime() - 1) })).toMatchObject({ enqueued: 1 })
    expect(dataOf(receiver.received[1]!).alertId).toBe('old')
  })

  test('again when it becomes more severe or is opened again, with a key of its own', async () => {
    const { world, deliver, receiver, keys } = await stage([{ alertId: 'a', severity: 'high' }])
    await deliver()
    await publishAlerts(world, [{ alertId: 'a', severity: 'critical' }])
    expect(await deliver(1)).toMatchObject({ enqueued: 1, delivered: 1 })
    const context: Context = { ...world, progress: silentProgress, now: NOW }
    await judgeAlert(context, 'a', { verdict: 'benign_trigger', note: null, who: 'ann' })
    expect(await deliver(2)).toMatchObject({ enqueued: 0, delivered: 0 })
    await reopenAlert(context, 'a', 'ann')
    expect(await deliver(2)).toMatchObject({ enqueued: 1, delivered: 1 })
    expect(await deliver(3)).toMatchObject({ enqueued: 0, delivered: 0 })
    expect(receiver.received.map(one => dataOf(one).severity)).toEqual(['high', 'critical', 'critical'])
    expect(new Set(keys()).size).toBe(3)
  })

  test('no sinks, no state: nothing is made', async () => {
    const { deliver, receiver } = await stage([{ alertId: 'a' }])
    expect(await deliver(0, { config: {} })).toMatchObject({ enqueued: 0 })
    expect(receiver.received).toEqual([])
  })
})

describe('what fails', () => {
  test('is tried again after a pause, same key and bytes, until the receiver takes it', async () => {
    const { deliver, deliveries, receiver, keys } = await stage([{ alertId: 'a' }], (_, count) => ({
      status: count < 3 ? 503 : 204,
    }))
    expect(await deliver()).toEqual({
      enqueued: 1,
      delivered: 0,
      putOff: 1,
      dead: 0,
      problems: [{ sink: 'soc', problem: 'answered 503' }],
    })
    const [{ nextAt, attempts, lastError }] = (await deliveries()) as [
      Awaited<ReturnType<typeof deliveries>>[0],
    ]
    expect([attempts, lastError]).toEqual([1, 'answered 503'])
    // The first pause is 15 to 30 seconds.
    expect(nextAt.getTime() - NOW.getTime()).toBeGreaterThanOrEqual(15_000)
    expect(nextAt.getTime() - NOW.getTime()).toBeLessThanOrEqual(30_000)
    expect(await deliver(0.2)).toMatchObject({ putOff: 0, delivered: 0 })
    expect(await deliver(1)).toMatchObject({ putOff: 1 })
    expect(await deliver(3)).toMatchObject({ delivered: 1 })
    expect(receiver.received).toHaveLength(3)
    expect(new Set(keys()).size).toBe(1)
    expect(new Set(receiver.received.map(one => one.body)).size).toBe(1)
  })

  test('not before the receiver says: Retry-After', async () => {
    const { deliver, receiver } = await stage([{ alertId: 'a' }], (_, count) =>
      count === 1 ? { status: 429, headers: { 'retry-after': '3600' } } : { status: 200 },
    )
    await deliver()
    await deliver(59)
    expect(receiver.received).toHaveLength(1)
    expect(await deliver(60)).toMatchObject({ delivered: 1 })
  })

  test('for good, or too often, is a dead letter; reviving sends it with the same key', async () => {
    let status = 400
    const { world, deliver, deliveries, receiver, keys } = await stage(
      [{ alertId: 'a' }],
      () => ({ status }),
      {},
      { attempts: 2 },
    )
    expect(await deliver()).toMatchObject({ dead: 1, putOff: 0 })
    expect(await deliver(9999, { from: NOW })).toMatchObject({ delivered: 0 })
    const revive = async () => {
      const [dead] = await deliveries({ status: 'dead' })
      await withState(world.workspace, state =>
        reviveDelivery(state, dead!.id, { actor: 'cli:ann', at: NOW }),
      )
    }
    await revive()
    status = 500
    expect(await deliver(0)).toMatchObject({ putOff: 1 })
    expect(await deliver(10)).toMatchObject({ dead: 1 })
    await revive()
    status = 200
    expect(await deliver(20)).toMatchObject({ delivered: 1 })
    expect(receiver.received).toHaveLength(4)
    expect(new Set(keys()).size).toBe(1)
    expect(await deliveries({ status: 'dead' })).toEqual([])
  })

  test('a sink that is down is left alone after a few failures, without costing the rest an attempt', async () => {
    const alerts = Array.from({ length: 40 }, (_, i) => ({ alertId: `a${i}` }))
    const { deliver, deliveries, receiver } = await stage(alerts, () => ({ status: 503 }))
    expect(await deliver()).toMatchObject({ enqueued: 40, delivered: 0, putOff: 40 })
    // Those under way at once.
    expect(receiver.received).toHaveLength(8)
    const attempts = (await deliveries()).map(one => one.attempts)
    expect(attempts.filter(count => count === 0)).toHaveLength(32)
    expect((await deliveries()).every(one => one.nextAt > NOW)).toBe(true)
  })

  test('one sink does not keep the others from being told', async () => {
    const { world, deliver, receiver } = await stage([{ alertId: 'a' }])
    const hook = { name: 'soc', kind: 'webhook', url: receiver.url, secretEnv: 'HOOK' }
    const closed = { name: 'gone', kind: 'syslog', host: '127.0.0.1', port: 1, transport: 'tcp' }
    const config = { sinks: [{ ...hook, name: 'no-secret', secretEnv: 'NONE' }, closed, hook] }
    expect(await deliver(0, { config })).toEqual({
      enqueued: 2,
      delivered: 1,
      putOff: 1,
      dead: 0,
      problems: [
        { sink: 'no-secret', problem: expect.stringContaining('NONE') },
        { sink: 'gone', problem: 'no connection (ECONNREFUSED)' },
      ],
    })
    // A sink that the configuration no longer names: its letters are dead, not lost.
    expect(await deliver(1, { config: { sinks: [hook] } })).toMatchObject({ dead: 1 })
    const state = await withState(world.workspace, one => listDeliveries(one, { status: 'dead' }))
    expect(state).toMatchObject([
      { sink: 'gone', lastError: 'the configuration names no such sink any more' },
    ])
  })

  test('no secret reaches the state, whatever the receiver says', async () => {
    const { deliver, deliveries } = await stage([{ alertId: 'a' }], () => ({ status: 500, body: SECRET }))
    await deliver()
    expect(JSON.stringify(await deliveries())).not.toContain(SECRET)
  })
})

describeBackends('delivery over one state', backend => {
  test('two at once send each message once', async () => {
    const place = backend.makePlace()
    closing.push(place.clean)
    const alerts = Array.from({ length: 20 }, (_, i) => ({ alertId: `a${i}` }))
    const { deliver, keys } = await stage(alerts, undefined, {}, {}, place)
    const engine = await openEngine({ threads: 1 })
    closing.push(() => engine.close())
    const reports = await Promise.all([deliver(), deliver(0, { engine })])
    expect(reports[0]!.enqueued + reports[1]!.enqueued).toBe(20)
    expect(reports[0]!.delivered + reports[1]!.delivered).toBe(20)
    expect(keys()).toHaveLength(20)
    expect(new Set(keys()).size).toBe(20)
  })
})

test('killed between sending and noting it: sent again after the lease, with the same key and bytes', async () => {
  let reached = () => {}
  const arrived = new Promise<void>(done => {
    reached = done
  })
  // The first request is never answered: whoever sent it dies waiting.
  const { world, receiver, deliver, deliveries, keys } = await stage([{ alertId: 'a' }], (_, count) => {
    if (count > 1) return { status: 204 }
    reached()
    return null
  })
  const config = { sinks: [{ name: 'soc', kind: 'webhook', url: receiver.url, secretEnv: 'HOOK' }] }
  const script = fileURLToPath(new URL('killed-delivery.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, world.workspace.root, JSON.stringify(config)],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const died = new Promise<NodeJS.Signals | null>(done => child.once('exit', (_, signal) => done(signal)))
  await Promise.race([
    arrived,
    died.then(() => {
      throw new Error('the delivery ended before it sent anything')
    }),
  ])
  child.kill('SIGKILL')
  expect(await died).toBe('SIGKILL')
  expect(await deliveries()).toMatchObject([{ status: 'pending', attempts: 0 }])
  // Its lease holds: 60 s and five time-outs of 30 s.
  expect(await deliver(3)).toMatchObject({ enqueued: 0, delivered: 0 })
  expect(await deliver(4)).toMatchObject({ enqueued: 0, delivered: 1 })
  expect(keys()).toHaveLength(2)
  expect(new Set(keys()).size).toBe(1)
  expect(receiver.received[0]!.body).toBe(receiver.received[1]!.body)
})
