import { mixed, type NextCall, operationsWhere, ownWork } from '../calls.ts'
import { workingObject } from '../objects.ts'
import { OPERATIONS } from '../operations.ts'
import { type Attack, amount, by, comeIn, findVictim, runs, slices } from './kit.ts'

/**
 * An insider or malware on the owner's machine: same network, client, hours and even the same calls, but in an order that
 * no workflow has: a script goes round a fixed cycle without ever listing or opening what it works on.
 */
export const sequenceChange: Attack = {
  family: 'sequence_change',
  plan(scene) {
    const usable = (actor: Parameters<typeof operationsWhere>[0]) =>
      operationsWhere(actor, { allowed: true, used: true }).filter(
        index => OPERATIONS[index]!.kind !== 'list',
      )
    const victim = findVictim(scene, 2, actor => usable(actor).length >= 4)
    if (!victim) return []
    const { actor, day } = victim
    const cycle = scene.random.shuffle(usable(actor)).slice(0, 3 + scene.random.int(3))
    const round: NextCall = (step, i, random) => {
      step.operation = cycle[i % cycle.length]!
      const resource = OPERATIONS[step.operation]!.object
      step.object = resource < 0 ? Number.NaN : workingObject(actor, resource, day, random)
    }
    const total = amount(scene, victim, by(scene, 3, 1.5, 0.8), by(scene, 120, 50, 20))
    const parts = slices(scene, victim, {
      total,
      pieces: by(scene, 1, 3, 6),
      days: by(scene, 1, 1, 2),
      hours: 'own',
    })
    const entry = comeIn(scene, actor, scene.random.chance(0.8) ? 'own' : undefined)
    return runs(scene, actor, parts, entry, mixed(scene.hard ? 0.85 : 1, round, ownWork(actor, day)), {
      gapMs: by(scene, 900, 4000, 9000),
    })
  },
}
