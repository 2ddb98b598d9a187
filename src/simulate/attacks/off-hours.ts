import { drawn, mixed, operationsWhere, ownWork } from '../calls.ts'
import { type Attack, amount, by, comeIn, findVictim, runs, slices } from './kit.ts'

/** Work with the token while its owner sleeps, over one to three nights. */
export const offHours: Attack = {
  family: 'off_hours',
  plan(scene) {
    const nights = by(scene, 1, 2, 3)
    const victim = findVictim(scene, nights, actor => actor.role.rhythm === 'human')
    if (!victim) return []
    const { actor, day } = victim
    const total = amount(scene, victim, by(scene, 2, 1, 0.5), by(scene, 80, 40, 16))
    const parts = slices(scene, victim, {
      total,
      pieces: nights,
      days: nights,
      hours: 'off',
    })
    const reads = operationsWhere(actor, { allowed: true, used: true })
    return runs(
      scene,
      actor,
      parts,
      comeIn(scene, actor),
      mixed(0.7, ownWork(actor, day), drawn(actor, day, reads, 'owned')),
      {
        gapMs: by(scene, 2500, 8000, 20_000),
        gapSpread: 1,
      },
    )
  },
}
