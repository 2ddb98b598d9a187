import { plannedVolumes } from './habits.ts'
import type { Actor, Overlay, World } from './model.ts'

/** Events planned for each actor and day. */
export interface Volumes {
  at(actor: Actor, day: number): number
}

/** Plans all days so that their sum is `events`. `overlays` by actor index. */
export function planVolumes(
  world: World,
  overlays: readonly (readonly Overlay[])[],
  events: number,
): Volumes {
  const { days } = world
  const plan = new Float64Array(world.actors.length * days)
  let total = 0
  for (const actor of world.actors) {
    const own = plannedVolumes(
      actor,
      days,
      world.start,
      overlays[actor.index]!,
      world.random.fork('volumes', actor.index),
    )
    plan.set(own, actor.index * days)
    for (let day = 0; day < days; day++) total += own[day]!
  }
  const scale = total > 0 ? events / total : 0
  for (let i = 0; i < plan.length; i++) plan[i] = plan[i]! * scale
  return { at: (actor, day) => (day < 0 || day >= days ? 0 : plan[actor.index * days + day]!) }
}
