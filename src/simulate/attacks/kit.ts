import type { Random } from '../../lib/random.ts'
import { clamp } from '../../lib/stats.ts'
import type { NextCall } from '../calls.ts'
import { ATTACK_CLIENTS, type Client, clientNamed, userAgentOf } from '../clients.ts'
import { activityAt } from '../habits.ts'
import { type Actor, DAY, HOUR, type Run, type World } from '../model.ts'
import { ALL_COUNTRIES, CLOUD_REGIONS, type Network, RENTED } from '../networks.ts'
import { lineIn } from '../places.ts'

export const INTENSITIES = ['loud', 'medium', 'quiet'] as const
export type Intensity = (typeof INTENSITIES)[number]

/** One incident to be planned: what an attack may know. */
export interface Scene {
  readonly world: World
  readonly random: Random
  /** From 1. */
  readonly number: number
  readonly intensity: Intensity
  /** Hard to see: blends in with the victim. */
  readonly hard: boolean
  /** Days (0-based) on which it may happen, last exclusive. */
  readonly firstDay: number
  readonly lastDay: number
  /** Most events it may have. */
  readonly cap: number
  /** Benign events planned for an actor on a day. */
  volume(actor: Actor, day: number): number
  /** Where the actor's own sessions come from just then, surprises included. */
  ownAddress(actor: Actor, time: number, random: Random): number
  /** What the actor's own sessions send just then. */
  ownClient(actor: Actor, time: number): Client
}

/** A kind of misuse. */
export interface Attack {
  readonly family: string
  /** The incident's runs; none when no victim fits. */
  plan(scene: Scene): Run[]
}

/** The entry for this scene's intensity. */
export function by<T>(scene: Scene, loud: T, medium: T, quiet: T): T {
  return scene.intensity === 'loud' ? loud : scene.intensity === 'medium' ? medium : quiet
}

export interface Victim {
  readonly actor: Actor
  /** Day on which the misuse begins. */
  readonly day: number
  /** Mean events on its active days of the last two weeks. */
  readonly pace: number
}

/** A token in use on some day that leaves `span` days for the attack and that `fits`; undefined when 4,000 draws find none. */
export function findVictim(
  scene: Scene,
  span: number,
  fits: (actor: Actor, day: number) => boolean = () => true,
  active = true,
): Victim | undefined {
  const { world, random } = scene
  const room = Math.max(1, scene.lastDay - scene.firstDay - span + 1)
  for (let tries = 0; tries < 4000; tries++) {
    const actor = random.pick(world.actors)
    const day = Math.min(scene.lastDay - 1, scene.firstDay + random.int(room))
    if (active && scene.volume(actor, day) < 1) continue
    if (!fits(actor, day)) continue
    let sum = 0
    let count = 0
    for (let d = Math.max(0, day - 14); d <= day; d++) {
      const volume = scene.volume(actor, d)
      if (volume >= 1) {
        sum += volume
        count++
      }
    }
    const pace = count === 0 ? 1 : sum / count
    if (scene.hard && active && tries < 2000 && pace < HARD_PACE) continue
    return { actor, day, pace }
  }
  return undefined
}

/** Pace a victim should have in hard scenes, in events a day: below it a fraction of its pace is nothing at all. */
const HARD_PACE = 15
/** In hard scenes an attacker takes a fifth of what it would in the open, and from 10 to 80 % of the victim's day. */
const HARD_SHARE = { factor: 0.2, least: 0.1, most: 0.8 }

/**
 * Number of calls: a multiple of the victim's daily pace, at least `least` (a quarter of it in hard scenes).
 * @param fast the pace itself is the misuse: the bounds of hard scenes do not hold
 */
export function amount(scene: Scene, victim: Victim, multiple: number, least: number, fast = false): number {
  const quieter = fast
    ? 0.4 * multiple
    : clamp(multiple * HARD_SHARE.factor, HARD_SHARE.least, HARD_SHARE.most)
  const wanted = victim.pace * (scene.hard ? quieter : multiple) * Math.exp(scene.random.normal(0, 0.3))
  return Math.max(4, Math.round(Math.min(scene.cap, Math.max(least * (scene.hard ? 0.25 : 1), wanted))))
}

/** How an intruder comes in: from where, and with what client. */
export interface Entry {
  readonly kind: 'own' | 'blend' | 'foreign'
  locate(time: number, random: Random): number
  agentAt(time: number): number
}

/**
 * Hard: half from the victim's own network and client (malware on its machine, an insider, a hijacked job), most others
 * from its country with the client copied. Easy: rented servers and far countries, mostly with a script.
 */
export function comeIn(scene: Scene, actor: Actor, wanted?: Entry['kind']): Entry {
  const { random, world } = scene
  const draw = random.next()
  const kind =
    wanted ??
    (scene.hard
      ? draw < 0.5
        ? 'own'
        : draw < 0.88
          ? 'blend'
          : 'foreign'
      : draw < 0.82
        ? 'foreign'
        : 'blend')
  const dayOf = (time: number) => Math.floor((time - world.start) / DAY)
  const ownAgent = (time: number) => world.agents.code(userAgentOf(scene.ownClient(actor, time), dayOf(time)))
  if (kind === 'own')
    return { kind, locate: (time, draws) => scene.ownAddress(actor, time, draws), agentAt: ownAgent }
  const copied = random.chance(kind === 'blend' ? 0.8 : 0.3)
  const client = strangeClient(random)
  const agentAt = copied ? ownAgent : (time: number) => world.agents.code(userAgentOf(client, dayOf(time)))
  const addresses = kind === 'blend' ? blending(scene, actor) : foreignAddresses(scene, actor)
  return { kind, agentAt, locate: (_time, draws) => draws.pick(addresses) }
}

/** A thief's client. */
export function strangeClient(random: Random): Client {
  return {
    family: clientNamed(random.pick(ATTACK_CLIENTS)),
    seed: random.int(2 ** 32),
    pinned: random.chance(0.5),
  }
}

/** One or two addresses in the victim's own country (a residential proxy) or, for services, in a cloud of its kind. */
function blending(scene: Scene, actor: Actor): number[] {
  const { random, world } = scene
  const person = actor.role.rhythm === 'human' || actor.role.rhythm === 'mobile'
  const count = 1 + random.int(2)
  if (person) return Array.from({ length: count }, () => lineIn(world, actor.home, random))
  const same = CLOUD_REGIONS.filter(region => region.country === actor.tenant.cloud.country)
  const network: Network = random.chance(0.6) ? actor.tenant.cloud : random.pick(same)
  return Array.from({ length: count }, () => world.addresses.v4(network, random.int(2048), random.int(254)))
}

/** Addresses of one rented network, or of lines in another country. */
export function foreignAddresses(scene: Scene, actor: Actor): number[] {
  const { random, world } = scene
  const count = 1 + random.int(3)
  if (random.chance(0.65)) {
    const network = random.pick(RENTED)
    const block = random.int(2048)
    return Array.from({ length: count }, () => world.addresses.v4(network, block, random.int(254)))
  }
  const others = ALL_COUNTRIES.filter(country => country.code !== actor.home.code)
  const country = random.pick(others)
  return Array.from({ length: count }, () => lineIn(world, country, random))
}

/** A moment of the given day, drawn by a weight over its hours. UTC milliseconds. */
export function momentOn(
  scene: Scene,
  actor: Actor,
  day: number,
  hours: 'own' | 'off' | 'any',
  random: Random = scene.random,
): number {
  const start = scene.world.start + day * DAY
  const weights = new Float64Array(48)
  for (let i = 0; i < 48; i++) {
    const activity = activityAt(actor, start + (i + 0.5) * 0.5 * HOUR)
    weights[i] = hours === 'any' ? 1 : hours === 'own' ? activity + 0.002 : activity < 0.03 ? 1 : 1e-6
  }
  return start + (random.weighted(weights) + random.next()) * 0.5 * HOUR
}

export interface Slice {
  readonly start: number
  readonly count: number
}

/** Further sittings of attackers that want to blend in. */
const HARD_PIECES = 4

/**
 * `total` calls in `pieces` sittings (more of them in hard scenes) over `days` days from the victim's day on; sittings near
 * each other may overlap.
 */
export function slices(
  scene: Scene,
  victim: Victim,
  plan: { total: number; pieces: number; days?: number; hours?: 'own' | 'off' | 'any' },
): Slice[] {
  const { random } = scene
  const pieces = Math.max(
    1,
    Math.min(plan.pieces + (scene.hard ? HARD_PIECES : 0), Math.floor(plan.total / 2)),
  )
  const days = Math.max(1, Math.min(plan.days ?? 1, scene.lastDay - victim.day))
  const out: Slice[] = []
  let left = plan.total
  for (let i = 0; i < pieces; i++) {
    const day = victim.day + Math.floor((i * days) / pieces)
    const share = left / (pieces - i)
    const count =
      i === pieces - 1
        ? left
        : Math.max(1, Math.min(left - (pieces - i - 1), Math.round(share * random.uniform(0.5, 1.5))))
    left -= count
    const start = momentOn(scene, victim.actor, day, plan.hours ?? (scene.hard ? 'own' : 'any'))
    // Everything has to begin inside the run's days.
    out.push({ start: Math.min(start, scene.world.start + scene.lastDay * DAY - HOUR), count })
  }
  return out.sort((a, b) => a.start - b.start)
}

/** One run a slice. The address holds for a sitting unless `roaming`. */
export function runs(
  scene: Scene,
  actor: Actor,
  parts: readonly Slice[],
  entry: Pick<Entry, 'locate' | 'agentAt'>,
  call: NextCall,
  pace: { gapMs: number; gapSpread?: number; roaming?: boolean },
): Run[] {
  return parts.map((part, index) => {
    let address = -1
    return {
      actor,
      start: part.start,
      count: part.count,
      gapMs: pace.gapMs,
      gapSpread: pace.gapSpread ?? 0.8,
      stream: `incident ${scene.number} ${actor.index} ${index}`,
      next: call,
      locate(_i: number, time: number, random: Random) {
        if (address < 0 || pace.roaming) address = entry.locate(time, random)
        return address
      },
      agent: entry.agentAt(part.start),
      incident: scene.number,
    }
  })
}
