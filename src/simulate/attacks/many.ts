import type { Random } from '../../lib/random.ts'
import { drawn, mixed, type NextCall, operationsWhere, ownWork } from '../calls.ts'
import { type Actor, HOUR, type Run } from '../model.ts'
import { ALL_COUNTRIES } from '../networks.ts'
import { operationNamed } from '../operations.ts'
import { lineIn } from '../places.ts'
import {
  type Attack,
  amount,
  by,
  comeIn,
  findVictim,
  foreignAddresses,
  momentOn,
  runs,
  slices,
} from './kit.ts'

const WHO_AM_I = operationNamed('me.get').index

/** A list of stolen tokens tried from one address: which still work? */
export const tokenStuffing: Attack = {
  family: 'token_stuffing',
  plan(scene) {
    const first = findVictim(scene, 1)
    if (!first) return []
    const wanted = Math.min(
      by(scene, 40, 16, 6),
      Math.floor(scene.world.actors.length / 4),
      Math.ceil(scene.cap / 4),
    )
    const victims = new Set<Actor>([first.actor])
    for (let tries = 0; victims.size < wanted && tries < 2000; tries++) {
      const actor = scene.random.pick(scene.world.actors)
      if (actor.firstDay <= first.day) victims.add(actor)
    }
    const entry = comeIn(scene, first.actor, scene.hard ? 'blend' : 'foreign')
    const address = entry.locate(0, scene.random)
    const begin = momentOn(scene, first.actor, first.day, 'any')
    const hours = by(scene, 0.5, 2, 6)
    const agent = entry.agentAt(begin)
    const out: Run[] = []
    for (const actor of victims) {
      const start = begin + scene.random.next() * hours * HOUR
      const count = 1 + scene.random.poisson(by(scene, 3, 2, 1.5))
      const look = drawn(actor, first.day, operationsWhere(actor, { allowed: true, used: true }), 'working')
      const revoked = scene.random.chance(0.2)
      const call: NextCall = (step, i, random) => {
        if (i > 0) return look(step, i, random)
        step.operation = WHO_AM_I
        step.object = Number.NaN
        if (revoked) step.status = 401
      }
      out.push(
        ...runs(
          scene,
          actor,
          [{ start, count: revoked ? 1 : count }],
          { locate: () => address, agentAt: () => agent },
          call,
          { gapMs: by(scene, 300, 2000, 6000) },
        ),
      )
    }
    return out
  },
}

/** One token replayed by many machines, each with few calls. */
export const botnetReplay: Attack = {
  family: 'botnet_replay',
  plan(scene) {
    const victim = findVictim(scene, 2)
    if (!victim) return []
    const { actor, day } = victim
    const count = by(scene, 60, 20, 8)
    // Residential proxies can be had by country: quiet botnets stay in the victim's.
    const node = (random: Random): number =>
      scene.hard
        ? lineIn(scene.world, actor.home, random)
        : lineIn(scene.world, random.pick(ALL_COUNTRIES), random)
    const nodes = Array.from({ length: count }, (_, i) =>
      i === 0 && !scene.hard ? foreignAddresses(scene, actor)[0]! : node(scene.random),
    )
    const entry = {
      ...comeIn(scene, actor, scene.hard ? 'own' : 'foreign'),
      locate: (_t: number, random: Random) => random.pick(nodes),
    }
    const total = Math.max(count, amount(scene, victim, by(scene, 3, 1.2, 0.6), by(scene, 180, 60, 20)))
    const parts = slices(scene, victim, {
      total: Math.min(total, scene.cap),
      pieces: by(scene, 1, 3, 6),
      days: by(scene, 1, 1, 2),
    })
    const look = drawn(actor, day, operationsWhere(actor, { allowed: true, used: true }), 'owned')
    return runs(scene, actor, parts, entry, mixed(0.5, ownWork(actor, day), look), {
      gapMs: by(scene, 600, 4000, 20_000),
      roaming: true,
    })
  },
}
