import { drawn, mixed, operationsWhere, ownWork } from '../calls.ts'
import { userAgentOf } from '../clients.ts'
import { DAY } from '../model.ts'
import { ALL_COUNTRIES } from '../networks.ts'
import { lineIn } from '../places.ts'
import {
  type Attack,
  amount,
  by,
  comeIn,
  findVictim,
  foreignAddresses,
  runs,
  slices,
  strangeClient,
} from './kit.ts'

/** The token works from a network that it has never worked from. */
export const newNetwork: Attack = {
  family: 'new_network',
  plan(scene) {
    const days = by(scene, 1, 2, 3)
    const victim = findVictim(scene, days)
    if (!victim) return []
    const { actor, day } = victim
    const entry = comeIn(scene, actor, scene.hard ? 'blend' : 'foreign')
    const total = amount(scene, victim, by(scene, 3, 1.2, 0.5), by(scene, 120, 45, 15))
    const parts = slices(scene, victim, { total, pieces: days, days })
    const look = drawn(actor, day, operationsWhere(actor, { allowed: true }), 'owned')
    return runs(scene, actor, parts, entry, mixed(scene.hard ? 0.85 : 0.6, ownWork(actor, day), look), {
      gapMs: by(scene, 800, 3000, 12_000),
    })
  },
}

/** Two places at once: the thief works in another country while the owner is at work. */
export const impossibleTravel: Attack = {
  family: 'impossible_travel',
  plan(scene) {
    const days = by(scene, 1, 1, 2)
    const victim = findVictim(
      scene,
      days,
      (actor, day) => actor.role.rhythm === 'human' && scene.volume(actor, day) >= 6,
    )
    if (!victim) return []
    const { actor, day } = victim
    const far = ALL_COUNTRIES.filter(country => country.code !== actor.home.code)
    const near = far.filter(country => Math.abs(country.offset - actor.home.offset) <= 2)
    const country = scene.random.pick(scene.hard && near.length > 0 ? near : far)
    const addresses = scene.random.chance(0.5)
      ? [lineIn(scene.world, country, scene.random)]
      : foreignAddresses(scene, actor)
    const entry = {
      ...comeIn(scene, actor, scene.hard ? 'own' : 'foreign'),
      locate: (_time: number, random: typeof scene.random) => random.pick(addresses),
    }
    const total = amount(scene, victim, by(scene, 3, 1, 0.4), by(scene, 90, 35, 10))
    const parts = slices(scene, victim, { total, pieces: by(scene, 1, 2, 3), days, hours: 'own' })
    return runs(scene, actor, parts, entry, ownWork(actor, day), { gapMs: by(scene, 1500, 5000, 20_000) })
  },
}

/** The token replayed with another client, from the victim's own network (an infostealer's tunnel) or from its country. */
export const newClient: Attack = {
  family: 'new_client',
  plan(scene) {
    const victim = findVictim(scene, 2)
    if (!victim) return []
    const { actor, day } = victim
    const client = strangeClient(scene.random)
    const entry = {
      ...comeIn(scene, actor, scene.hard ? 'own' : 'blend'),
      agentAt: (time: number) =>
        scene.world.agents.code(userAgentOf(client, Math.floor((time - scene.world.start) / DAY))),
    }
    const total = amount(scene, victim, by(scene, 3, 1, 0.5), by(scene, 100, 40, 12))
    const parts = slices(scene, victim, { total, pieces: by(scene, 1, 2, 4), days: by(scene, 1, 1, 2) })
    const look = drawn(actor, day, operationsWhere(actor, { allowed: true, used: true }), 'owned')
    return runs(scene, actor, parts, entry, mixed(0.6, ownWork(actor, day), look), {
      gapMs: by(scene, 600, 2500, 10_000),
    })
  },
}
