import type { Random } from '../lib/random.ts'
import { localHour } from './habits.ts'
import { hash, unit } from './hash.ts'
import { type Actor, DAY, HOUR, type Tenant, type World } from './model.ts'
import { CLOUD_REGIONS, type Country, type Network } from './networks.ts'

/** Address (code) from which an actor works at a moment, in a normal week. One draw a session. */
export function usualAddress(world: World, actor: Actor, time: number, random: Random): number {
  switch (actor.role.rhythm) {
    case 'human':
      return personAddress(world, actor, time, random)
    case 'mobile':
      if (random.chance(0.66)) return carrierAddress(world, actor.mobileNetwork, random)
      return random.chance(0.85) ? homeAddress(world, actor, time) : officeAddress(world, actor, random)
    case 'ci':
      return runnerAddress(world, actor, random)
    default:
      return serviceAddress(world, actor, random)
  }
}

function personAddress(world: World, actor: Actor, time: number, random: Random): number {
  if (actor.tenant.proxied) return proxyAddress(world, actor.tenant, random)
  const day = Math.floor((time + actor.offset * HOUR) / DAY)
  const hour = localHour(time, actor.offset)
  const weekday = (day + 4) % 7
  const working = weekday > 0 && weekday < 6 && hour > actor.workStart - 1 && hour < actor.workEnd + 1
  if (working && unit(actor.seed, 31, day) < actor.inOffice) return officeAddress(world, actor, random)
  const where = random.next()
  if (where < 0.04) return carrierAddress(world, actor.mobileNetwork, random)
  // A café, a train, parents: somebody else's line in the same country.
  if (where < 0.05)
    return world.addresses.v4(random.pick(actor.home.residential), random.int(2048), random.int(254))
  return homeAddress(world, actor, time)
}

/** The web proxy that a whole tenant leaves through: two addresses. */
export function proxyAddress(world: World, tenant: Tenant, random: Random): number {
  // Zscaler's ASN: a cloud proxy.
  const network: Network = { asn: 62044, country: tenant.offices[0]!.country.code, kind: 'business' }
  return world.addresses.v4(network, hash(tenant.seed, 41) % 2048, hash(tenant.seed, 42, random.int(2)))
}

export function officeAddress(world: World, actor: Actor, random: Random): number {
  const office = actor.office
  // People mostly leave by the same one of the building's addresses.
  const line = random.chance(0.9) ? hash(actor.seed, 43) % office.addresses : random.int(office.addresses)
  return world.addresses.v4(office.network, office.block, hash(office.block, 44, line))
}

/** The home line: its address changes with every lease; under IPv6 the network stays and the host part changes daily. */
export function homeAddress(world: World, actor: Actor, time: number): number {
  const day = Math.floor(time / DAY)
  // Tokens of one user share the line: it depends on the user, not on the actor.
  const line = hash(actor.userId.length, Number.parseInt(actor.userId.slice(4), 16))
  if (actor.ipv6) return world.addresses.v6(actor.homeNetwork, line, hash(line, day))
  const lease = Math.floor((day + (line % actor.leaseDays)) / actor.leaseDays)
  const block = hash(line, 45) % 2048
  return world.addresses.v4(
    actor.homeNetwork,
    (block + (hash(line, 46, lease) % 4)) % 2048,
    hash(line, 47, lease),
  )
}

/** Carrier-grade NAT: 48 /24s of 12 addresses each, shared by all of a carrier's subscribers. */
export function carrierAddress(world: World, network: Network, random: Random): number {
  return world.addresses.v4(network, random.int(48), hash(random.int(12), network.asn))
}

/** A hosted runner: a fresh machine of a large pool every job. */
function runnerAddress(world: World, actor: Actor, random: Random): number {
  const pool = hash(actor.seed, 48) % 10 < 7 ? CLOUD_REGIONS[6]! : actor.tenant.cloud
  return world.addresses.v4(pool, random.int(1024), random.int(254))
}

/** Services leave by a fixed gateway, by a pool of cloud machines, or from the server room. */
function serviceAddress(world: World, actor: Actor, random: Random): number {
  const kind = hash(actor.seed, 49) % 100
  if (kind < 55) {
    const gateways = 1 + (hash(actor.seed, 50) % 3)
    // Services of a tenant in the same subnet share its gateway.
    const subnet = hash(actor.tenant.seed, 51, hash(actor.seed, 52) % 3)
    return world.addresses.v4(actor.tenant.cloud, subnet % 2048, hash(subnet, random.int(gateways)))
  }
  if (kind < 80)
    return world.addresses.v4(
      actor.tenant.cloud,
      (hash(actor.seed, 53) + random.int(6)) % 2048,
      random.int(254),
    )
  return world.addresses.v4(actor.office.network, actor.office.block, hash(actor.office.block, 54))
}

/** Somewhere in a country: any subscriber line. */
export function lineIn(world: World, country: Country, random: Random): number {
  return world.addresses.v4(random.pick(country.residential), random.int(2048), random.int(254))
}
