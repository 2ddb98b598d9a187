import type { Random } from '../../lib/random.ts'
import { clientOf } from './kit.ts'
import type { Client, KnownOrigin, Origin, Scene } from './model.ts'

/** Reserved for documentation (RFC 5737, RFC 3849, RFC 5398): nobody's network, for logs that know no other. */
const DOCUMENTATION_NETS = ['198.51.100', '203.0.113', '192.0.2']
const DOCUMENTATION_ASN = 64_496

/** Whether the log tells where requests come from. */
export function knowsPlaces(log: Scene['log']): boolean {
  return log.has.has('source_ip') || log.has.has('asn') || log.has.has('country')
}

/**
 * A network that the victim's token has not been seen in, with an address of its own: loud takes another country and
 * a network that nobody of the tenant uses, medium another autonomous system, quiet the nearest there is (its country, a
 * network that colleagues use). Undefined where the log tells no places.
 */
export function rentedOrigin(scene: Scene): Origin | undefined {
  const { log, victim, random, intensity } = scene
  if (!knowsPlaces(log)) return undefined
  const own = {
    nets: new Set(victim.rows.map(row => row.net)),
    asns: new Set(victim.rows.map(row => row.asn)),
    countries: new Set(victim.rows.map(row => row.country)),
  }
  const isNew = ({ origin }: KnownOrigin) =>
    (log.has.has('net') ? origin.net !== null && !own.nets.has(origin.net) : true) &&
    (log.has.has('asn') ? origin.asn !== null && !own.asns.has(origin.asn) : true) &&
    (log.has.has('net') || log.has.has('asn') || !own.countries.has(origin.country))
  const near = ({ origin }: KnownOrigin) => own.countries.has(origin.country)
  const ofTenant = ({ tenants }: KnownOrigin) => tenants.includes(victim.token.tenantId)
  const preferences: ((known: KnownOrigin) => boolean)[] =
    intensity === 'loud'
      ? [known => !near(known) && !ofTenant(known), known => !near(known)]
      : intensity === 'quiet'
        ? [known => near(known) && ofTenant(known), near]
        : [known => !ofTenant(known)]
  const candidates = log.origins.filter(isNew)
  for (const prefers of [...preferences, () => true]) {
    const preferred = candidates.filter(prefers)
    if (preferred.length > 0) return freshHost(scene, random.pick(preferred).origin)
  }
  return documentationOrigin(scene)
}

/** Another address of the same network, where the log shows addresses: a rented machine is nobody else's. */
export function freshHost(scene: Scene, origin: Origin): Origin {
  if (origin.source_ip === null) return origin
  return { ...origin, source_ip: neighbourOf(scene.random, origin.source_ip) }
}

function neighbourOf(random: Random, address: string): string {
  const v4 = /^(\d+\.\d+\.\d+)\.(\d+)$/.exec(address)
  if (v4 !== null) {
    // 1-254, but not the same.
    const host = 1 + ((Number(v4[2]) + random.int(252)) % 254)
    return `${v4[1]}.${host === Number(v4[2]) ? 1 + (host % 254) : host}`
  }
  const v6 = /^(.*:)([0-9a-f]{1,4})$/i.exec(address)
  if (v6 === null) return address
  const host = (Number.parseInt(v6[2]!, 16) + 1 + random.int(0xfffe)) % 0xffff
  return `${v6[1]}${(host || 0xffff).toString(16)}`
}

/** In a log where everything comes from one network: a documentation network in its stead, the rest as the victim's rows have it. */
function documentationOrigin(scene: Scene): Origin {
  const { victim, random } = scene
  const { source_ip, net, asn, as_org, network_type, country, city, latitude, longitude } =
    victim.rows.at(-1)!
  const prefix = random.pick(DOCUMENTATION_NETS)
  const number = DOCUMENTATION_ASN + random.int(16)
  const isV6 = source_ip?.includes(':') === true
  const host = isV6
    ? `2001:db8::${(1 + random.int(0xfffe)).toString(16)}`
    : `${prefix}.${1 + random.int(254)}`
  return {
    source_ip: source_ip === null ? null : host,
    net: net === null ? null : isV6 ? '2001:db8::/48' : `${prefix}.0/24`,
    asn: asn === null ? null : number,
    as_org: as_org === null ? null : `Documentation AS${number}`,
    network_type,
    country,
    city,
    latitude,
    longitude,
  }
}

/** A client that the victim has not been seen with, by how many tokens use it; undefined where the log knows none. */
export function foreignClient(scene: Scene): Client | undefined {
  const { log, victim, random } = scene
  const own = new Set(victim.rows.map(row => clientOf(row).client))
  const candidates = log.clients.filter(({ client }) => client.client !== null && !own.has(client.client))
  if (candidates.length === 0) return undefined
  return candidates[random.weighted(candidates.map(({ tokens }) => tokens))]!.client
}
