import { DAILY_METRICS } from '../../features/metrics.ts'
import { AGE_BOUNDS, FEATURE_PARAMETERS } from '../../features/parameters.ts'
import type { DayBits } from '../../stats/day-bits.ts'
import type { History } from '../history/history.ts'
import { totalOf, WITHHELD } from '../history/token-rings.ts'
import { DAY_MS, firstRemembered, RING_DAYS, ringSlot, slotBefore } from '../memory.ts'
import { longer } from '../pair-table.ts'
import type { Entities } from '../values.ts'
import type { Descent } from './descent.ts'
import type { MissingHours } from './missing.ts'

const { historyDays, adoptionDays } = FEATURE_PARAMETERS

const DAILY = DAILY_METRICS.length
const HANDOVERS = DAILY_METRICS.indexOf('day_handovers')
/** Days whose handovers are added up, today included. */
const HANDOVER_DAYS = 3

/** Class of a token by its active days, 0 to 4. */
export function ageClass(activeDays: number): number {
  let age = 0
  for (let i = 1; i < AGE_BOUNDS.length; i++) if (activeDays >= AGE_BOUNDS[i]!) age = i
  return age
}

/**
 * What is known of every token when a day begins, lineage included, by the token's number. A token without a past has no active days,
 * and its principal and peer group are those of its first hour.
 */
export class TokenPasts {
  principal: Int32Array
  peer: Int32Array
  activeDays: Float64Array
  ownDays: Float64Array
  /** Active days that the log has whole. */
  wholeDays: Float64Array
  activeHours: Float64Array
  /** Active days, each by its weight. */
  weightDays: Float64Array
  age: Uint8Array
  /** Counted from the epoch; Infinity without a past. */
  firstDay: Float64Array
  /** Last event, milliseconds since the epoch; NaN without a past. */
  lastTime: Float64Array
  /** 1 for tokens that count in groups: those with a past that nobody else reads in their stead. */
  counts: Uint8Array
  /** Peer group whose mornings count: hours and whole days of its tokens. */
  peerHours: Float64Array
  peerDays: Float64Array
  allHours = 0
  allDays = 0
  /** Tokens of each tenant, and of all, active within the days of adoption. */
  readonly lately: Float64Array
  allLately = 0
  /** Handovers of the two days before, of the lineage. */
  handovers: Float64Array
  readonly tokens: number

  constructor(
    history: History,
    entities: Entities,
    day: number,
    descent: Descent,
    missing: MissingHours,
    dayBits: DayBits,
  ) {
    const count = entities.tokens.count
    this.tokens = count
    this.principal = new Int32Array(count).fill(-1)
    this.peer = new Int32Array(count).fill(-1)
    this.activeDays = new Float64Array(count)
    this.ownDays = new Float64Array(count)
    this.wholeDays = new Float64Array(count)
    this.activeHours = new Float64Array(count)
    this.weightDays = new Float64Array(count)
    this.age = new Uint8Array(count)
    this.firstDay = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
    this.lastTime = new Float64Array(count).fill(Number.NaN)
    this.counts = new Uint8Array(count)
    this.handovers = new Float64Array(count)
    this.peerHours = new Float64Array(entities.peers.count)
    this.peerDays = new Float64Array(entities.peers.count)
    this.lately = new Float64Array(entities.tenants.count)
    for (let token = 0; token < count; token++) {
      this.read(history, entities, day, token, descent.membersOf.get(token), missing, dayBits)
      const isElsewhere = descent.readersOf.has(token) && !descent.membersOf.has(token)
      if (Number.isNaN(this.lastTime[token]!) || isElsewhere || descent.borrowers.has(token)) continue
      this.counts[token] = 1
      const peer = this.peer[token]!
      this.peerHours[peer]! += this.activeHours[token]!
      this.peerDays[peer]! += this.wholeDays[token]!
      if (this.lastTime[token]! >= (day - adoptionDays) * DAY_MS) {
        this.lately[entities.tenantOf[token]!]!++
        this.allLately++
      }
    }
    for (let peer = 0; peer < this.peerHours.length; peer++) {
      this.allHours += this.peerHours[peer]!
      this.allDays += this.peerDays[peer]!
    }
  }

  /** Makes room for tokens and peer groups that were met since: they have no past. */
  fit(tokens: number, peers: number): void {
    if (tokens > this.principal.length) {
      const length = Math.max(tokens, this.principal.length + 64)
      this.principal = longer(this.principal, length, -1)
      this.peer = longer(this.peer, length, -1)
      this.activeDays = longer(this.activeDays, length)
      this.ownDays = longer(this.ownDays, length)
      this.wholeDays = longer(this.wholeDays, length)
      this.activeHours = longer(this.activeHours, length)
      this.weightDays = longer(this.weightDays, length)
      this.age = longer(this.age, length)
      this.firstDay = longer(this.firstDay, length, Number.POSITIVE_INFINITY)
      this.lastTime = longer(this.lastTime, length, Number.NaN)
      this.counts = longer(this.counts, length)
      this.handovers = longer(this.handovers, length)
    }
    if (peers > this.peerHours.length) {
      const length = Math.max(peers, this.peerHours.length + 64)
      this.peerHours = longer(this.peerHours, length)
      this.peerDays = longer(this.peerDays, length)
    }
  }

  /** Reads what is known of one token, from its own days and those of the tokens that it follows. */
  read(
    history: History,
    entities: Entities,
    day: number,
    token: number,
    members: readonly number[] | undefined,
    missing: MissingHours,
    dayBits: DayBits,
  ): void {
    const { rings, affiliations } = history
    const oldest = firstRemembered(day)
    const tenant = entities.tenantOf[token]!
    let activeDays = 0
    let wholeDays = 0
    let activeHours = 0
    let weightDays = 0
    let ownDays = 0
    let firstDay = Number.POSITIVE_INFINITY
    let lastDay = -1
    let handovers = 0
    const many = members?.length ?? 1
    for (let m = 0; m < many; m++) {
      const member = members === undefined ? token : members[m]!
      const last = affiliations.lastDay[member]!
      if (last < oldest) continue
      if (last > lastDay || (last === lastDay && member !== token)) {
        lastDay = last
        this.principal[token] = affiliations.principal[member]!
        this.peer[token] = affiliations.peer[member]!
      }
      const lastTime = affiliations.lastTime[member]!
      if (!(this.lastTime[token]! >= lastTime)) this.lastTime[token] = lastTime
      let slot = ringSlot(day)
      for (let back = 1; back <= historyDays; back++) {
        slot = slotBefore(slot)
        const hours = rings.hours[member * RING_DAYS + slot]!
        if (hours === 0) continue
        if (day - back < firstDay) firstDay = day - back
        if (hours === WITHHELD) continue
        activeDays++
        if (back < HANDOVER_DAYS)
          handovers += totalOf(rings.daily[(member * DAILY + HANDOVERS) * RING_DAYS + slot]!)
        activeHours += hours
        weightDays += dayBits.weightOf(day - back)
        if (member === token) ownDays++
        if (missing.isEmpty || !missing.isPartial(tenant, day - back)) wholeDays++
      }
    }
    // A token that another one reads in its stead still knows its own days.
    if (members !== undefined && !members.includes(token)) ownDays = ownDaysOf(history, day, token)
    this.handovers[token] = handovers
    this.activeDays[token] = activeDays
    this.ownDays[token] = ownDays
    this.wholeDays[token] = wholeDays
    this.activeHours[token] = activeHours
    this.weightDays[token] = weightDays
    this.firstDay[token] = firstDay
    this.age[token] = ageClass(activeDays)
  }
}

/** Remembered days on which a token itself was active and is not withheld. */
export function ownDaysOf({ rings }: History, day: number, token: number): number {
  let days = 0
  for (let back = 1; back <= historyDays; back++) {
    const hours = rings.hours[token * RING_DAYS + ringSlot(day - back)]!
    if (hours !== 0 && hours !== WITHHELD) days++
  }
  return days
}
