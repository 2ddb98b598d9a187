import { drawn, mixed, operationsWhere, ownWork } from '../calls.ts'
import { OPERATIONS } from '../operations.ts'
import { type Attack, amount, by, comeIn, findVictim, runs, slices } from './kit.ts'

type Grantee = Parameters<typeof operationsWhere>[0]

function carriers(actor: Grantee): number[] {
  return operationsWhere(actor, { allowed: true }).filter(index =>
    ['list', 'export', 'search'].includes(OPERATIONS[index]!.kind),
  )
}

function destroyers(actor: Grantee): number[] {
  return operationsWhere(actor, { allowed: true }).filter(index => OPERATIONS[index]!.kind === 'delete')
}

/** Data leaves: exports, downloads and long lists; quiet thieves ask for larger pages instead of more of them. */
export const exfiltration: Attack = {
  family: 'exfiltration',
  plan(scene) {
    const victim = findVictim(scene, 2, actor => carriers(actor).length >= 2)
    if (!victim) return []
    const { actor, day } = victim
    const all = carriers(actor)
    const exports = all.filter(index => OPERATIONS[index]!.kind === 'export')
    const wanted = exports.length > 0 && !(scene.hard && scene.random.chance(0.5)) ? exports : all
    const chosen = scene.random.shuffle([...wanted]).slice(0, by(scene, 5, 3, 2))
    const larger = by(scene, 3, 2.5, 2)
    const total = amount(scene, victim, by(scene, 3, 1.2, 0.6), by(scene, 120, 50, 16))
    const parts = slices(scene, victim, { total, pieces: by(scene, 1, 3, 6), days: by(scene, 1, 1, 2) })
    const take = drawn(actor, day, chosen, 'owned', step => {
      step.heavy = larger
    })
    const call = mixed(scene.hard ? 0.7 : 0.95, take, ownWork(actor, day))
    return runs(scene, actor, parts, comeIn(scene, actor), call, { gapMs: by(scene, 1500, 6000, 25_000) })
  },
}

/** Sabotage or extortion: objects vanish, up to everything the token may delete. */
export const destructiveBurst: Attack = {
  family: 'destructive_burst',
  plan(scene) {
    const victim = findVictim(scene, 1, actor => destroyers(actor).length >= 1)
    if (!victim) return []
    const { actor, day } = victim
    const total = amount(scene, victim, by(scene, 3, 1, 0.4), by(scene, 150, 45, 14))
    const parts = slices(scene, victim, { total, pieces: by(scene, 1, 2, 4) })
    const destroy = drawn(actor, day, destroyers(actor), 'owned', (step, random) => {
      step.status = random.chance(0.93) ? 204 : 404
    })
    const call = mixed(scene.hard ? 0.7 : 0.95, destroy, ownWork(actor, day))
    return runs(scene, actor, parts, comeIn(scene, actor), call, { gapMs: by(scene, 300, 1500, 10_000) })
  },
}
