import { drawn, mixed, operationsWhere, ownWork } from '../calls.ts'
import { OPERATIONS } from '../operations.ts'
import { type Attack, amount, by, comeIn, findVictim, runs, slices } from './kit.ts'

/** Calls outside of the token's grant; some endpoints forget to check and answer. */
export const scopeViolation: Attack = {
  family: 'scope_violation',
  plan(scene) {
    const fits = (actor: Parameters<typeof operationsWhere>[0]) =>
      operationsWhere(actor, { allowed: false, used: false }).length > 10
    const victim = findVictim(scene, 2, fits)
    if (!victim) return []
    const { actor, day } = victim
    // A thief wants a few things, not the whole catalogue.
    const outside = scene.random
      .shuffle(operationsWhere(actor, { allowed: false, used: false }))
      .slice(0, by(scene, 12, 6, 3))
    const passes = scene.random.uniform(0.1, 0.9)
    const probe = drawn(actor, day, outside, 'owned', (step, random) => {
      if (random.chance(passes)) step.status = 200
    })
    const total = amount(scene, victim, by(scene, 1, 0.5, 0.25), by(scene, 60, 25, 10))
    const parts = slices(scene, victim, { total, pieces: by(scene, 1, 3, 5), days: by(scene, 1, 1, 2) })
    return runs(scene, actor, parts, comeIn(scene, actor), mixed(0.6, probe, ownWork(actor, day)), {
      gapMs: by(scene, 1200, 5000, 15_000),
    })
  },
}

/** Granted but never used: a grant wider than its purpose, now used for what its owner never did with it. */
export const permissionViolation: Attack = {
  family: 'permission_violation',
  plan(scene) {
    const victim = findVictim(
      scene,
      2,
      actor => operationsWhere(actor, { allowed: true, used: false }).length >= 4,
    )
    if (!victim) return []
    const { actor, day } = victim
    const unused = operationsWhere(actor, { allowed: true, used: false })
    const sensitive = unused.filter(index => OPERATIONS[index]!.sensitive)
    const wanted = scene.random
      .shuffle(sensitive.length >= 2 ? sensitive : unused)
      .slice(0, by(scene, 10, 5, 3))
    const total = amount(scene, victim, by(scene, 1, 0.5, 0.25), by(scene, 60, 25, 10))
    const parts = slices(scene, victim, { total, pieces: by(scene, 1, 3, 5), days: by(scene, 1, 1, 2) })
    const call = mixed(0.65, drawn(actor, day, wanted, 'owned'), ownWork(actor, day))
    return runs(scene, actor, parts, comeIn(scene, actor), call, { gapMs: by(scene, 1500, 5000, 15_000) })
  },
}

/** Trying doors: one sensitive function after the other, nearly all denied. */
export const bflaProbing: Attack = {
  family: 'bfla_probing',
  plan(scene) {
    const victim = findVictim(
      scene,
      2,
      actor => operationsWhere(actor, { allowed: false, sensitive: true }).length >= 8,
    )
    if (!victim) return []
    const { actor, day } = victim
    const doors = scene.random.shuffle(operationsWhere(actor, { allowed: false, sensitive: true }))
    const tried = doors.slice(0, by(scene, doors.length, 10, 6))
    const total = amount(scene, victim, by(scene, 1.5, 0.6, 0.2), by(scene, 80, 30, 10))
    const parts = slices(scene, victim, { total, pieces: by(scene, 1, 2, 5), days: by(scene, 1, 1, 3) })
    const probe = drawn(actor, day, tried, 'owned', (step, random) => {
      step.status = random.chance(0.85) ? 403 : random.chance(0.5) ? 401 : 404
    })
    const call = mixed(scene.hard ? 0.45 : 0.85, probe, ownWork(actor, day))
    return runs(scene, actor, parts, comeIn(scene, actor), call, { gapMs: by(scene, 700, 3000, 20_000) })
  },
}
