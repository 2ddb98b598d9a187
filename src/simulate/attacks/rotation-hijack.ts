import { drawn, mixed, operationsWhere, ownWork } from '../calls.ts'
import { mintToken } from '../world.ts'
import { type Attack, amount, by, comeIn, findVictim, runs, slices } from './kit.ts'

/**
 * A thief uses a stolen refresh token or password to have a token of its own made out in the victim's name, and works with
 * that; the victim's token goes on as ever. The better it blends in, the more the new token looks like a rotation.
 */
export const rotationHijack: Attack = {
  family: 'rotation_hijack',
  plan(scene) {
    const days = by(scene, 1, 3, 5)
    const victim = findVictim(scene, days)
    if (!victim) return []
    const { actor, day } = victim
    const total = amount(scene, victim, by(scene, 3, 1.2, 0.6), by(scene, 100, 45, 20))
    const parts = slices(scene, victim, { total, pieces: 2 * days, days })
    const token = mintToken(scene.world, actor, parts[0]!.start)
    const look = drawn(actor, day, operationsWhere(actor, { allowed: true }), 'owned')
    const work = mixed(by(scene, 0.3, 0.6, 0.8), ownWork(actor, day), look)
    const pace = { gapMs: by(scene, 800, 3000, 12_000) }
    return runs(scene, actor, parts, comeIn(scene, actor), work, pace).map(run => ({ ...run, token }))
  },
}
