import type { Overlay, Run, World } from '../model.ts'
import { addressFor } from '../sessions.ts'
import type { Volumes } from '../volumes.ts'
import { ATTACKS, FAMILIES } from './catalogue.ts'
import { INTENSITIES, type Intensity, type Scene } from './kit.ts'

/** A planned misuse. */
export interface Incident {
  /** From 1; what runs carry. */
  readonly number: number
  readonly id: string
  readonly family: string
  readonly intensity: Intensity
  readonly runs: readonly Run[]
}

/** Share of the benign events that all attacks together may add at most: the run stays within 10 % of what was asked. */
const MOST = 0.07

/** An incident may always have this many events. */
const LEAST_CAP = 12

/**
 * Plans the incidents. Families and intensities take turns, so that every kind comes; victims, moments and manner are drawn
 * from each incident's own stream. A family that finds no victim in this world leaves its turn empty.
 */
export function planIncidents(
  world: World,
  volumes: Volumes,
  overlays: readonly (readonly Overlay[])[],
  options: {
    incidents: number
    events: number
    attackFromDay: number
    difficulty: 'easy' | 'hard' | 'mixed'
    families?: readonly string[]
  },
): Incident[] {
  if (options.attackFromDay >= world.days) return []
  const families = options.families ?? FAMILIES
  const random = world.random.fork('incidents')
  const order = random.shuffle([...families])
  const cap = Math.max(LEAST_CAP, Math.floor((MOST * options.events) / Math.max(1, options.incidents)))
  const incidents: Incident[] = []
  const activeAt = (actor: number, time: number) =>
    overlays[actor]!.filter(overlay => overlay.start <= time && time < overlay.end)
  for (let number = 1; number <= options.incidents; number++) {
    const family = order[(number - 1) % order.length]!
    const own = random.fork('incident', number)
    // Turns of intensity shift by one each time round the families.
    const turn = number - 1 + Math.floor((number - 1) / order.length) * (order.length % 3 === 0 ? 1 : 0)
    const intensity = INTENSITIES[turn % 3]!
    const scene: Scene = {
      world,
      random: own,
      number,
      intensity,
      hard: options.difficulty === 'hard' || (options.difficulty === 'mixed' && own.chance(0.5)),
      firstDay: options.attackFromDay,
      lastDay: world.days,
      cap,
      volume: (actor, day) => volumes.at(actor, day),
      ownAddress: (actor, time, draws) => addressFor(world, actor, time, activeAt(actor.index, time), draws),
      ownClient: (actor, time) =>
        activeAt(actor.index, time).findLast(overlay => overlay.client)?.client ?? actor.clients[0]!,
    }
    const runs = ATTACKS.find(attack => attack.family === family)!.plan(scene)
    if (runs.length === 0) continue
    incidents.push({ number, id: `inc-${String(number).padStart(4, '0')}`, family, intensity, runs })
  }
  return incidents
}
