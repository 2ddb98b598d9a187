import { bitCount } from '../stats/day-bits.ts'
import { distanceKm, speedKmh } from '../stats/great-circle.ts'
import { COUNT, COUNTS } from './counts.ts'
import { type DayEvents, NO_NUMBER, NO_STATUS } from './day-events.ts'
import { HOUR_MS } from './memory.ts'
import { longer } from './pair-table.ts'
import type { TokenDay } from './token-day.ts'
import { DELETE, READ, type Tuples, WRITE } from './tuples.ts'

const MINUTE_MS = 60_000

/** A bigram joins operations of one sitting: web analytics' customary session gap. */
export const SESSION_GAP_MS = 30 * MINUTE_MS

const QUICK_MS = 1000

/** Gaps that a variation is told from at least. */
const LEAST_GAPS = 5

/** Stamps are kept as 32-bit integers. */
const LAST_STAMP = 2 ** 31 - 1

/** Counts and lists the values of token-days: one pass over events that are grouped by token. Keeps scratch space between days. */
export class DayCounter {
  readonly #tuples: Tuples
  #order = new Int32Array(0)
  #starts = new Int32Array(1)
  /** Of values: the last (token, hour) and token-day that showed it, and where it stands in their lists. */
  #hourStamp = new Int32Array(0)
  #hourAt = new Int32Array(0)
  #dayStamp = new Int32Array(0)
  #dayAt = new Int32Array(0)
  #stamp = 0
  #day = 0
  /** Lists of the token-day at work. */
  #at = new Int32Array(1 << 12)
  #events = new Int32Array(1 << 12)
  #listed = 0
  #values = new Int32Array(1 << 12)
  #firstHour = new Uint8Array(1 << 12)
  #distinct = 0
  /** Networks before and after each change, as values until the hour ends. */
  #changes = new Int32Array(1 << 10)
  #changed = 0
  readonly #place = new TupleCounts()
  readonly #agent = new TupleCounts()
  readonly #call = new TupleCounts()
  readonly #slots = new Int32Array(6)

  constructor(tuples: Tuples) {
    this.#tuples = tuples
  }

  /** The token-days of the events of one UTC day, in the order of the tokens' numbers. */
  countDay(events: DayEvents, dayStart: number): TokenDay[] {
    this.#groupByToken(events)
    const days: TokenDay[] = []
    const tokens = this.#starts.length - 1
    for (let token = 0; token < tokens; token++) {
      if (this.#starts[token + 1]! > this.#starts[token]!)
        days.push(this.#countToken(events, token, this.#starts[token]!, this.#starts[token + 1]!, dayStart))
    }
    return days
  }

  /** Counting sort by token: events of one token keep their order. */
  #groupByToken({ count, who }: DayEvents): void {
    const { whoToken } = this.#tuples
    const tokens = this.#tuples.entities.tokens.count
    const starts = new Int32Array(tokens + 1)
    for (let i = 0; i < count; i++) starts[whoToken[who[i]!]! + 1]!++
    for (let token = 0; token < tokens; token++) starts[token + 1]! += starts[token]!
    if (this.#order.length < count) this.#order = new Int32Array(count * 2)
    const next = starts.slice(0, tokens)
    const order = this.#order
    for (let i = 0; i < count; i++) order[next[whoToken[who[i]!]!]!++] = i
    this.#starts = starts
  }

  #countToken(events: DayEvents, token: number, from: number, to: number, dayStart: number): TokenDay {
    const t = this.#tuples
    const order = this.#order
    const { time, who, place, agent, call, object } = events
    let hours = 0
    for (let i = from, last = -1; i < to; i++) {
      const hour = Math.floor((time[order[i]!]! - dayStart) / HOUR_MS)
      if (hour !== last) hours++
      last = hour
    }
    const day = {
      token,
      hours: new Uint8Array(hours),
      counts: new Float64Array(hours * COUNTS),
      who: new Int32Array(hours),
      principal: new Int32Array(hours),
      peer: new Int32Array(hours),
      role: new Array<string | null>(hours),
      kind: new Array<string | null>(hours),
      offsets: new Int32Array(hours + 1),
      changeEnds: new Int32Array(hours),
    }
    if (this.#day === LAST_STAMP) {
      this.#dayStamp.fill(0)
      this.#day = 0
    }
    this.#day++
    this.#listed = 0
    this.#distinct = 0
    this.#changed = 0
    // What the event before showed; nothing is known before midnight.
    let lastTime = Number.NaN
    let lastOperation = -1
    let lastNet = -1
    let netBeforeLast = -1
    let lastCountry = -1
    let lastClient = -1
    let lastHigh = NO_NUMBER
    let lastLow = 0
    let lastLatitude = Number.NaN
    let lastLongitude = Number.NaN

    let i = from
    for (let h = 0; h < hours; h++) {
      const hour = Math.floor((time[order[i]!]! - dayStart) / HOUR_MS)
      const start = dayStart + hour * HOUR_MS
      const end = start + HOUR_MS
      const stamp = this.#nextStamp()
      this.#place.begin(t.placeIp.length)
      this.#agent.begin(t.agentText.length)
      this.#call.begin(t.callKind.length)
      const slots = this.#slots.fill(0)
      const first = i
      let minutesLow = 0
      let minutesHigh = 0
      let failed = 0
      let denied = 0
      let notFound = 0
      let throttled = 0
      let serverErrors = 0
      let reads = 0
      let writes = 0
      let deletes = 0
      let sensitive = 0
      let deniedSensitive = 0
      let outOfGrant = 0
      let requestBytes = 0
      let responseBytes = 0
      let readBytes = 0
      let maxResponseBytes = 0
      let latency = 0
      let netSwitches = 0
      let netReturns = 0
      let countrySwitches = 0
      let clientSwitches = 0
      let maxSpeed = 0
      let idSteps = 0
      let gaps = 0
      let gapMs = 0
      let gapMsSquared = 0
      let quickGaps = 0
      let knowsStatus = 0
      let knowsGrant = 0
      let knowsRequestBytes = 0
      let knowsResponseBytes = 0
      let knowsReadBytes = 0
      let knowsLatency = 0
      let knowsNet = 0
      let knowsCountry = 0
      let knowsClient = 0
      let knowsPlace = 0
      let knowsObject = 0
      let role: string | null = null
      let kindOfToken: string | null = null
      let lastWho = -1
      let whoTime = Number.NEGATIVE_INFINITY
      let roleTime = Number.NEGATIVE_INFINITY
      let kindTime = Number.NEGATIVE_INFINITY
      let mixed = 0
      let createdAt = Number.NaN

      for (; i < to; i++) {
        const e = order[i]!
        const now = time[e]!
        if (now >= end) break
        const w = who[e]!
        // Of the latest moment's events the first one says whose the token is; a role or kind that is unknown leaves the one before.
        if (now > whoTime) {
          if (w !== lastWho && lastWho >= 0) mixed = 1
          lastWho = w
          whoTime = now
        } else if (w !== lastWho) mixed = 1
        const created = t.whoCreatedAt[w]!
        if (!(createdAt <= created)) createdAt = created === created ? created : createdAt
        const itsRole = t.whoRole[w]!
        if (itsRole !== null && now > roleTime) {
          role = itsRole
          roleTime = now
        }
        const itsKind = t.whoKind[w]!
        if (itsKind !== null && now > kindTime) {
          kindOfToken = itsKind
          kindTime = now
        }
        const minute = Math.floor((now - start) / MINUTE_MS)
        slots[Math.floor(minute / 10)]!++
        if (minute < 32) minutesLow |= 1 << minute
        else minutesHigh |= 1 << (minute - 32)

        const c = call[e]!
        const kind = t.callKind[c]!
        const isSensitive = t.callSensitive[c]!
        if (kind === READ) reads++
        else if (kind === WRITE) writes++
        else if (kind === DELETE) deletes++
        sensitive += isSensitive
        const status = events.status[e]!
        if (status !== NO_STATUS) {
          knowsStatus = 1
          if (status >= 400) {
            failed++
            if (status === 401 || status === 403) {
              denied++
              deniedSensitive += isSensitive
            } else if (status === 404 || status === 410) notFound++
            else if (status === 429) throttled++
            else if (status >= 500) serverErrors++
          }
        }
        const lacks = t.outOfGrant(w, c)
        if (lacks >= 0) {
          knowsGrant = 1
          outOfGrant += lacks
        }
        const sent = events.requestBytes[e]!
        if (sent === sent) {
          knowsRequestBytes = 1
          requestBytes += sent
        }
        const received = events.responseBytes[e]!
        if (received === received) {
          knowsResponseBytes = 1
          responseBytes += received
          if (received > maxResponseBytes) maxResponseBytes = received
          if (kind === READ && status < 400) {
            knowsReadBytes = 1
            readBytes += received
          }
        }
        const took = events.latency[e]!
        if (took === took) {
          knowsLatency = 1
          // Whole microseconds: a sum of integers is the same in every order.
          latency += Math.round(took * 1000)
        }

        const p = place[e]!
        const net = t.placeNet[p]!
        if (net >= 0) {
          knowsNet = 1
          if (lastNet >= 0 && net !== lastNet) {
            netSwitches++
            this.#change(lastNet, net)
            if (net === netBeforeLast) netReturns++
          }
        }
        netBeforeLast = lastNet
        lastNet = net
        const country = t.placeCountry[p]!
        if (country >= 0) {
          knowsCountry = 1
          if (lastCountry >= 0 && country !== lastCountry) countrySwitches++
        }
        lastCountry = country
        const a = agent[e]!
        const client = t.agentClient[a]!
        if (client >= 0) {
          knowsClient = 1
          if (lastClient >= 0 && client !== lastClient) clientSwitches++
        }
        lastClient = client
        const latitude = t.placeLatitude[p]!
        const longitude = t.placeLongitude[p]!
        const gap = now - lastTime
        if (
          latitude === latitude &&
          longitude === longitude &&
          lastLatitude === lastLatitude &&
          lastLongitude === lastLongitude
        ) {
          knowsPlace = 1
          if (latitude !== lastLatitude || longitude !== lastLongitude) {
            const speed = speedKmh(distanceKm(lastLatitude, lastLongitude, latitude, longitude), gap)
            if (speed > maxSpeed) maxSpeed = speed
          }
        }
        lastLatitude = latitude
        lastLongitude = longitude
        const o = object[e]!
        const high = events.objectHigh[e]!
        const low = events.objectLow[e]!
        if (o >= 0) {
          knowsObject = 1
          const step = (high - lastHigh) * 2 ** 32 + (low >>> 0) - (lastLow >>> 0)
          if (high !== NO_NUMBER && lastHigh !== NO_NUMBER && step >= 1 && step <= 3) idSteps++
        }
        lastHigh = high
        lastLow = low

        const operation = t.callOperation[c]!
        let bigram = -1
        if (gap === gap) {
          if (gap <= QUICK_MS) quickGaps++
          if (lastTime >= start) {
            gaps++
            gapMs += gap
            gapMsSquared += gap * gap
          }
          if (gap <= SESSION_GAP_MS && lastOperation >= 0 && operation >= 0)
            bigram = t.bigram(lastOperation, operation)
        }
        lastOperation = operation
        lastTime = now

        // Tuples are counted first and spelled out once an hour.
        this.#place.add(p)
        this.#agent.add(a)
        this.#call.add(c)
        if (status !== NO_STATUS) this.#list(t.outcome(status, kind), 1, stamp, hour)
        if (bigram >= 0) this.#list(bigram, 1, stamp, hour)
        if (o >= 0) this.#list(t.objectValue[o]!, 1, stamp, hour)
      }
      this.#listTuples(stamp, hour)
      for (let c = h === 0 ? 0 : day.changeEnds[h - 1]!; c < this.#changed; c++)
        this.#changes[c] = this.#dayAt[this.#changes[c]!]!
      day.changeEnds[h] = this.#changed

      day.hours[h] = hour
      day.who[h] = lastWho
      day.principal[h] = t.whoPrincipal[lastWho]!
      day.peer[h] =
        mixed === 1
          ? t.entities.peer(t.entities.tenantIds[t.entities.tenantOf[token]!]!, role, kindOfToken)
          : t.whoPeer[lastWho]!
      day.role[h] = role
      day.kind[h] = kindOfToken
      day.offsets[h + 1] = this.#listed
      const { counts } = day
      const o = h * COUNTS
      const unknown = Number.NaN
      const known = (is: number, value: number) => (is === 1 ? value : unknown)
      let peak = 0
      for (let s = 0; s < 6; s++) if (slots[s]! > peak) peak = slots[s]!
      counts[o + COUNT.firstTime] = time[order[first]!]!
      counts[o + COUNT.lastTime] = lastTime
      counts[o + COUNT.requests] = i - first
      counts[o + COUNT.peak10min] = peak
      counts[o + COUNT.activeMinutes] = bitCount(minutesLow) + bitCount(minutesHigh)
      counts[o + COUNT.failed] = known(knowsStatus, failed)
      counts[o + COUNT.denied] = known(knowsStatus, denied)
      counts[o + COUNT.notFound] = known(knowsStatus, notFound)
      counts[o + COUNT.throttled] = known(knowsStatus, throttled)
      counts[o + COUNT.serverErrors] = known(knowsStatus, serverErrors)
      counts[o + COUNT.reads] = reads
      counts[o + COUNT.writes] = writes
      counts[o + COUNT.deletes] = deletes
      counts[o + COUNT.sensitive] = sensitive
      counts[o + COUNT.deniedSensitive] = known(knowsStatus, deniedSensitive)
      counts[o + COUNT.outOfGrant] = known(knowsGrant, outOfGrant)
      counts[o + COUNT.requestBytes] = known(knowsRequestBytes, requestBytes)
      counts[o + COUNT.responseBytes] = known(knowsResponseBytes, responseBytes)
      counts[o + COUNT.readBytes] = known(knowsReadBytes, readBytes)
      counts[o + COUNT.maxResponseBytes] = known(knowsResponseBytes, maxResponseBytes)
      counts[o + COUNT.latencyMs] = known(knowsLatency, latency / 1000)
      counts[o + COUNT.netSwitches] = known(knowsNet, netSwitches)
      counts[o + COUNT.netReturns] = known(knowsNet, netReturns)
      counts[o + COUNT.countrySwitches] = known(knowsCountry, countrySwitches)
      counts[o + COUNT.clientSwitches] = known(knowsClient, clientSwitches)
      counts[o + COUNT.maxSpeedKmh] = known(knowsPlace, maxSpeed)
      counts[o + COUNT.idSteps] = known(knowsObject, idSteps)
      // Standard deviation over mean, from the moments.
      counts[o + COUNT.gapCv] =
        gaps >= LEAST_GAPS && gapMs > 0
          ? Math.sqrt(Math.max(0, gaps * gapMsSquared - gapMs * gapMs)) / gapMs
          : unknown
      counts[o + COUNT.quickGaps] = quickGaps
      counts[o + COUNT.tokenCreatedAt] = createdAt
    }
    return {
      ...day,
      at: this.#at.slice(0, this.#listed),
      events: this.#events.slice(0, this.#listed),
      values: this.#values.slice(0, this.#distinct),
      firstHour: this.#firstHour.slice(0, this.#distinct),
      changes: this.#changes.slice(0, this.#changed),
    }
  }

  #change(from: number, to: number): void {
    if (this.#changed + 2 > this.#changes.length) this.#changes = longer(this.#changes, this.#changed * 2)
    this.#changes[this.#changed++] = from
    this.#changes[this.#changed++] = to
  }

  /** Spells out the hour's tuples as values. */
  #listTuples(stamp: number, hour: number): void {
    const t = this.#tuples
    const { tuples: places, events: placeEvents } = this.#place
    for (let i = 0; i < this.#place.count; i++) {
      const p = places[i]!
      const n = placeEvents[i]!
      this.#list(t.placeIp[p]!, n, stamp, hour)
      this.#list(t.placeNet[p]!, n, stamp, hour)
      this.#list(t.placeAsn[p]!, n, stamp, hour)
      this.#list(t.placeCountry[p]!, n, stamp, hour)
      this.#list(t.placeType[p]!, n, stamp, hour)
    }
    const { tuples: agents, events: agentEvents } = this.#agent
    for (let i = 0; i < this.#agent.count; i++) {
      this.#list(t.agentClient[agents[i]!]!, agentEvents[i]!, stamp, hour)
      this.#list(t.agentText[agents[i]!]!, agentEvents[i]!, stamp, hour)
    }
    const { tuples: calls, events: callEvents } = this.#call
    for (let i = 0; i < this.#call.count; i++) {
      const c = calls[i]!
      const n = callEvents[i]!
      this.#list(t.callOperation[c]!, n, stamp, hour)
      this.#list(t.callResource[c]!, n, stamp, hour)
      this.#list(t.callScope[c]!, n, stamp, hour)
    }
  }

  /** Counts a value of the hour; -1 is none. */
  #list(value: number, n: number, stamp: number, hour: number): void {
    if (value < 0) return
    if (value >= this.#hourStamp.length) this.#widenValues()
    if (this.#hourStamp[value] === stamp) {
      this.#events[this.#hourAt[value]!]! += n
      return
    }
    if (this.#listed === this.#at.length) {
      this.#at = longer(this.#at, this.#listed * 2)
      this.#events = longer(this.#events, this.#listed * 2)
    }
    if (this.#dayStamp[value] !== this.#day) {
      if (this.#distinct === this.#values.length) {
        this.#values = longer(this.#values, this.#distinct * 2)
        this.#firstHour = longer(this.#firstHour, this.#distinct * 2)
      }
      this.#dayStamp[value] = this.#day
      this.#dayAt[value] = this.#distinct
      this.#values[this.#distinct] = value
      this.#firstHour[this.#distinct++] = hour
    }
    this.#hourStamp[value] = stamp
    this.#hourAt[value] = this.#listed
    this.#at[this.#listed] = this.#dayAt[value]!
    this.#events[this.#listed++] = n
  }

  /** A number for the next hour. A server counts for months: before numbers run out, those of past hours are forgotten. */
  #nextStamp(): number {
    if (this.#stamp === LAST_STAMP) {
      this.#hourStamp.fill(0)
      this.#stamp = 0
    }
    return ++this.#stamp
  }

  #widenValues(): void {
    const length = Math.max(1 << 12, this.#tuples.values.count * 2)
    this.#hourStamp = longer(this.#hourStamp, length)
    this.#hourAt = longer(this.#hourAt, length)
    this.#dayStamp = longer(this.#dayStamp, length)
    this.#dayAt = longer(this.#dayAt, length)
  }
}

/** How many events of the hour at work showed each tuple of one kind. */
class TupleCounts {
  count = 0
  tuples = new Int32Array(1 << 8)
  events = new Int32Array(1 << 8)
  #stamp = new Int32Array(0)
  #at = new Int32Array(0)
  #now = 0

  /** Begins an hour; `known` is the number of tuples of the kind. */
  begin(known: number): void {
    this.count = 0
    if (this.#now === LAST_STAMP) {
      this.#stamp.fill(0)
      this.#now = 0
    }
    this.#now++
    if (known > this.#stamp.length) {
      this.#stamp = longer(this.#stamp, known * 2)
      this.#at = longer(this.#at, known * 2)
    }
  }

  add(tuple: number): void {
    if (this.#stamp[tuple] === this.#now) {
      this.events[this.#at[tuple]!]!++
      return
    }
    if (this.count === this.tuples.length) {
      this.tuples = longer(this.tuples, this.count * 2)
      this.events = longer(this.events, this.count * 2)
    }
    this.#stamp[tuple] = this.#now
    this.#at[tuple] = this.count
    this.tuples[this.count] = tuple
    this.events[this.count++] = 1
  }
}
