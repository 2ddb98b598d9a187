import type { Random } from '../../lib/random.ts'
import { userAgentOf } from '../clients.ts'
import { type Actor, DAY, HOUR, type Overlay, type Run, type Step, type World } from '../model.ts'
import { usualAddress } from '../places.ts'

/** A benign event that looks like an attack to somebody: what benign.csv lists, one row a token. */
export interface Surprise {
  readonly kind: string
  readonly actor: Actor
  /** UTC milliseconds, end exclusive. */
  readonly start: number
  readonly end: number
}

/** What a surprise may know, and where it puts what it changes. */
export interface Stage {
  readonly world: World
  readonly random: Random
  /** Name for random streams: unique to this happening. */
  readonly stream: string
  /** Events planned for an actor and day before any surprise. */
  volume(actor: Actor, day: number): number
  /** Enters a row of benign.csv. */
  note(actor: Actor, start: number, end: number): void
  overlay(actor: Actor, overlay: Overlay): void
  run(run: Run): void
}

/** A kind of benign surprise. */
export interface SurpriseKind {
  readonly kind: string
  /** What `rate` counts by; world: staged once, reading off what the population has anyway. */
  readonly per: 'tokens' | 'tenant' | 'world'
  /** Happenings a week, per 100 tokens or per tenant. */
  readonly rate: number
  stage(stage: Stage): void
}

export interface Scheduled {
  readonly actor: Actor
  readonly day: number
  /** Mean events on active days of the week before (and the day itself). */
  readonly pace: number
}

/** An actor with traffic on some day, that `fits`; undefined when 400 draws find none. */
export function findActor(
  stage: Stage,
  fits: (actor: Actor, day: number) => boolean = () => true,
  active = true,
): Scheduled | undefined {
  const { world, random } = stage
  for (let tries = 0; tries < 400; tries++) {
    const actor = random.pick(world.actors)
    const day = random.int(world.days)
    if (active && stage.volume(actor, day) < 0.5) continue
    if (!fits(actor, day)) continue
    return { actor, day, pace: paceOf(stage, actor, day) }
  }
  return undefined
}

export function paceOf(stage: Stage, actor: Actor, day: number): number {
  let sum = 0
  let count = 0
  for (let d = day - 7; d <= day; d++) {
    const volume = stage.volume(actor, d)
    if (volume < 0.5) continue
    sum += volume
    count++
  }
  return count === 0 ? 1 : sum / count
}

/** UTC milliseconds of a local hour of a day (0-based). */
export function at(stage: Stage, actor: Actor, day: number, localHour: number): number {
  return stage.world.start + day * DAY + (localHour - actor.offset) * HOUR
}

/** Days after a lasting change in which it still surprises: what benign.csv gives as its end. */
export const ADAPTATION = 7

/** A change from a moment to the end of the run; the week after it is noted. */
export function lasting(
  stage: Stage,
  actor: Actor,
  start: number,
  change: Omit<Overlay, 'start' | 'end'>,
): void {
  stage.overlay(actor, { ...change, start, end: Number.POSITIVE_INFINITY })
  stage.note(actor, start, start + ADAPTATION * DAY)
}

/** UTC milliseconds of the begin of a day (0-based). */
export function dayStart(stage: Stage, day: number): number {
  return stage.world.start + day * DAY
}

/** Most calls of one benign job, as a share of all events: a single job must not decide the size of a small run. */
const LARGEST_JOB = 0.004

/** Puts in a job: calls in a row with the actor's own client, from its usual place, or from `locate`. */
export function job(
  stage: Stage,
  actor: Actor,
  part: {
    name?: string
    start: number
    count: number
    gapMs: number
    gapSpread?: number
    next(step: Step, i: number, random: Random): void
    locate?(time: number, random: Random): number
  },
): void {
  const { world } = stage
  const day = Math.floor((part.start - world.start) / DAY)
  if (day < 0 || day >= world.days) return
  let address = -1
  stage.run({
    actor,
    start: part.start,
    count: Math.max(1, Math.round(part.count)),
    gapMs: part.gapMs,
    gapSpread: part.gapSpread ?? 0.6,
    stream: `${stage.stream} ${actor.index} ${part.name ?? ''}`,
    next: part.next,
    locate(_i, time, random) {
      if (address < 0) address = part.locate?.(time, random) ?? usualAddress(world, actor, time, random)
      return address
    },
    agent: world.agents.code(userAgentOf(actor.clients[0]!, day)),
    incident: 0,
  })
}

/** Size of a job: a multiple of the actor's daily pace, bounded for small and for huge tokens. */
export function jobSize(stage: Stage, pace: number, multiple: number, least: number): number {
  let total = 0
  for (const actor of stage.world.actors)
    total += stage.volume(actor, 0) + stage.volume(actor, stage.world.days - 1)
  const events = Math.max(1, (total / 2) * stage.world.days)
  const wanted = Math.max(least, pace * multiple) * Math.exp(stage.random.normal(0, 0.3))
  return Math.max(3, Math.min(Math.round(wanted), Math.max(20, Math.round(LARGEST_JOB * events))))
}
