import type { OpenDay } from '../../engine/open-day.ts'
import type { ShownEvent } from '../../features/define.ts'
import { SESSION_GAP_MS } from '../../kernel/count-day.ts'
import { NO_NUMBER, NO_STATUS } from '../../kernel/day-events.ts'
import { FACET } from '../../kernel/facets.ts'
import { daysBefore } from '../../kernel/midnight/midnight.ts'
import type { FacetName } from '../../schema/activity.ts'

/** An event of a token: its place among the day's events, and those of the two before it; -1 where there is none. */
export interface Moment {
  readonly at: number
  readonly before: number
  readonly beforeLast: number
}

/** A day's events as reasons speak of them. Numbers are those of the engine's tuples; -1 is unknown. */
export class DayLog {
  readonly #day: OpenDay
  readonly #before: ReturnType<typeof daysBefore>
  readonly #own = new Map<number, Int32Array>()

  constructor(day: OpenDay) {
    this.#day = day
    this.#before = daysBefore(day.day)
  }

  /** Places of a token's events, in order of time and event id. */
  eventsOf(tenantId: string, tokenId: string): Int32Array {
    const { kernel, events } = this.#day
    const token = kernel.tuples.entities.findToken(tenantId, tokenId)
    let own = this.#own.get(token)
    if (own === undefined) {
      const { whoToken } = kernel.tuples
      const places: number[] = []
      for (let i = 0; i < events.count; i++) if (whoToken[events.who[i]!] === token) places.push(i)
      own = Int32Array.from(places)
      this.#own.set(token, own)
    }
    return own
  }

  timeOf(at: number): number {
    return this.#day.events.time[at]!
  }

  /** Below every status where it is unknown. */
  statusOf(at: number): number {
    return this.#day.events.status[at]!
  }

  kindOf(at: number): number {
    return this.#tuples.callKind[this.#day.events.call[at]!]!
  }

  /** 1 or 0. */
  isSensitive(at: number): number {
    return this.#tuples.callSensitive[this.#day.events.call[at]!]!
  }

  isOutOfGrant(at: number): boolean {
    const { who, call } = this.#day.events
    return this.#tuples.outOfGrant(who[at]!, call[at]!) === 1
  }

  /** A numeric column; NaN is unknown. */
  numberOf(column: 'requestBytes' | 'responseBytes' | 'latency', at: number): number {
    return this.#day.events[column][at]!
  }

  /** An event as own features see it. */
  shownEvent(at: number): ShownEvent {
    const { texts } = this.#tuples.values
    const textOf = (facet: Exclude<FacetName, 'status' | 'bigram'>) => {
      const value = this.#plain(facet, at)
      return value < 0 ? null : texts[value]!
    }
    const status = this.statusOf(at)
    return {
      time: new Date(this.timeOf(at)),
      operation: textOf('operation'),
      resourceType: textOf('resource'),
      scope: textOf('scope'),
      ip: textOf('ip'),
      net: textOf('net'),
      asn: textOf('asn'),
      country: textOf('country'),
      client: textOf('client'),
      userAgent: textOf('agent'),
      status: status === NO_STATUS ? Number.NaN : status,
      requestBytes: this.numberOf('requestBytes', at),
      responseBytes: this.numberOf('responseBytes', at),
      latencyMs: this.numberOf('latency', at),
      isSensitive: this.isSensitive(at) === 1,
    }
  }

  isLocated(at: number): boolean {
    return !Number.isNaN(this.#tuples.placeLatitude[this.#day.events.place[at]!]!)
  }

  /** By how much the numeric id of the object follows the one of the event before; NaN where either has none. */
  stepOf({ at, before }: Moment): number {
    const { objectHigh, objectLow } = this.#day.events
    if (before < 0 || objectHigh[at] === NO_NUMBER || objectHigh[before] === NO_NUMBER) return Number.NaN
    return (
      (objectHigh[at]! - objectHigh[before]!) * 2 ** 32 + (objectLow[at]! >>> 0) - (objectLow[before]! >>> 0)
    )
  }

  /** Whether the facet is known of both events and another. */
  isOther(facet: 'net' | 'country' | 'client', at: number, before: number): boolean {
    if (before < 0) return false
    const [now, then] = [this.#plain(facet, at), this.#plain(facet, before)]
    return now >= 0 && then >= 0 && now !== then
  }

  isSame(facet: 'net' | 'country' | 'client', at: number, before: number): boolean {
    return before >= 0 && this.#plain(facet, at) >= 0 && this.#plain(facet, at) === this.#plain(facet, before)
  }

  /** The value that an event shows of a facet, as its number. */
  valueOf(facet: FacetName, moment: Moment): number {
    const { at, before } = moment
    const tuples = this.#tuples
    const { status } = this.#day.events
    if (facet === 'status')
      return status[at] === NO_STATUS ? -1 : tuples.outcome(status[at]!, this.kindOf(at))
    if (facet !== 'bigram') return this.#plain(facet, at)
    const follows = before >= 0 && this.timeOf(at) - this.timeOf(before) <= SESSION_GAP_MS
    const [first, second] = follows
      ? [this.#plain('operation', before), this.#plain('operation', at)]
      : [-1, -1]
    return first < 0 || second < 0 ? -1 : tuples.bigram(first, second)
  }

  /** The same as text; null is unknown. */
  textOf(facet: FacetName, moment: Moment): string | null {
    const value = this.valueOf(facet, moment)
    return value < 0 ? null : this.#tuples.values.texts[value]!
  }

  /** Whether the event shows a value that its token showed on no earlier day; of an unknown past everything is new. */
  isFirst(facet: FacetName, moment: Moment): boolean {
    const value = this.valueOf(facet, moment)
    if (value < 0) return false
    const { values } = this.#day.kernel.history
    const entry = values.find(this.#tuples.whoToken[this.#day.events.who[moment.at]!]!, value)
    return entry < 0 || this.#before.count(values.lo[entry]!, values.hi[entry]!) === 0
  }

  get #tuples() {
    return this.#day.kernel.tuples
  }

  #plain(facet: Exclude<FacetName, 'status' | 'bigram'>, at: number): number {
    const tuples = this.#tuples
    const { place, agent, call, object } = this.#day.events
    switch (facet) {
      case 'ip':
        return tuples.placeIp[place[at]!]!
      case 'net':
        return tuples.placeNet[place[at]!]!
      case 'asn':
        return tuples.placeAsn[place[at]!]!
      case 'country':
        return tuples.placeCountry[place[at]!]!
      case 'network_type':
        return tuples.placeType[place[at]!]!
      case 'client':
        return tuples.agentClient[agent[at]!]!
      case 'agent':
        return tuples.agentText[agent[at]!]!
      case 'operation':
        return tuples.callOperation[call[at]!]!
      case 'resource':
        return tuples.callResource[call[at]!]!
      case 'scope':
        return tuples.callScope[call[at]!]!
      case 'object':
        return object[at]! < 0 ? -1 : tuples.objectValue[object[at]!]!
    }
  }
}

export const IS_FACET: ReadonlySet<string> = new Set(Object.keys(FACET))
