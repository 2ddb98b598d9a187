import { FEATURE_PARAMETERS } from '../../features/parameters.ts'
import { bitCount } from '../../stats/day-bits.ts'
import { FACET } from '../facets.ts'
import type { History } from '../history/history.ts'
import { SETTLED_AGE } from '../history/novelty.ts'
import { RING_DAYS, ringSlot } from '../memory.ts'
import type { Holders } from '../midnight/holders.ts'
import type { Midnight } from '../midnight/midnight.ts'
import type { TokenDay } from '../token-day.ts'
import type { Tuples } from '../tuples.ts'

const { historyDays, noveltyShrinkDays } = FEATURE_PARAMETERS

/** Smallest chance that anything is given. */
export const LEAST_CHANCE = 1e-9

/** Class of a value that the token showed on an earlier day. */
export const KNOWN = -1

/** The values of a token-day against the past, one entry a distinct value. */
export interface JudgedValues {
  /** {@link KNOWN}, or for a first-seen value 0 known to peers or the principal, 1 known in the tenant, 2 new to it. */
  readonly kind: Int8Array
  /** Of a known value its surprise, nats; of a first-seen one the chance that it is not shown, waves left out. */
  readonly base: Float64Array
  /** Of a first-seen value: entry of (tenant, value) in the holders' columns. */
  readonly tenantEntry: Int32Array
  /** Of a first-seen value: whether another token of the principal knows it, and how many principals of the tenant do. */
  readonly isPrincipals: Uint8Array
  readonly tenantPrincipals: Int32Array
  /** Of a network: whether it is {@link OLD}, {@link YOUNG}, or the {@link TENANTS}; 0 of other values. */
  readonly age: Uint8Array
}

/** A network that the token first used a week ago or more, lately, or that other tokens of its tenant use, too. */
export const OLD = 1
export const YOUNG = 2
export const TENANTS = 3

/**
 * Judges the values of a token-day against the past known at midnight.
 *
 * Seen before by the token on d of its D active days (weights halve with age): p = d / (D + 1).
 * First seen: p = 1 - (1 - r)(1 - a), where r is the rate per active day at which tokens like this one show a first-seen value of this
 * class, drawn from the token to its peers to all of the same age, and a the share of active tokens that took the value up within the
 * last days, which depends on the hour. Known to another token of the principal counts as class 0 with r raised by its use.
 */
export function judgeValues(
  { history, pasts, descent, dayBits, holders, day }: Midnight,
  { values, entities }: Tuples,
  { token, values: shown }: TokenDay,
): JudgedValues {
  const count = shown.length
  const judged: JudgedValues = {
    kind: new Int8Array(count),
    base: new Float64Array(count),
    tenantEntry: new Int32Array(count),
    isPrincipals: new Uint8Array(count),
    tenantPrincipals: new Int32Array(count),
    age: new Uint8Array(count),
  }
  const members = descent.membersOf.get(token)
  const tenant = entities.tenantOf[token]!
  const principal = pasts.principal[token]!
  const peer = pasts.peer[token]!
  const age = pasts.age[token]!
  const activeDays = pasts.weightDays[token]! + 1
  const { novelty } = history
  const ownDays = members === undefined ? novelty.tokenDays(token) : settledDays(history, members, day)
  const peerDays = novelty.peerDays(peer, age)
  const k = noveltyShrinkDays
  for (let i = 0; i < count; i++) {
    const value = shown[i]!
    let weight = 0
    let isOld = false
    if (members === undefined) {
      const entry = history.values.find(token, value)
      if (entry >= 0) {
        weight = dayBits.weight(history.values.lo[entry]!, history.values.hi[entry]!)
        isOld = dayBits.isSettled(history.values.lo[entry]!, history.values.hi[entry]!)
      }
    } else {
      for (const member of members) {
        const entry = history.values.find(member, value)
        if (entry < 0) continue
        weight += dayBits.weight(history.values.lo[entry]!, history.values.hi[entry]!)
        isOld ||= dayBits.isSettled(history.values.lo[entry]!, history.values.hi[entry]!)
      }
    }
    if (values.facetOf[value] === FACET.net)
      judged.age[i] = isOld
        ? OLD
        : isTenants(holders, tenant, value, weight > 0 ? pasts.counts[token]! : 0)
          ? TENANTS
          : YOUNG
    if (weight > 0) {
      judged.kind[i] = KNOWN
      judged.base[i] = surpriseOf(weight / activeDays)
      continue
    }
    const tenantEntry = holders.tenantEntry(tenant, value)
    const principalDays = holders.principalWeight(principal, value)
    const isPeers = holders.peerTokens(peer, value) > 0
    const kind = principalDays > 0 || isPeers ? 0 : holders.tenantTokens[tenantEntry]! > 0 ? 1 : 2
    const key = values.facetOf[value]! * 3 + kind
    let ownHits = 0
    if (members === undefined) ownHits = novelty.tokenHits(token, key)
    else for (const member of members) ownHits += novelty.tokenHits(member, key)
    const peerHits = novelty.peerHits(peer, age, key)
    const rateOfAll = Math.min(novelty.rateOfAll(age, key), 1)
    const rate = (ownHits + (k * (peerHits + k * rateOfAll)) / (peerDays + k)) / (ownDays + k)
    judged.kind[i] = kind
    judged.base[i] = (1 - Math.min(rate, 1)) * (1 - principalDays / (principalDays + 2))
    judged.tenantEntry[i] = tenantEntry
    judged.isPrincipals[i] = principalDays > 0 ? 1 : 0
    judged.tenantPrincipals[i] = holders.tenantPrincipals[tenantEntry]!
  }
  return judged
}

/** Whether other tokens of the tenant showed a network on an earlier day: its office, its VPN, its carrier. */
function isTenants(holders: Holders, tenant: number, value: number, own: number): boolean {
  const entry = holders.tenantEntry(tenant, value)
  return holders.tenantTokens[entry]! > own
}

/** Days of a lineage whose first uses count: each day once for every age that one of its tokens had. */
function settledDays({ rings }: History, members: readonly number[], day: number): number {
  let days = 0
  for (let back = 1; back <= historyDays; back++) {
    let ages = 0
    for (const member of members) {
      const age = rings.noveltyAge[member * RING_DAYS + ringSlot(day - back)]! - 1
      if (age >= SETTLED_AGE) ages |= 1 << age
    }
    days += bitCount(ages)
  }
  return days
}

/** -ln of a chance, in nats. */
export function surpriseOf(chance: number): number {
  return -Math.log(chance > 1 ? 1 : Math.max(chance, LEAST_CHANCE))
}
