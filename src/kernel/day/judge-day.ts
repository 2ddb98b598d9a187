import { BUDGET_FACETS, DRIFT_METRICS } from '../../features/metrics.ts'
import { OwnFeatureError } from '../../features/own.ts'
import { FEATURE_PARAMETERS } from '../../features/parameters.ts'
import type { FacetHour, TokenHour } from '../../features/token-hour.ts'
import { OCTAVE_BINS, OCTAVE_EDGES, octaveOf } from '../../stats/octaves.ts'
import { COUNT, COUNTS } from '../counts.ts'
import type { Definitions } from '../definitions.ts'
import { FACET, FACET_COUNT, FACET_NAMES, IS_PRODUCT } from '../facets.ts'
import { HOUR_MS, weekSlot } from '../memory.ts'
import type { Midnight } from '../midnight/midnight.ts'
import {
  accumulate,
  addHistogram,
  highestBin,
  type Quantiles,
  quantilesOf,
} from '../midnight/peer-histograms.ts'
import type { TokenDay } from '../token-day.ts'
import type { Tuples } from '../tuples.ts'
import type { DayTable } from './day-table.ts'
import type { DeltaBuilder } from './delta-builder.ts'
import { type JudgedValues, KNOWN, OLD, surpriseOf, YOUNG } from './fresh.ts'
import { createTokenHour } from './hour-view.ts'
import type { SharedDay } from './shared-day.ts'

const { hourShrinkDays, tailShrinkHours } = FEATURE_PARAMETERS

/** Smallest density of an hour of the week: no hour is stranger than one in 333. */
const LEAST_DENSITY = 0.003

/** Pseudo-hours and pseudo-requests without surprise that a day begins with: the first strange one is not yet a strange day. */
const CALM_HOURS = 2
const CALM_REQUESTS = 3

const DRIFTS = DRIFT_METRICS.length
const BUDGETS = BUDGET_FACETS.length

/** Fills the rows of token-days, token by token: its histograms are read once a day, from one place of the memory. */
export class DayJudge {
  readonly #midnight: Midnight
  readonly #tuples: Tuples
  readonly #shared: SharedDay
  readonly #table: DayTable
  readonly #delta: DeltaBuilder
  readonly #featureOf: readonly ((hour: TokenHour) => number)[]
  readonly #metricOf: readonly ((hour: TokenHour) => number)[]
  readonly #isDay: Uint8Array
  readonly #isNone: Uint8Array
  readonly #view: TokenHour
  readonly #facets: readonly FacetHour[]
  readonly #worst = new Int32Array(FACET_COUNT)
  readonly #events = new Float64Array(FACET_COUNT)
  /** Own histogram: counts, or counts at or above where the metric was accumulated. */
  readonly #above: Int32Array
  readonly #isAccumulated: Uint8Array
  readonly #quantiles: Quantiles[]
  #hasHistogram = false
  /** The hour at work, 0-23. */
  #hour = 0
  /** Sums of the day so far that the view does not hold. */
  #hourSurprises = 0
  readonly #surprises = new Float64Array(4)

  constructor(
    midnight: Midnight,
    tuples: Tuples,
    shared: SharedDay,
    table: DayTable,
    delta: DeltaBuilder,
    { features, metrics }: Definitions,
  ) {
    this.#midnight = midnight
    this.#tuples = tuples
    this.#shared = shared
    this.#table = table
    this.#delta = delta
    this.#featureOf = features.map(feature => feature.of)
    this.#metricOf = metrics.map(metric => metric.of)
    this.#isDay = Uint8Array.from(metrics, metric => (metric.level === 'day' ? 1 : 0))
    this.#isNone = Uint8Array.from(metrics, metric => ('isNoneWhenUnknown' in metric ? 1 : 0))
    this.#view = createTokenHour(metrics.length)
    this.#above = new Int32Array(metrics.length * OCTAVE_BINS)
    this.#isAccumulated = new Uint8Array(metrics.length)
    this.#quantiles = metrics.map(() => ({ p50: 0, p95: 0 }))
    this.#facets = FACET_NAMES.map(name => this.#view.facets[name])
  }

  /**
   * Judges the hours of a token-day, oldest first; the first one goes to entry `first` of the table's columns. Throws OwnFeatureError, with
   * the token-hour, where an own definition fails.
   */
  judge(day: TokenDay, judged: JudgedValues, first: number): void {
    try {
      this.#judgeHours(day, judged, first)
    } catch (error) {
      throw error instanceof OwnFeatureError ? error.at(this.#tokenHour(day)) : error
    }
  }

  #judgeHours(day: TokenDay, judged: JudgedValues, first: number): void {
    const { pasts, isSettled } = this.#midnight
    this.#beginToken(day)
    for (let h = 0; h < day.hours.length; h++) {
      const row = first + h
      this.#hour = day.hours[h]!
      this.#readCounts(day, h)
      this.#readValues(day, judged, h, row)
      this.#view.hourSurprise = this.#hourSurprise(day, judged, h)
      this.#addToDay()
      this.#addHandovers(day, judged, h)
      this.#readTenant(day, judged, h)
      this.#judgeMetrics(day.token, row)
      const { features } = this.#table
      const featureOf = this.#featureOf
      for (let f = 0; f < featureOf.length; f++) features[f]![row] = featureOf[f]!(this.#view)
    }
    this.#delta.end(day, judged, isSettled ? pasts.age[day.token]! : -1, pasts.peer[day.token]!)
    if (this.#hasHistogram) this.#above.fill(0)
    this.#isAccumulated.fill(0)
    this.#hasHistogram = false
  }

  /** Names the hour at work. */
  #tokenHour({ token }: TokenDay): string {
    const { tenantIds, tokenIds, tenantOf } = this.#tuples.entities
    const start = new Date((this.#midnight.day * 24 + this.#hour) * HOUR_MS)
    return `the hour ${start.toISOString().slice(0, 16)}Z of token ${tokenIds[token]} of tenant ${tenantIds[tenantOf[token]!]}`
  }

  #beginToken({ token }: TokenDay): void {
    const { pasts, drift, budgets } = this.#midnight
    const { past, day } = this.#view
    past.activeDays = pasts.activeDays[token]!
    past.ownDays = pasts.ownDays[token]!
    past.activeHours = pasts.activeHours[token]!
    past.handovers = pasts.handovers[token]!
    for (let m = 0; m < DRIFTS; m++) {
      past.cusum[m] = drift.cusum[token * DRIFTS + m]!
      past.shift[m] = drift.shift[token * DRIFTS + m]!
    }
    for (let f = 0; f < BUDGETS; f++) past.budget[f] = budgets[token * BUDGETS + f]!
    const unknown = Number.NaN
    day.hours = 0
    day.requests = 0
    day.responseBytes = unknown
    day.denied = unknown
    day.deletes = 0
    day.sensitive = 0
    day.freshOperations = unknown
    day.foreignObjects = unknown
    day.objects = unknown
    day.freshObjectRequests = unknown
    day.refusedObjects = unknown
    day.handovers = unknown
    this.#hourSurprises = 0
    this.#surprises.fill(0)
  }

  #readCounts({ token, counts, hours }: TokenDay, h: number): void {
    const view = this.#view
    const o = h * COUNTS
    view.requests = counts[o + COUNT.requests]!
    view.peak10min = counts[o + COUNT.peak10min]!
    view.activeMinutes = counts[o + COUNT.activeMinutes]!
    view.failed = counts[o + COUNT.failed]!
    view.denied = counts[o + COUNT.denied]!
    view.notFound = counts[o + COUNT.notFound]!
    view.serverErrors = counts[o + COUNT.serverErrors]!
    view.writes = counts[o + COUNT.writes]!
    view.deletes = counts[o + COUNT.deletes]!
    view.sensitive = counts[o + COUNT.sensitive]!
    view.deniedSensitive = counts[o + COUNT.deniedSensitive]!
    view.outOfGrant = counts[o + COUNT.outOfGrant]!
    view.requestBytes = counts[o + COUNT.requestBytes]!
    view.responseBytes = counts[o + COUNT.responseBytes]!
    view.maxResponseBytes = counts[o + COUNT.maxResponseBytes]!
    view.latencyMs = counts[o + COUNT.latencyMs]!
    view.netReturns = counts[o + COUNT.netReturns]!
    view.countrySwitches = counts[o + COUNT.countrySwitches]!
    view.clientSwitches = counts[o + COUNT.clientSwitches]!
    view.maxSpeedKmh = counts[o + COUNT.maxSpeedKmh]!
    view.idSteps = counts[o + COUNT.idSteps]!
    view.gapCv = counts[o + COUNT.gapCv]!
    view.quickGaps = counts[o + COUNT.quickGaps]!
    const { pasts, day, missing } = this.#midnight
    const before = h === 0 ? pasts.lastTime[token]! : counts[o - COUNTS + COUNT.lastTime]!
    const hour = day * 24 + hours[h]!
    view.gapHours =
      hour -
      Math.floor(before / HOUR_MS) -
      missing.between(this.#tuples.entities.tenantOf[token]!, before / HOUR_MS, hour)
  }

  /** Statistics of the hour's values by facet, and what the row quotes of them. */
  #readValues(day: TokenDay, judged: JudgedValues, h: number, row: number): void {
    const { holders, pasts } = this.#midnight
    const shared = this.#shared
    const { values, entities } = this.#tuples
    const { facetOf } = values
    const view = this.#view
    const facets = this.#facets
    const worst = this.#worst.fill(-1)
    const events = this.#events.fill(0)
    const hour = day.hours[h]!
    const tenant = entities.tenantOf[day.token]!
    const active = shared.activeIn(tenant, hour) + 2
    const activeInAll = Math.max(shared.activeInAll(hour), 1)
    for (let f = 0; f < FACET_COUNT; f++) {
      const facet = facets[f]!
      facet.distinct = 0
      facet.fresh = 0
      facet.surprise = -1
      facet.surplus = 0
      facet.meanSurprise = 0
      facet.adopted = 0
    }
    let newSharers = -1
    let addressTokens = 0
    let addressTenants = 0
    let freshObjects = 0
    let freshObjectRequests = 0
    let foreignObjects = 0
    let privateObjects = 0
    let foreignObject = -1
    let foreignEvents = 0
    const from = day.offsets[h]!
    const to = day.offsets[h + 1]!
    for (let i = from; i < to; i++) {
      const at = day.at[i]!
      const value = day.values[at]!
      const n = day.events[i]!
      const f = facetOf[value]!
      const facet = facets[f]!
      let surprise: number
      if (judged.kind[at] === KNOWN) {
        surprise = judged.base[at]!
      } else {
        const allWave = shared.waves.inAll(value, hour) - 1
        const adopters = holders.tenantAdopters[judged.tenantEntry[at]!]!
        let adopted = (adopters + shared.waves.inTenant(tenant, value, hour) - 1) / active
        if (IS_PRODUCT[f] === 1) {
          const everywhere = (holders.adopters(value) + allWave) / activeInAll
          if (everywhere > adopted) adopted = everywhere
        }
        surprise = surpriseOf(1 - judged.base[at]! * (1 - Math.min(adopted, 1)))
        facet.fresh++
        if (adopted > facet.adopted) facet.adopted = adopted
        if (f === FACET.ip && allWave > newSharers) newSharers = allWave
        if (f === FACET.object && judged.isPrincipals[at] === 0) {
          freshObjects++
          freshObjectRequests += n
          const principals = judged.tenantPrincipals[at]!
          if (principals > 0) {
            foreignObjects++
            if (principals === 1) privateObjects++
            const isTie = n === foreignEvents && values.isBefore(value, foreignObject)
            if (n > foreignEvents || isTie) {
              foreignObject = value
              foreignEvents = n
            }
          }
        }
      }
      facet.distinct++
      events[f]! += n
      if (surprise > 1) facet.surplus += surprise - 1
      facet.meanSurprise += n * surprise
      const known = worst[f]!
      if (surprise > facet.surprise || (surprise === facet.surprise && values.isBefore(value, known))) {
        facet.surprise = surprise
        worst[f] = value
      }
      if (f === FACET.ip) {
        addressTokens = Math.max(addressTokens, shared.addressTokens(value, hour))
        addressTenants = Math.max(addressTenants, shared.addressTenants(value, hour))
      }
    }
    const unknown = Number.NaN
    const hasObjects = facets[FACET.object]!.distinct > 0
    view.objects.distinct = hasObjects ? facets[FACET.object]!.distinct : unknown
    view.objects.fresh = hasObjects ? freshObjects : unknown
    // A sum over no rows is unknown, a count is zero.
    view.objects.freshRequests = hasObjects && freshObjects > 0 ? freshObjectRequests : unknown
    view.objects.foreign = hasObjects ? foreignObjects : unknown
    view.objects.private = hasObjects ? privateObjects : unknown
    view.objects.refused = hasObjects ? Math.min(freshObjects, view.denied + view.notFound) : unknown
    view.newSharers = newSharers < 0 ? unknown : newSharers
    view.addressTokens = addressTokens === 0 ? unknown : addressTokens
    view.addressTenants = addressTenants === 0 ? unknown : addressTenants
    view.operationEntropy = entropyOf(day, from, to, facetOf, FACET.operation, events)
    view.objectEntropy = entropyOf(day, from, to, facetOf, FACET.object, events)
    const table = this.#table
    const peer = pasts.peer[day.token]!
    table.foreignObject[row] = foreignObject
    for (let f = 0; f < FACET_COUNT; f++) {
      const facet = facets[f]!
      table.worst[f]![row] = worst[f]!
      table.worstPeers[f]![row] = worst[f]! < 0 ? unknown : holders.countPeers(peer, worst[f]!)
      if (facet.distinct > 0) {
        facet.meanSurprise /= events[f]!
        continue
      }
      facet.distinct = unknown
      facet.fresh = unknown
      facet.surprise = unknown
      facet.surplus = unknown
      facet.meanSurprise = unknown
      facet.adopted = unknown
    }
  }

  /** On travel to a country used before the local hour counts, if it is the more usual one. */
  #hourSurprise(day: TokenDay, judged: JudgedValues, h: number): number {
    const { pasts, profiles, day: today } = this.#midnight
    const { facetOf } = this.#tuples.values
    const { token } = day
    const peer = pasts.peer[token]!
    const activeDays = pasts.activeDays[token]!
    if (activeDays === 0 && !profiles.knowsPeer(peer)) return Number.NaN
    const hour = day.hours[h]!
    let own = profiles.ofToken(token, weekSlot(today, hour))
    let peers = profiles.ofPeer(peer, weekSlot(today, hour))
    for (let i = day.offsets[h]!; i < day.offsets[h + 1]!; i++) {
      const at = day.at[i]!
      const value = day.values[at]!
      if (facetOf[value] !== FACET.country || judged.kind[at] !== KNOWN) continue
      const ahead = profiles.ahead(token, value)
      if (ahead === 0) continue
      const slot = weekSlot(today, (hour + ahead + 48) % 24)
      own = Math.max(own, profiles.ofToken(token, slot))
      peers = Math.max(peers, profiles.ofPeer(peer, slot))
    }
    const density = (activeDays * own + hourShrinkDays * peers) / (activeDays + hourShrinkDays)
    return -Math.log(Math.max(LEAST_DENSITY, density))
  }

  /** Adds the hour to the day so far. */
  #addToDay(): void {
    const view = this.#view
    const { day, facets } = view
    const sums = this.#surprises
    day.hours++
    day.requests += view.requests
    day.responseBytes = plus(day.responseBytes, view.responseBytes)
    day.denied = plus(day.denied, view.denied)
    day.deletes += view.deletes
    day.sensitive += view.sensitive
    day.freshOperations = plus(day.freshOperations, facets.operation.fresh)
    day.foreignObjects = plus(day.foreignObjects, view.objects.foreign)
    day.objects = plus(day.objects, view.objects.distinct)
    day.freshObjectRequests = plus(day.freshObjectRequests, view.objects.freshRequests)
    day.refusedObjects = plus(day.refusedObjects, view.objects.refused)
    if (view.hourSurprise === view.hourSurprise) this.#hourSurprises += view.hourSurprise
    day.hourSurprise = this.#hourSurprises / (day.hours + CALM_HOURS)
    const root = Math.sqrt(day.requests + CALM_REQUESTS)
    sums[0]! += view.requests * (facets.operation.meanSurprise || 0)
    sums[1]! += view.requests * (facets.bigram.meanSurprise || 0)
    sums[2]! += view.requests * (facets.scope.meanSurprise || 0)
    sums[3]! += view.requests * (facets.net.meanSurprise || 0)
    day.operationSurprise = sums[0]! / root
    day.bigramSurprise = sums[1]! / root
    day.scopeSurprise = sums[2]! / root
    day.netSurprise = sums[3]! / root
  }

  /** A thief uses a token beside its owner, so that it goes to and fro; a person who moves goes once. */
  #addHandovers({ changes, changeEnds }: TokenDay, { age }: JudgedValues, h: number): void {
    const { day, facets } = this.#view
    if (Number.isNaN(facets.net.distinct)) return
    let handovers = 0
    for (let c = h === 0 ? 0 : changeEnds[h - 1]!; c < changeEnds[h]!; c += 2) {
      const from = age[changes[c]!]!
      const to = age[changes[c + 1]!]!
      if ((from === YOUNG && to === OLD) || (from === OLD && to === YOUNG)) handovers++
    }
    day.handovers = plus(day.handovers, handovers)
  }

  /** What the tenant's other tokens do in the hour. */
  #readTenant(day: TokenDay, judged: JudgedValues, h: number): void {
    const shared = this.#shared
    const view = this.#view
    const tenant = this.#tuples.entities.tenantOf[day.token]!
    const hour = day.hours[h]!
    const own = shared.shareOf(day, judged, h)
    const tokens = shared.tenantSum(tenant, hour, 'tokens')
    const requests = shared.tenantSum(tenant, hour, 'requests') - view.requests
    const others = (sum: number, mine: number, of: number) => (of > 0 ? (sum - mine) / of : Number.NaN)
    view.tenant.tokens = tokens
    view.tenant.moved = others(shared.tenantSum(tenant, hour, 'moved'), own.moved, tokens - 1)
    view.tenant.newClient = others(shared.tenantSum(tenant, hour, 'newClient'), own.newClient, tokens - 1)
    view.tenant.newOperation = others(
      shared.tenantSum(tenant, hour, 'newOperation'),
      own.newOperation,
      tokens - 1,
    )
    view.tenant.serverErrors = others(
      shared.tenantSum(tenant, hour, 'serverErrors'),
      view.serverErrors || 0,
      requests,
    )
    view.tenant.failed = others(shared.tenantSum(tenant, hour, 'failed'), view.failed || 0, requests)
  }

  /**
   * Each metric above zero against the past: the surprise -ln P(X >= x) under the token's own histogram, drawn to its peers' and to
   * everyone's by pseudo-hours; the excess in octaves above the 95th percentile; the typical value (median). Zeros surprise nobody.
   */
  #judgeMetrics(token: number, row: number): void {
    const { pasts, peers } = this.#midnight
    const { judged } = this.#view
    const table = this.#table
    const isNone = this.#isNone
    const k = tailShrinkHours
    const peer = pasts.peer[token]!
    const peerAbove = peers.of(peer)
    for (let m = 0; m < isNone.length; m++) {
      const x = this.#metricOf[m]!(this.#view)
      let surprise = 0
      let excess = 0
      let typical = Number.NaN
      if (x > 0) {
        const bin = octaveOf(x)
        this.#delta.metric(m, x, bin)
        this.#accumulate(token, m)
        const isDay = this.#isDay[m] === 1
        const trials = isDay ? pasts.wholeDays[token]! : pasts.activeHours[token]!
        const peerTrials = isDay ? pasts.peerDays[peer]! : pasts.peerHours[peer]!
        const allTrials = isDay ? pasts.allDays : pasts.allHours
        const key = m * 256 + bin
        const ofAll = (peers.all[key]! + 0.5) / (allTrials + 1)
        const ofPeers = (peerAbove[key]! + k * ofAll) / (peerTrials + k)
        surprise = -Math.log(Math.min(1, (this.#above[key]! + k * ofPeers) / (trials + k)))
        const own = this.#quantiles[m]!
        const others = peers.quantiles(peer, m)
        excess = Math.max(0, (bin - (trials * own.p95 + k * others.p95) / (trials + k)) / 4)
        typical = OCTAVE_EDGES[trials >= k ? own.p50 : others.p50]!
      } else if (x !== x && isNone[m] === 0) {
        surprise = Number.NaN
        excess = Number.NaN
      }
      judged.surprise[m] = surprise
      judged.excess[m] = excess
      judged.typical[m] = typical
      table.actual[m]![row] = x !== x && isNone[m] === 1 ? 0 : x
      table.typical[m]![row] = typical
    }
  }

  /** Reads the token's own histogram of a metric, once a day. */
  #accumulate(token: number, metric: number): void {
    if (this.#isAccumulated[metric] === 1) return
    const { history, missingBefore, descent, day, pasts } = this.#midnight
    if (!this.#hasHistogram) {
      addHistogram(history, this.#tuples.entities, missingBefore, descent, day, token, this.#above)
      this.#hasHistogram = true
    }
    accumulate(this.#above, metric, highestBin(this.#above, metric))
    const trials = this.#isDay[metric] === 1 ? pasts.wholeDays[token]! : pasts.activeHours[token]!
    quantilesOf(this.#above, metric, trials, this.#quantiles[metric]!)
    this.#isAccumulated[metric] = 1
  }
}

/** A sum that leaves out what is unknown, and is unknown while everything is. */
function plus(sum: number, value: number): number {
  if (value !== value) return sum
  return sum === sum ? sum + value : value
}

/** Shannon entropy of the events over a facet's values, nats; NaN where the hour shows none. */
function entropyOf(
  day: TokenDay,
  from: number,
  to: number,
  facetOf: Uint8Array,
  facet: number,
  events: Float64Array,
): number {
  if (events[facet] === 0) return Number.NaN
  let entropy = 0
  for (let i = from; i < to; i++) {
    if (facetOf[day.values[day.at[i]!]!] !== facet) continue
    const share = day.events[i]! / events[facet]!
    entropy -= share * Math.log(share)
  }
  return entropy
}
