import { FEATURE_PARAMETERS } from '../../features/parameters.ts'
import { COUNT, COUNTS } from '../counts.ts'
import { FACET } from '../facets.ts'
import { DAY_MS } from '../memory.ts'
import type { Midnight } from '../midnight/midnight.ts'
import { longer, PairTable } from '../pair-table.ts'
import type { TokenDay } from '../token-day.ts'
import type { Tuples } from '../tuples.ts'
import type { JudgedValues } from './fresh.ts'
import { sumHours, Waves } from './waves.ts'

const { adoptionDays } = FEATURE_PARAMETERS

/** Sums of a tenant's hour, one after another. */
const SUM = {
  tokens: 0,
  moved: 1,
  newClient: 2,
  newOperation: 3,
  serverErrors: 4,
  requests: 5,
  failed: 6,
} as const
const SUMS = 7

/** What one token adds to the sums of its tenant's hour. */
export interface HourShare {
  moved: number
  newClient: number
  newOperation: number
}

/**
 * What the tokens of a day share, by the hour: waves of first uses, active tokens, tokens on one address, and what each tenant does. Sums
 * of whole numbers over all token-days: contribute first, then judge.
 */
export class SharedDay {
  readonly waves = new Waves()
  /** (tenants, 24): tokens active lately or today up to the hour. */
  readonly #active: Float64Array
  readonly #allActive = new Float64Array(24)
  readonly #tenantHours: Float64Array
  /** (address, hour): tokens, and tenants. */
  readonly #addresses = new PairTable()
  #addressTokens = new Int32Array(64)
  #addressTenants = new Int32Array(64)
  readonly #addressByTenant = new PairTable()
  #ownTokens = new Int32Array(64)
  readonly #midnight: Midnight
  readonly #tuples: Tuples
  readonly #share: HourShare = { moved: 0, newClient: 0, newOperation: 0 }

  constructor(midnight: Midnight, tuples: Tuples) {
    this.#midnight = midnight
    this.#tuples = tuples
    const tenants = tuples.entities.tenants.count
    this.#active = new Float64Array(tenants * 24)
    this.#tenantHours = new Float64Array(tenants * 24 * SUMS)
    const { pasts } = midnight
    for (let tenant = 0; tenant < tenants; tenant++) this.#active[tenant * 24] = pasts.lately[tenant]!
    this.#allActive[0] = pasts.allLately
  }

  /** Adds what a token-day brings. */
  add(day: TokenDay, judged: JudgedValues): void {
    const { pasts, day: today } = this.#midnight
    const { entities, values } = this.#tuples
    const tenant = entities.tenantOf[day.token]!
    if (!(pasts.lastTime[day.token]! >= (today - adoptionDays) * DAY_MS)) {
      this.#active[tenant * 24 + day.hours[0]!]!++
      this.#allActive[day.hours[0]!]!++
    }
    for (let i = 0; i < day.values.length; i++)
      if (judged.kind[i]! >= 0) this.waves.add(tenant, day.values[i]!, day.firstHour[i]!)
    for (let h = 0; h < day.hours.length; h++) this.#addHour(day, judged, h, tenant, values.facetOf, 1)
  }

  /** Adds (1) what a token-day brings to the sums of the day, when they are summed, or takes it back (-1). */
  shift(day: TokenDay, judged: JudgedValues, sign: 1 | -1): void {
    const { pasts, day: today } = this.#midnight
    const { entities, values } = this.#tuples
    const tenant = entities.tenantOf[day.token]!
    if (!(pasts.lastTime[day.token]! >= (today - adoptionDays) * DAY_MS)) {
      for (let hour = day.hours[0]!; hour < 24; hour++) {
        this.#active[tenant * 24 + hour]! += sign
        this.#allActive[hour]! += sign
      }
    }
    for (let i = 0; i < day.values.length; i++)
      if (judged.kind[i]! >= 0) this.waves.shift(tenant, day.values[i]!, day.firstHour[i]!, sign)
    for (let h = 0; h < day.hours.length; h++) this.#addHour(day, judged, h, tenant, values.facetOf, sign)
  }

  /** To be called once, when all token-days were added. */
  sum(): void {
    this.waves.sum()
    sumHours(this.#active, this.#active.length / 24)
    sumHours(this.#allActive, 1)
  }

  /** Whether the hour brings the token a new place (system, else network), client or operation: 0 or 1. Overwritten by the next call. */
  shareOf(day: TokenDay, judged: JudgedValues, h: number): HourShare {
    const { facetOf } = this.#tuples.values
    let systems = 0
    let freshSystem = 0
    let freshNetwork = 0
    const share = this.#share
    share.newClient = 0
    share.newOperation = 0
    for (let i = day.offsets[h]!; i < day.offsets[h + 1]!; i++) {
      const at = day.at[i]!
      const facet = facetOf[day.values[at]!]!
      const isFresh = judged.kind[at]! >= 0
      if (facet === FACET.asn) {
        systems++
        if (isFresh) freshSystem = 1
      } else if (!isFresh) continue
      else if (facet === FACET.net) freshNetwork = 1
      else if (facet === FACET.client) share.newClient = 1
      else if (facet === FACET.operation) share.newOperation = 1
    }
    share.moved = systems > 0 ? freshSystem : freshNetwork
    return share
  }

  /** Tokens of a tenant that were active lately or today up to the hour. */
  activeIn(tenant: number, hour: number): number {
    return this.#active[tenant * 24 + hour]!
  }

  activeInAll(hour: number): number {
    return this.#allActive[hour]!
  }

  /** Tokens on an address in an hour, and their tenants. */
  addressTokens(address: number, hour: number): number {
    return this.#addressTokens[this.#addresses.find(address, hour)]!
  }

  addressTenants(address: number, hour: number): number {
    return this.#addressTenants[this.#addresses.find(address, hour)]!
  }

  /** A sum over the tenant's tokens in the hour. */
  tenantSum(tenant: number, hour: number, name: keyof typeof SUM): number {
    return this.#tenantHours[(tenant * 24 + hour) * SUMS + SUM[name]]!
  }

  #addHour(
    day: TokenDay,
    judged: JudgedValues,
    h: number,
    tenant: number,
    facetOf: Uint8Array,
    sign: 1 | -1,
  ): void {
    const hour = day.hours[h]!
    const share = this.shareOf(day, judged, h)
    const at = (tenant * 24 + hour) * SUMS
    const sums = this.#tenantHours
    sums[at + SUM.tokens]! += sign
    sums[at + SUM.moved]! += sign * share.moved
    sums[at + SUM.newClient]! += sign * share.newClient
    sums[at + SUM.newOperation]! += sign * share.newOperation
    sums[at + SUM.serverErrors]! += sign * (day.counts[h * COUNTS + COUNT.serverErrors]! || 0)
    sums[at + SUM.requests]! += sign * day.counts[h * COUNTS + COUNT.requests]!
    sums[at + SUM.failed]! += sign * (day.counts[h * COUNTS + COUNT.failed]! || 0)
    for (let i = day.offsets[h]!; i < day.offsets[h + 1]!; i++) {
      const value = day.values[day.at[i]!]!
      if (facetOf[value] === FACET.ip) this.#addAddress(value, hour, tenant, sign)
    }
  }

  #addAddress(address: number, hour: number, tenant: number, sign: 1 | -1): void {
    const entry = this.#addresses.put(address, hour)
    if (entry >= this.#addressTokens.length) {
      this.#addressTokens = longer(this.#addressTokens, entry * 2)
      this.#addressTenants = longer(this.#addressTenants, entry * 2)
    }
    this.#addressTokens[entry]! += sign
    const own = this.#addressByTenant.put(entry, tenant)
    if (own >= this.#ownTokens.length) this.#ownTokens = longer(this.#ownTokens, own * 2)
    this.#ownTokens[own]! += sign
    // The tenant comes with its first token on the address, and goes with its last.
    if (this.#ownTokens[own] === (sign > 0 ? 1 : 0)) this.#addressTenants[entry]! += sign
  }
}
