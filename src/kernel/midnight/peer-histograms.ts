import { METRICS } from '../../features/metrics.ts'
import { FEATURE_PARAMETERS } from '../../features/parameters.ts'
import { OCTAVE_BINS } from '../../stats/octaves.ts'
import type { History } from '../history/history.ts'
import { DAY_METRICS } from '../history/token-rings.ts'
import { RING_DAYS, ringSlot, slotBefore } from '../memory.ts'
import type { Entities } from '../values.ts'
import type { Descent } from './descent.ts'
import type { MissingHours } from './missing.ts'
import type { TokenPasts } from './token-past.ts'

const { historyDays } = FEATURE_PARAMETERS

/** By the metric's number: 1 where it counts whole days. An operator's own count hours. */
const IS_DAY = Uint8Array.from(METRICS, metric => (metric.level === 'day' ? 1 : 0))

/** Bins of the median and the 95th percentile; what the histogram lacks of the trials was zero. */
export interface Quantiles {
  p50: number
  p95: number
}

/** Adds the histogram of a token, its lineage included, to sums by key. */
export function addHistogram(
  history: History,
  entities: Entities,
  missing: MissingHours,
  descent: Descent,
  day: number,
  token: number,
  sums: Int32Array,
): void {
  const members = descent.membersOf.get(token) ?? [token]
  for (const member of members) {
    history.histograms.addTo(member, sums)
    addDayBins(history, entities, missing, day, member, sums)
  }
}

/** Totals of whole days: partial ones would make the usual day smaller. */
function addDayBins(
  { rings }: History,
  entities: Entities,
  missing: MissingHours,
  day: number,
  token: number,
  sums: Int32Array,
): void {
  const tenant = entities.tenantOf[token]!
  const isWhole = missing.isEmpty
  for (let m = 0; m < DAY_METRICS.length; m++) {
    const key = DAY_METRICS[m]! * OCTAVE_BINS
    const ring = (token * DAY_METRICS.length + m) * RING_DAYS
    let slot = ringSlot(day)
    for (let back = 1; back <= historyDays; back++) {
      slot = slotBefore(slot)
      const bin = rings.dayBins[ring + slot]!
      if (bin > 0 && (isWhole || !missing.isPartial(tenant, day - back))) sums[key + bin - 1]!++
    }
  }
}

/** Counts at or above each bin, in place; bins above the highest are empty. */
export function accumulate(sums: Int32Array, metric: number, highest: number): void {
  const start = metric * OCTAVE_BINS
  let above = 0
  for (let key = start + highest; key >= start; key--) {
    above += sums[key]!
    sums[key] = above
  }
}

/** The highest bin that counts anything, 0 where none does. */
export function highestBin(sums: Int32Array, metric: number): number {
  const start = metric * OCTAVE_BINS
  let bin = OCTAVE_BINS - 1
  while (bin > 0 && sums[start + bin] === 0) bin--
  return bin
}

/** Quantiles from counts at or above each bin. */
export function quantilesOf(above: Int32Array, metric: number, trials: number, out: Quantiles): void {
  const start = metric * OCTAVE_BINS
  const total = above[start]!
  out.p50 = 0
  out.p95 = 0
  const zeros = trials - total
  if (total === 0 || !(zeros < 0.95 * trials)) return
  let p50 = zeros >= 0.5 * trials ? 0 : -1
  for (let bin = 0; bin < OCTAVE_BINS; bin++) {
    const aboveNext = bin + 1 < OCTAVE_BINS ? above[start + bin + 1]! : 0
    if (above[start + bin] === aboveNext) continue
    const upTo = trials - aboveNext
    if (p50 < 0 && upTo >= 0.5 * trials) p50 = bin
    if (upTo >= 0.95 * trials) {
      out.p95 = bin
      break
    }
  }
  out.p50 = Math.max(0, p50)
}

/** Histograms of peer groups and of everyone as counts at or above each bin, and quantiles of the peers. */
export class PeerHistograms {
  readonly #peers: (Int32Array | undefined)[] = []
  readonly all: Int32Array
  readonly #quantiles: (Quantiles | undefined)[] = []
  readonly #pasts: TokenPasts
  readonly #metrics: number
  readonly #nothing: Int32Array

  constructor(
    history: History,
    entities: Entities,
    missing: MissingHours,
    descent: Descent,
    pasts: TokenPasts,
    day: number,
  ) {
    this.#pasts = pasts
    this.#metrics = history.metrics
    const keys = history.metrics * OCTAVE_BINS
    this.all = new Int32Array(keys)
    this.#nothing = new Int32Array(keys)
    for (let token = 0; token < pasts.tokens; token++) {
      if (pasts.counts[token] === 0) continue
      const peer = pasts.peer[token]!
      this.#peers[peer] ??= new Int32Array(keys)
      addHistogram(history, entities, missing, descent, day, token, this.#peers[peer])
      addHistogram(history, entities, missing, descent, day, token, this.all)
    }
    for (let metric = 0; metric < history.metrics; metric++) {
      const highest = highestBin(this.all, metric)
      accumulate(this.all, metric, highest)
      for (const sums of this.#peers) if (sums !== undefined) accumulate(sums, metric, highest)
    }
  }

  /** Counts of a peer group at or above each bin, by key. */
  of(peer: number): Int32Array {
    return this.#peers[peer] ?? this.#nothing
  }

  quantiles(peer: number, metric: number): Quantiles {
    const at = peer * this.#metrics + metric
    let found = this.#quantiles[at]
    if (found === undefined) {
      const { peerDays, peerHours } = this.#pasts
      found = { p50: 0, p95: 0 }
      const trials = IS_DAY[metric] === 1 ? peerDays[peer]! : peerHours[peer]!
      quantilesOf(this.of(peer), metric, trials, found)
      this.#quantiles[at] = found
    }
    return found
  }
}
