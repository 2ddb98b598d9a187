import { drawn, mixed, operationsWhere, ownWork } from '../calls.ts'
import { OPERATIONS } from '../operations.ts'
import { type Attack, by, comeIn, findVictim, runs, slices } from './kit.ts'

/** A few calls a day for days to two weeks: no hour stands out, the sum does. */
export const lowAndSlow: Attack = {
  family: 'low_and_slow',
  plan(scene) {
    const days = Math.max(1, Math.min(scene.lastDay - scene.firstDay, by(scene, 5, 9, 14)))
    const victim = findVictim(
      scene,
      days,
      (actor, day) => actor.lastDay >= day + days && actor.silent.length === 0,
    )
    if (!victim) return []
    const { actor, day } = victim
    const daily = by(scene, 24, 10, 5) * (scene.hard ? 0.7 : 1)
    const unused = operationsWhere(actor, { allowed: true, used: false })
    const used = operationsWhere(actor, { allowed: true, used: true })
    const taking = [...unused, ...used].filter(index => OPERATIONS[index]!.method === 'GET')
    const chosen = scene.random.shuffle(taking).slice(0, by(scene, 6, 4, 3))
    const take = drawn(actor, day, chosen.length > 0 ? chosen : used, 'owned', step => {
      step.heavy = by(scene, 2, 1.5, 1.2)
    })
    const total = Math.max(days * 2, Math.min(scene.cap, Math.round(daily * days)))
    const parts = slices(scene, victim, { total, pieces: days * by(scene, 1, 2, 2), days })
    return runs(scene, actor, parts, comeIn(scene, actor), mixed(0.8, take, ownWork(actor, day)), {
      gapMs: by(scene, 8000, 30_000, 90_000),
    })
  },
}
