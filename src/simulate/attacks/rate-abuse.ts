import { ownWork } from '../calls.ts'
import { type Attack, amount, by, comeIn, findVictim, runs, slices } from './kit.ts'

/** Far more of the usual work than usual: scraping, resold access, a stolen key in somebody's product. */
export const rateAbuse: Attack = {
  family: 'rate_abuse',
  plan(scene) {
    const victim = findVictim(scene, 1)
    if (!victim) return []
    const total = amount(scene, victim, by(scene, 12, 5, 2.5), by(scene, 500, 200, 80), true)
    const parts = slices(scene, victim, { total, pieces: by(scene, 1, 2, 3) })
    return runs(scene, victim.actor, parts, comeIn(scene, victim.actor), ownWork(victim.actor, victim.day), {
      gapMs: by(scene, 250, 900, 4000),
    })
  },
}
