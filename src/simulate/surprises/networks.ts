import { hash } from '../hash.ts'
import { DAY } from '../model.ts'
import { ALL_COUNTRIES, CLOUD_REGIONS, type Network, RENTED } from '../networks.ts'
import { carrierAddress } from '../places.ts'
import { isMachine } from '../world.ts'
import { ADAPTATION, at, dayStart, findActor, lasting, type Stage, type SurpriseKind } from './kit.ts'

/** A service's machines start up in another region or at another provider and stay there. */
const cloudRegionMove: SurpriseKind = {
  kind: 'cloud_region_move',
  per: 'tokens',
  rate: 0.12,
  stage(stage) {
    const found = findActor(stage, actor => isMachine(actor.role) && actor.role.rhythm !== 'ci')
    if (!found) return
    const { actor, day } = found
    const { random, world } = stage
    const region = random.pick(CLOUD_REGIONS.filter(other => other !== actor.tenant.cloud))
    const block = random.int(2048)
    const gateways = 1 + random.int(3)
    const start = dayStart(stage, day) + random.uniform(0, DAY)
    lasting(stage, actor, start, {
      locate: (_time, draws) => world.addresses.v4(region, block, hash(block, 81, draws.int(gateways))),
    })
  },
}

/** Addresses by which a company's VPN leaves. */
function egress(stage: Stage): number[] {
  const { random, world } = stage
  const network: Network = random.pick([...RENTED.filter(rented => rented.kind === 'vpn'), ...CLOUD_REGIONS])
  const block = random.int(2048)
  return Array.from({ length: 1 + random.int(4) }, () => world.addresses.v4(network, block, random.int(254)))
}

/** From one day on the whole company works through a VPN; people join within a week, some sessions still go without. */
const vpnRollout: SurpriseKind = {
  kind: 'vpn_rollout',
  per: 'tenant',
  rate: 0.025,
  stage(stage) {
    const { random, world } = stage
    const tenant = random.pick(world.tenants.filter(other => !other.proxied))
    const day = random.int(world.days)
    const exits = egress(stage)
    for (const actor of world.actors) {
      if (actor.tenant !== tenant || isMachine(actor.role)) continue
      const start = dayStart(stage, day) + random.uniform(0.3, random.chance(0.7) ? 1 : ADAPTATION) * DAY
      lasting(stage, actor, start, {
        locate: (_time, draws) => draws.pick(exits),
        locateShare: random.uniform(0.6, 1),
      })
    }
  },
}

/** An office gets a new building and a new line. */
const officeMove: SurpriseKind = {
  kind: 'office_move',
  per: 'tenant',
  rate: 0.02,
  stage(stage) {
    const { random, world } = stage
    const tenant = random.pick(world.tenants.filter(other => !other.proxied))
    const old = random.pick(tenant.offices)
    const office = { ...old, network: random.pick(old.country.business), block: random.int(2048) }
    const start = dayStart(stage, random.int(world.days))
    for (const actor of world.actors) {
      if (actor.office !== old || actor.role.rhythm === 'ci') continue
      lasting(stage, actor, start, { office })
    }
  },
}

/** A phone abroad for some days: the visited country's carriers. */
const roamingPhone: SurpriseKind = {
  kind: 'roaming_phone',
  per: 'tokens',
  rate: 0.4,
  stage(stage) {
    const found = findActor(stage, actor => actor.role.rhythm === 'mobile')
    if (!found) return
    const { actor, day } = found
    const { random, world } = stage
    const country = random.pick(ALL_COUNTRIES.filter(other => other.code !== actor.home.code))
    const start = at(stage, actor, day, random.uniform(6, 18))
    const end = start + random.uniform(1, 6) * DAY
    stage.overlay(actor, {
      start,
      end,
      locate: (_time, draws) => carrierAddress(world, draws.pick(country.mobile), draws),
    })
    stage.note(actor, start, end)
  },
}

/** A VPN that takes only a part of the traffic: two networks, often two countries, at the same time. */
const splitTunnel: SurpriseKind = {
  kind: 'split_tunnel',
  per: 'tokens',
  rate: 0.3,
  stage(stage) {
    const found = findActor(stage, actor => actor.role.rhythm === 'human' && !actor.tenant.proxied)
    if (!found) return
    const { actor, day } = found
    const { random } = stage
    const exits = egress(stage)
    const start = at(stage, actor, day, random.uniform(8, 15))
    const end = start + random.pick([1, 3, 10, 40]) * DAY
    stage.overlay(actor, {
      start,
      end,
      locate: (_time, draws) => draws.pick(exits),
      locateShare: random.uniform(0.25, 0.75),
    })
    stage.note(actor, start, Math.min(end, start + ADAPTATION * DAY))
  },
}

export const NETWORKS = [cloudRegionMove, vpnRollout, officeMove, roamingPhone, splitTunnel]
