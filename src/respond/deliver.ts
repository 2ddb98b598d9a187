import { messageOf } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'
import type { Context } from '../pipeline/context.ts'
import { type Config, defaultConfig } from '../schema/config.ts'
import type { SinkConfig } from '../schema/sinks.ts'
import {
  claimDeliveries,
  type Delivery,
  forgetPayloads,
  markDelivered,
  markFailed,
  postponeDelivery,
} from '../state/outbox.ts'
import { type State, withState } from '../state/state.ts'
import { pauseMs } from './back-off.ts'
import { enqueueAlerts } from './enqueue.ts'
import { openSink } from './open-sink.ts'
import { failure, type Outcome, type Outside } from './outside.ts'
import type { Sink } from './sink.ts'

/** Deliveries under way at once: receivers are few, and most of the time is waiting for them. */
const AT_ONCE = 8
/** Days that the text of a delivered message is kept, for questions about what was sent. */
const KEPT_DAYS = 30
const DAY_MS = 86_400_000
/** Failures in a row after which a sink is left alone for the rest of a run: others must not wait for its time-outs. */
const DOWN_AFTER = 3

/** What delivering is given of the world, and how far back it looks. */
export interface DeliveryOptions {
  readonly outside: Outside
  /** Spreads the pauses between attempts. */
  readonly random: Random
  /** Alerts last seen after this. @default `delivery.mostAgeDays` ago */
  readonly from?: Date
}

/** What became of the messages of one round, in numbers. */
export interface DeliveryReport {
  /** Messages that are new in the outbox. */
  enqueued: number
  delivered: number
  /** Failed, and to be tried again later. */
  putOff: number
  /** Given up. */
  dead: number
  /** What is wrong with sinks, once each. */
  readonly problems: { readonly sink: string; readonly problem: string }[]
}

/**
 * Tells the sinks of the configuration what they have not been told: makes messages for new alerts and sends everything that is
 * due. At least once: a message whose sending was cut short is sent again, with the same idempotency key. Safe to run at any
 * time, by several processes.
 */
export async function deliverAlerts(context: Context, options: DeliveryOptions): Promise<DeliveryReport> {
  const config = context.config ?? defaultConfig()
  const report: DeliveryReport = { enqueued: 0, delivered: 0, putOff: 0, dead: 0, problems: [] }
  if (config.sinks.length === 0) return report
  const at = options.outside.clock()
  const from = options.from ?? new Date(at.getTime() - config.delivery.mostAgeDays * DAY_MS)
  const sinks = openSinks(config.sinks, options.outside, report)
  await withState(context.workspace, async state => {
    report.enqueued = await enqueueAlerts(context, state, sinks, { from, at })
    await sendDue(state, config, sinks, options, report)
    await forgetPayloads(state, new Date(at.getTime() - KEPT_DAYS * DAY_MS))
  })
  return report
}

/** Sends what is due in the outbox, and nothing else. */
export async function deliverDue(
  state: State,
  config: Config,
  options: DeliveryOptions,
): Promise<DeliveryReport> {
  const report: DeliveryReport = { enqueued: 0, delivered: 0, putOff: 0, dead: 0, problems: [] }
  await sendDue(state, config, openSinks(config.sinks, options.outside, report), options, report)
  return report
}

/** The sinks that can be opened; one that cannot must not keep the others from being told. */
function openSinks(
  configs: readonly SinkConfig[],
  outside: Outside,
  { problems }: DeliveryReport,
): Map<SinkConfig, Sink> {
  const sinks = new Map<SinkConfig, Sink>()
  for (const config of configs) {
    try {
      sinks.set(config, openSink(config, outside))
    } catch (error) {
      problems.push({ sink: config.name, problem: messageOf(error) })
    }
  }
  return sinks
}

async function sendDue(
  state: State,
  { delivery: rules }: Config,
  sinks: ReadonlyMap<SinkConfig, Sink>,
  options: DeliveryOptions,
  report: DeliveryReport,
): Promise<void> {
  const { outside } = options
  const byName = new Map([...sinks].map(([config, sink]) => [config.name, sink]))
  const failuresInARow = new Map<string, number>()
  // Long enough for connecting, sending and waiting of an attempt, each within the time-out; whoever dies is replaced after it.
  const leaseMs = 60_000 + 5 * outside.timeoutMs
  for (;;) {
    const now = outside.clock()
    const leaseUntil = new Date(now.getTime() + leaseMs)
    const claimed = await claimDeliveries(state, { now, leaseUntil, limit: AT_ONCE })
    if (claimed.length === 0) return
    // Each is noted as soon as it is known: what is sent and not noted would be sent again.
    await Promise.all(
      claimed.map(async delivery => {
        const { id, sink } = delivery
        if ((failuresInARow.get(sink) ?? 0) >= DOWN_AFTER) {
          const pause = pauseMs(1, rules, options.random.fork(id, 'postponed'), null)
          await postponeDelivery(state, id, new Date(outside.clock().getTime() + pause))
          report.putOff++
          return
        }
        const outcome = await attempt(delivery, byName, report)
        const isDown = !outcome.ok && !outcome.isFinal
        failuresInARow.set(sink, isDown ? (failuresInARow.get(sink) ?? 0) + 1 : 0)
        await note(state, delivery, outcome, nextAttempt(delivery, outcome, rules, options), report)
      }),
    )
  }
}

/** When a delivery whose attempt failed is tried again; null: not any more. */
function nextAttempt(
  { id, attempts }: Delivery,
  outcome: Outcome,
  rules: Config['delivery'],
  { outside, random }: DeliveryOptions,
): Date | null {
  const failures = attempts + 1
  if (outcome.ok || outcome.isFinal || failures >= rules.attempts) return null
  const pause = pauseMs(failures, rules, random.fork(id, failures), outcome.retryAfterMs)
  return new Date(outside.clock().getTime() + pause)
}

async function note(
  state: State,
  { id, sink }: Delivery,
  outcome: Outcome,
  nextAt: Date | null,
  report: DeliveryReport,
): Promise<void> {
  if (outcome.ok) {
    await markDelivered(state, id)
    report.delivered++
    return
  }
  await markFailed(state, id, { error: outcome.error, nextAt })
  if (nextAt === null) report.dead++
  else report.putOff++
  noteProblem(report, sink, outcome.error)
}

async function attempt(
  delivery: Delivery,
  sinks: ReadonlyMap<string, Sink>,
  { problems }: DeliveryReport,
): Promise<Outcome> {
  const sink = sinks.get(delivery.sink)
  if (sink === undefined) {
    const known = problems.find(one => one.sink === delivery.sink)
    return known === undefined
      ? failure('the configuration names no such sink any more', true)
      : failure(known.problem)
  }
  try {
    return await sink.send(delivery)
  } catch (error) {
    // A fault of ours in one sink must not keep the others from being told.
    return failure(messageOf(error))
  }
}

function noteProblem({ problems }: DeliveryReport, sink: string, problem: string): void {
  if (!problems.some(one => one.sink === sink && one.problem === problem)) problems.push({ sink, problem })
}
