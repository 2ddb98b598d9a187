import type { Overlay, Run, World } from '../model.ts'
import type { Volumes } from '../volumes.ts'
import { SURPRISES } from './catalogue.ts'
import type { Stage, Surprise } from './kit.ts'

/** Everything benign and unusual of a run. */
export interface Staged {
  readonly surprises: Surprise[]
  readonly runs: Run[]
}

/**
 * Stages every kind of surprise as often as its rate says (x intensity), at least once each, over the whole run: history and
 * attack days alike. Overlays are pushed onto `overlays` (by actor index).
 */
export function stageSurprises(
  world: World,
  volumes: Volumes,
  intensity: number,
  overlays: Overlay[][],
): Staged {
  const surprises: Surprise[] = []
  const runs: Run[] = []
  const weeks = world.days / 7
  for (const kind of SURPRISES) {
    const random = world.random.fork('surprises', kind.kind)
    const base = kind.per === 'tenant' ? world.tenants.length : world.tokens.length / 100
    const count =
      intensity === 0
        ? 0
        : kind.per === 'world'
          ? 1
          : Math.max(1, random.poisson(kind.rate * weeks * base * intensity))
    for (let number = 0; number < count; number++) {
      const stage: Stage = {
        world,
        random: random.fork(number),
        stream: `${kind.kind} ${number}`,
        volume: (actor, day) => volumes.at(actor, day),
        note: (actor, start, end) => surprises.push({ kind: kind.kind, actor, start, end }),
        overlay: (actor, overlay) => overlays[actor.index]!.push(overlay),
        run: run => runs.push(run),
      }
      kind.stage(stage)
    }
  }
  return { surprises, runs }
}
