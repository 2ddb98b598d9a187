import type { Random } from '../lib/random.ts'
import { clamp } from '../lib/stats.ts'
import { type Client, clientNamed } from './clients.ts'
import { hash } from './hash.ts'
import { type Actor, createTextBook, DAY, type Office, type Tenant, type Token, type World } from './model.ts'
import { CLOUD_REGIONS, COUNTRIES, createAddressBook } from './networks.ts'
import { ALL_SCOPES, OPERATIONS } from './operations.ts'
import { type Flow, neededScopes, ROLES, type Role } from './roles.ts'

/** Probability that a role's surplus scope is granted to one of its actors. */
const SURPLUS = 0.45
/** Share of tokens granted nearly everything, as audits of real grants find. */
const BROAD = 0.05

/**
 * Builds the population: tenants of unequal size, users with roles and habits, and as many tokens as asked. Everything
 * comes from forks by index, so that a larger world begins like a smaller one.
 * @param start UTC milliseconds of day 0
 */
export function createWorld(
  random: Random,
  options: { tokens: number; days: number; seed: number; start: number },
): World {
  const tenants = createTenants(random.fork('tenants'), options.tokens)
  const shares = tenants.map(tenant => tenant.share)
  const tokens: Token[] = []
  const actors: Actor[] = []
  while (tokens.length < options.tokens) {
    const own = random.fork('actor', actors.length)
    const tenant = tenants[own.weighted(shares)]!
    actors.push(createActor(own, actors, tenant, tokens, options))
  }
  return {
    seed: options.seed,
    random,
    days: options.days,
    start: options.start,
    tenants,
    actors,
    tokens,
    minted: new Map(),
    addresses: createAddressBook(),
    agents: createTextBook(),
  }
}

function createTenants(random: Random, tokens: number): Tenant[] {
  const count = clamp(Math.round(Math.sqrt(tokens) / 3.3), 2, 30)
  const sizes = Array.from({ length: count }, (_, i) => (1 / (i + 1.5)) * Math.exp(random.normal(0, 0.3)))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  return sizes.map((size, index) => {
    const own = random.fork('tenant', index)
    const home = own.int(COUNTRIES.length)
    const officeCount = 1 + own.int(index < 3 ? 4 : 2)
    const offices: Office[] = Array.from({ length: officeCount }, (_, i) => {
      const country = COUNTRIES[i < 2 ? home : own.int(COUNTRIES.length)]!
      return {
        country,
        network: own.pick(country.business),
        block: own.int(2048),
        addresses: 1 + own.int(3),
      }
    })
    const seed = own.int(2 ** 32)
    return {
      index,
      id: `org-${seed.toString(16).padStart(8, '0').slice(0, 6)}`,
      seed,
      share: size / total,
      offices,
      cloud: own.pick(CLOUD_REGIONS),
      proxied: index % 4 === 2,
    }
  })
}

function createActor(
  random: Random,
  earlier: readonly Actor[],
  tenant: Tenant,
  tokens: Token[],
  frame: { tokens: number; days: number; start: number },
): Actor {
  const index = earlier.length
  const seed = random.int(2 ** 32)
  const role = ROLES[random.weighted(ROLES.map(r => r.share))]!
  const machine = isMachine(role)
  // People may hold a second token: the phone beside the browser, the script beside the command line.
  const sibling =
    !machine && random.chance(0.2)
      ? [...earlier].reverse().find(actor => actor.tenant === tenant && !isMachine(actor.role))
      : undefined
  const office = sibling?.office ?? tenant.offices[random.int(tenant.offices.length)]!
  const home = sibling?.home ?? office.country
  const weekendWorker = random.chance(0.12)
  const workStart = clamp(random.normal(8.7, 1), 5.5, 12)
  const newcomer = frame.days > 3 && random.chance(0.07)
  const leaver = frame.days > 12 && random.chance(0.05)
  const firstDay = newcomer ? 1 + random.int(frame.days - 1) : 0
  const lastDay = leaver && !newcomer ? 2 + random.int(Math.max(1, frame.days - 14)) : frame.days
  const { flows, scopes, allowed } = createGrant(random.fork('grant'), role)
  const silent: { from: number; until: number }[] = []
  if (!newcomer && !leaver && frame.days >= 20 && random.chance(0.03)) {
    const from = 2 + random.int(frame.days - 14)
    silent.push({ from, until: from + 8 + random.int(12) })
  }
  const actor: Actor = {
    index,
    seed,
    userId: sibling?.userId ?? `${machine ? 'svc' : 'usr'}-${hash(seed, 1).toString(16).padStart(8, '0')}`,
    tenant,
    role,
    tokens: createTokens(random.fork('tokens'), seed, machine, tokens, frame, firstDay),
    scopes,
    allowed,
    flows,
    clients: createClients(random.fork('clients'), role),
    office,
    home,
    homeNetwork: sibling?.homeNetwork ?? random.pick(home.residential),
    mobileNetwork: sibling?.mobileNetwork ?? random.pick(home.mobile),
    offset: sibling?.offset ?? office.country.offset + (office.country.code === 'US' ? -random.int(4) : 0),
    workStart,
    workEnd: clamp(workStart + random.normal(9, 0.8), workStart + 5, 23),
    weekend: machine
      ? random.uniform(0.3, 1)
      : weekendWorker
        ? random.uniform(0.2, 0.6)
        : random.uniform(0, 0.06),
    inOffice: random.pick([0, 0.2, 0.4, 0.6, 0.6, 0.8, 1]),
    ipv6: random.chance(0.3),
    leaseDays: 3 + random.int(40),
    errorRate: clamp(Math.exp(random.normal(Math.log(0.015), 0.7)), 0.001, 0.15),
    weight: clamp(role.pace * Math.exp(random.normal(0, role.spread)), 0.04, 50),
    dayToDay: machine ? random.uniform(0.1, 0.4) : random.uniform(0.3, 0.75),
    firstDay,
    lastDay,
    silent,
  }
  return actor
}

/** Programs without a person in front of them. */
export function isMachine(role: Role): boolean {
  return role.rhythm !== 'human' && role.rhythm !== 'mobile'
}

/** The actor's taste in workflows, and a grant that covers them, some surplus, and for a few nearly everything. */
function createGrant(random: Random, role: Role): { flows: Flow[]; scopes: string[]; allowed: Uint8Array } {
  const keep = random.shuffle(role.flows.map((_, i) => i))
  const dropped = Math.floor(keep.length * random.uniform(0, 0.45))
  const kept = new Set(keep.slice(0, keep.length - dropped))
  const flows = role.flows
    .filter((_, i) => kept.has(i))
    .map(flow => ({ ...flow, weight: flow.weight * Math.exp(random.normal(0, 0.8)) }))
  const granted = new Set(['profile:read', ...neededScopes(flows)])
  for (const scope of neededScopes(role.flows)) if (random.chance(0.75)) granted.add(scope)
  for (const scope of role.surplus) if (random.chance(SURPLUS)) granted.add(scope)
  if (random.chance(BROAD)) for (const scope of ALL_SCOPES) if (random.chance(0.9)) granted.add(scope)
  const scopes = [...granted].sort()
  return { flows, scopes, allowed: Uint8Array.from(OPERATIONS, o => (granted.has(o.scope) ? 1 : 0)) }
}

/** Widens an actor's grant. */
export function grant(actor: Actor, scopes: readonly string[]): void {
  const all = new Set([...actor.scopes, ...scopes])
  actor.scopes = [...all].sort()
  for (const operation of OPERATIONS) if (all.has(operation.scope)) actor.allowed[operation.index] = 1
}

/** One token, or for some actors several that follow each other; never more than the world still wants. */
function createTokens(
  random: Random,
  seed: number,
  machine: boolean,
  tokens: Token[],
  frame: { tokens: number; days: number; start: number },
  firstDay: number,
): Token[] {
  const wanted =
    random.chance(machine ? 0.12 : 0.06) && frame.days - firstDay > 4 ? 2 + (random.chance(0.2) ? 1 : 0) : 1
  const count = Math.min(wanted, frame.tokens - tokens.length)
  const cuts = Array.from(
    { length: count - 1 },
    () => firstDay + 1 + random.next() * (frame.days - firstDay - 2),
  ).sort((a, b) => a - b)
  const own = Array.from({ length: count }, (_, i) => ({
    index: tokens.length + i,
    id: tokenId(seed, i),
    from: i === 0 ? Number.NEGATIVE_INFINITY : frame.start + Math.floor(cuts[i - 1]! * DAY),
    until: i === count - 1 ? Number.POSITIVE_INFINITY : frame.start + Math.floor(cuts[i]! * DAY),
  }))
  tokens.push(...own)
  return own
}

/** The usual client, and for one in three people's tokens a second one now and then. */
function createClients(random: Random, role: Role): Client[] {
  const make = (name: string): Client => ({
    family: clientNamed(name),
    seed: random.int(2 ** 32),
    pinned: isMachine(role) && random.chance(0.6),
  })
  const first = make(random.pick(role.clients))
  return random.chance(isMachine(role) ? 0.08 : 0.33) ? [first, make(random.pick(role.clients))] : [first]
}

/** A token made out in the actor's name besides its own: what a thief with its refresh token or password obtains. */
export function mintToken(world: World, actor: Actor, from: number): Token {
  const index = world.tokens.length
  const token = { index, id: tokenId(hash(actor.seed, 4, index), 0), from, until: Number.POSITIVE_INFINITY }
  world.tokens.push(token)
  world.minted.set(index, actor)
  return token
}

/** The n-th token id of an actor. */
function tokenId(seed: number, n: number): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
  return `tok_${hex(hash(seed, 2, n), 8)}${hex(hash(seed, 3, n) & 0xffff, 4)}`
}

/** The token in use at a moment. */
export function tokenAt(actor: Actor, time: number): Token {
  const tokens = actor.tokens
  for (let i = 0; i < tokens.length; i++) if (time < tokens[i]!.until) return tokens[i]!
  return tokens[tokens.length - 1]!
}
