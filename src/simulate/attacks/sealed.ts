import { aim, drawn, type NextCall } from '../calls.ts'
import type { Run } from '../model.ts'
import { DAY, HOUR } from '../model.ts'
import { operationNamed } from '../operations.ts'
import { isMachine } from '../world.ts'
import { type Attack, by, comeIn, findVictim, momentOn, runs, type Slice } from './kit.ts'

const indices = (...names: string[]) => names.map(name => operationNamed(name).index)

/**
 * A poisoned SDK release: the machines of one tenant, one after the other, make one to three extra calls for secrets, keys
 * or settings right after their own jobs, from their own networks and clients, for one to two weeks.
 */
export const supplyChainDrip: Attack = {
  family: 'supply_chain_drip',
  plan(scene) {
    const days = Math.max(1, Math.min(scene.lastDay - scene.firstDay, by(scene, 7, 10, 12)))
    const first = findVictim(scene, days, actor => isMachine(actor.role))
    if (!first) return []
    const machines = scene.world.actors.filter(
      actor =>
        actor.tenant === first.actor.tenant && isMachine(actor.role) && scene.volume(actor, first.day) >= 1,
    )
    const wanted = scene.random
      .shuffle(machines.filter(actor => actor !== first.actor))
      .slice(0, by(scene, 7, 4, 2))
    const loot = indices(
      'secrets.list',
      'secrets.get',
      'keys.list',
      'settings.get',
      'webhooks.list',
      'users.list',
    )
    const out: Run[] = []
    for (const [i, actor] of [first.actor, ...wanted].entries()) {
      const parts: Slice[] = []
      for (let day = first.day + Math.floor(i / 2); day < Math.min(scene.lastDay, first.day + days); day++) {
        if (scene.volume(actor, day) < 1) continue
        for (let round = by(scene, 3, 2, 1); round > 0; round--)
          parts.push({ start: momentOn(scene, actor, day, 'own'), count: 1 + scene.random.int(3) })
      }
      out.push(
        ...runs(scene, actor, parts, comeIn(scene, actor, 'own'), drawn(actor, first.day, loot, 'owned'), {
          gapMs: 700,
        }),
      )
    }
    return out
  },
}

/**
 * A mailbox sweep: from one VPN address, two to five colleagues' tokens in turn search for payment words, read what is
 * found, and leave a forwarding rule; each token does little, the sweep as a whole is one story.
 */
export const mailboxSweep: Attack = {
  family: 'mailbox_sweep',
  plan(scene) {
    const first = findVictim(scene, 2, actor => !isMachine(actor.role))
    if (!first) return []
    const colleagues = scene.world.actors.filter(
      actor =>
        actor.tenant === first.actor.tenant &&
        !isMachine(actor.role) &&
        scene.volume(actor, first.day) >= 1 &&
        actor !== first.actor,
    )
    const others = scene.random.shuffle(colleagues).slice(0, by(scene, 5, 3, 2))
    const entry = comeIn(scene, first.actor, scene.hard ? 'blend' : 'foreign')
    const [search, list, get, download, rule] = indices(
      'messages.search',
      'messages.list',
      'messages.get',
      'files.download',
      'messages.rules',
    )
    const end = scene.world.start + scene.lastDay * DAY - HOUR
    let begin = momentOn(scene, first.actor, first.day, scene.hard ? 'own' : 'off')
    const out: Run[] = []
    for (const actor of [first.actor, ...others]) {
      const count = by(scene, 40, 22, 11)
      const sweep: NextCall = (step, i, random) => {
        const last = i === count - 1
        const operation = last
          ? rule!
          : i % 7 === 0
            ? search!
            : i % 7 === 1
              ? list!
              : random.chance(0.85)
                ? get!
                : download!
        aim(step, actor, first.day, operation, 'owned', random)
        // The delegated mailbox answers whatever the product's own grant says.
        if (!last) step.status = 200
      }
      out.push(
        ...runs(scene, actor, [{ start: Math.min(begin, end), count }], entry, sweep, {
          gapMs: by(scene, 3000, 8000, 25_000),
        }),
      )
      begin += scene.random.uniform(0.3, by(scene, 1, 4, 9)) * HOUR
    }
    return out
  },
}
