import { type Client, clientNamed } from '../clients.ts'
import { DAY } from '../model.ts'
import { isMachine } from '../world.ts'
import { dayStart, findActor, lasting, type SurpriseKind } from './kit.ts'

/** A new machine, or a pinned client set free at last: the same family with another platform and version. */
const clientUpgrade: SurpriseKind = {
  kind: 'client_upgrade',
  per: 'tokens',
  rate: 0.35,
  stage(stage) {
    const found = findActor(stage)
    if (!found) return
    const client: Client = { ...found.actor.clients[0]!, seed: stage.random.int(2 ** 32), pinned: false }
    const start = dayStart(stage, found.day) + stage.random.uniform(0, DAY)
    lasting(stage, found.actor, start, { client })
  },
}

/** The integration is rewritten: another library, another habit of calling. */
const sdkChange: SurpriseKind = {
  kind: 'sdk_change',
  per: 'tokens',
  rate: 0.15,
  stage(stage) {
    const found = findActor(stage, actor => isMachine(actor.role))
    if (!found) return
    const { random } = stage
    const own = found.actor.clients[0]!.family.name
    const choices = [
      'python-requests',
      'acme-sdk-python',
      'acme-sdk-node',
      'go-http',
      'java-http',
      'axios',
      'okhttp',
      'aiohttp',
    ]
    const family = clientNamed(random.pick(choices.filter(name => name !== own)))
    lasting(stage, found.actor, dayStart(stage, found.day) + random.uniform(0, DAY), {
      client: { family, seed: random.int(2 ** 32), pinned: random.chance(0.5) },
      habit: random.chance(0.6) ? 1 + random.int(1000) : undefined,
    })
  },
}

/** A version of one client family calls in another order; its users take it up over ten days. */
const newSequence: SurpriseKind = {
  kind: 'new_sequence',
  per: 'tokens',
  rate: 0.05,
  stage(stage) {
    const found = findActor(stage)
    if (!found) return
    const { random, world } = stage
    const family = found.actor.clients[0]!.family
    const habit = 1 + random.int(1000)
    for (const actor of world.actors) {
      // A customer at a time: products roll out by tenant.
      if (actor.tenant !== found.actor.tenant || actor.clients[0]!.family !== family) continue
      lasting(stage, actor, dayStart(stage, found.day) + random.uniform(0, 10) * DAY, { habit })
    }
  },
}

export const CLIENTS = [clientUpgrade, sdkChange, newSequence]
