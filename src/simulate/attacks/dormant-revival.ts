import { drawn, mixed, operationsWhere, ownWork } from '../calls.ts'
import { type Attack, amount, by, comeIn, findVictim, runs, slices } from './kit.ts'

/** Days without an event that make a token dormant. */
const DORMANT = 7

/** A token nobody has used for a week or more wakes up: somebody found it in an old repository or backup. */
export const dormantRevival: Attack = {
  family: 'dormant_revival',
  plan(scene) {
    const victim = findVictim(
      scene,
      3,
      (actor, day) => {
        let history = 0
        for (let d = 0; d < day; d++) {
          const volume = scene.volume(actor, d)
          if (volume >= 0.5 && d >= day - DORMANT) return false
          if (volume >= 1) history++
        }
        return history >= 2 && scene.volume(actor, day) < 0.5
      },
      false,
    )
    if (!victim) return []
    const { actor, day } = victim
    const total = amount(scene, victim, by(scene, 4, 2, 1), by(scene, 120, 45, 15))
    const parts = slices(scene, victim, { total, pieces: by(scene, 1, 3, 4), days: by(scene, 1, 2, 3) })
    const look = drawn(actor, day, operationsWhere(actor, { allowed: true }), 'owned')
    return runs(
      scene,
      actor,
      parts,
      comeIn(scene, actor),
      mixed(scene.hard ? 0.4 : 0.85, look, ownWork(actor, day)),
      {
        gapMs: by(scene, 1000, 4000, 15_000),
      },
    )
  },
}
