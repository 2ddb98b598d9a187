import type { Random } from '../lib/random.ts'
import { type Client, userAgentOf } from './clients.ts'
import type { Emitter } from './emitter.ts'
import { activityAt } from './habits.ts'
import { hash } from './hash.ts'
import { type Actor, DAY, HOUR, type Overlay, type Step, type World } from './model.ts'
import { usualAddress } from './places.ts'
import { createWorkflow } from './workflow.ts'

const MINUTE = 60_000
/** Minutes between the runs of a cron-like service. */
const PERIODS = [5, 10, 15, 30, 60, 60, 120, 360] as const

/** Start (UTC milliseconds) and number of calls of one sitting, job or burst. */
interface Session {
  start: number
  size: number
}

/** Makes the everyday events of one actor on one day. */
export function emitDay(
  world: World,
  emitter: Emitter,
  actor: Actor,
  day: number,
  count: number,
  overlays: readonly Overlay[],
  random: Random,
): void {
  const dayStart = world.start + day * DAY
  const step: Step = { operation: 0, object: 0, status: 0, heavy: 1 }
  const active: Overlay[] = []
  for (const session of planSessions(actor, dayStart, count, overlays, random)) {
    active.length = 0
    for (const overlay of overlays)
      if (overlay.start <= session.start && session.start < overlay.end) active.push(overlay)
    if (active.some(overlay => overlay.absent)) continue
    const workflow = createWorkflow(actor, day, active)
    workflow.begin()
    const agent = world.agents.code(userAgentOf(clientFor(actor, active, random), day))
    const failing = active.reduce((most, overlay) => Math.max(most, overlay.failing ?? 0), 0)
    let address = addressFor(world, actor, session.start, active, random)
    let time = session.start
    for (let i = 0; i < session.size; i++) {
      const opened = workflow.next(step, random)
      time += pause(actor, opened || i === 0, random)
      if (actor.role.rhythm === 'mobile' && random.chance(0.03))
        address = addressFor(world, actor, time, active, random)
      if (failing > 0 && random.chance(failing)) time = retry(time, address)
      emitter.emit(actor, time, step, address, agent, 0, random)
    }

    /** Failures come back quickly with a 5xx and are tried again, up to four times, ever more slowly. */
    function retry(from: number, via: number): number {
      let at = from
      for (let tries = 1 + random.int(4), wait = 400; tries > 0; tries--, wait *= 2) {
        step.status = random.chance(0.7) ? 503 : random.chance(0.5) ? 500 : 502
        emitter.emit(actor, at, step, via, agent, 0, random)
        at += wait * random.uniform(0.7, 1.5)
      }
      step.status = 0
      return at
    }
  }
}

function clientFor(actor: Actor, active: readonly Overlay[], random: Random): Client {
  const changed = active.findLast(overlay => overlay.client)?.client
  if (changed) return changed
  return actor.clients.length > 1 && random.chance(0.12) ? actor.clients[1]! : actor.clients[0]!
}

/** Where a session comes from: the newest overlay that speaks of places and takes it, else the usual. */
export function addressFor(
  world: World,
  actor: Actor,
  time: number,
  active: readonly Overlay[],
  random: Random,
): number {
  for (let i = active.length - 1; i >= 0; i--) {
    const overlay = active[i]!
    if (overlay.locate && random.chance(overlay.locateShare ?? 1)) return overlay.locate(time, random)
  }
  const office = active.findLast(overlay => overlay.office)?.office
  return usualAddress(world, office ? { ...actor, office } : actor, time, random)
}

/** Milliseconds before the next call: pages fire several at once, people think, programs go on. */
function pause(actor: Actor, opened: boolean, random: Random): number {
  switch (actor.role.rhythm) {
    case 'human':
    case 'mobile':
      if (!opened && random.chance(0.35)) return random.uniform(30, 600)
      return Math.min(20 * MINUTE, Math.exp(random.normal(Math.log(opened ? 16_000 : 6_000), 1)))
    case 'ci':
      return Math.exp(random.normal(Math.log(1_800), 0.9))
    default:
      return Math.exp(random.normal(Math.log(260), 0.6))
  }
}

function planSessions(
  actor: Actor,
  dayStart: number,
  count: number,
  overlays: readonly Overlay[],
  random: Random,
): Session[] {
  switch (actor.role.rhythm) {
    case 'cron':
      return cronRuns(actor, dayStart, count, random)
    case 'batch':
      return nightlyJobs(actor, dayStart, count, random)
    case 'stream':
      return scattered(actor, dayStart, count, overlays, 5, 0.7, random)
    case 'ci':
      return scattered(actor, dayStart, count, overlays, 14, 0.5, random)
    case 'mobile':
      return scattered(actor, dayStart, count, overlays, 5, 0.7, random)
    default:
      return scattered(actor, dayStart, count, overlays, 11, 0.8, random)
  }
}

/** Sessions of log-normal size, begun in proportion to the actor's activity through the day. */
function scattered(
  actor: Actor,
  dayStart: number,
  count: number,
  overlays: readonly Overlay[],
  medianSize: number,
  spread: number,
  random: Random,
): Session[] {
  let shift = 0
  for (const overlay of overlays)
    if (overlay.shiftHours && overlay.start < dayStart + DAY && overlay.end > dayStart)
      shift = overlay.shiftHours
  const slots = new Float64Array(48)
  for (let i = 0; i < 48; i++) slots[i] = activityAt(actor, dayStart + (i + 0.5) * 0.5 * HOUR, shift)
  const sessions: Session[] = []
  for (let left = count; left > 0; ) {
    const size = Math.min(
      left,
      Math.max(1, Math.round(Math.exp(random.normal(Math.log(medianSize), spread)))),
    )
    sessions.push({ start: dayStart + (random.weighted(slots) + random.next()) * 0.5 * HOUR, size })
    left -= size
  }
  return sessions
}

/** Runs at fixed minutes, some seconds late; when there are fewer calls than runs, only every k-th run finds work. */
function cronRuns(actor: Actor, dayStart: number, count: number, random: Random): Session[] {
  const period = PERIODS[hash(actor.seed, 71) % PERIODS.length]!
  const runs = Math.max(1, Math.min(1440 / period, Math.round(count / 2)))
  const every = Math.max(1, Math.round(1440 / period / runs))
  const phase = hash(actor.seed, 72) % period
  const sessions: Session[] = []
  let left = count
  const total = Math.ceil(1440 / period / every)
  for (let i = 0; i < total && left > 0; i++) {
    const size =
      i === total - 1 ? left : Math.min(left, Math.round(count / total + random.uniform(-0.5, 0.5)))
    if (size > 0)
      sessions.push({
        start: dayStart + (i * every * period + phase) * MINUTE + random.uniform(0, 9_000),
        size,
      })
    left -= Math.max(0, size)
  }
  return sessions
}

/** One or two jobs at the hours they have always run. */
function nightlyJobs(actor: Actor, dayStart: number, count: number, random: Random): Session[] {
  const hour = hash(actor.seed, 73) % 24
  const second = (hour + 6 + (hash(actor.seed, 74) % 12)) % 24
  const at = (h: number) =>
    dayStart + h * HOUR + (hash(actor.seed, 75) % 60) * MINUTE + random.uniform(0, 120_000)
  if (hash(actor.seed, 76) % 2 === 0) return [{ start: at(hour), size: count }]
  const half = Math.floor(count / 2)
  return [
    { start: at(hour), size: count - half },
    { start: at(second), size: half },
  ]
}
