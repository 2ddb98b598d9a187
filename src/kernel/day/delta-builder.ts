import { BUDGET_FACETS, DAILY_METRICS, MOST_METRICS, metricIndex } from '../../features/metrics.ts'
import { COUNT, COUNTS } from '../counts.ts'
import { FACET } from '../facets.ts'
import type { DayDelta } from '../history/delta.ts'
import { CLASSES, KINDS_OF_NEW } from '../history/novelty.ts'
import { DAILY_STEP, DAY_METRICS } from '../history/token-rings.ts'
import { longer } from '../pair-table.ts'
import type { TokenDay } from '../token-day.ts'
import type { Values } from '../values.ts'
import type { JudgedValues } from './fresh.ts'

const BUDGET_NUMBERS = BUDGET_FACETS.map(facet => FACET[facet])

/** Place of each metric among those of whole days, and among daily totals; -1 for none, as for every one of an operator's own. */
const DAY_PLACE = new Int8Array(MOST_METRICS).fill(-1)
const DAILY_PLACE = new Int8Array(MOST_METRICS).fill(-1)
DAY_METRICS.forEach((metric, place) => {
  DAY_PLACE[metric] = place
})
DAILY_METRICS.forEach((name, place) => {
  DAILY_PLACE[metricIndex(name)] = place
})

/** Collects what a day adds to the history, one token-day after another. */
export class DeltaBuilder {
  readonly #day: number
  readonly #values: Values
  readonly #token: number[] = []
  readonly #principal: number[] = []
  readonly #peer: number[] = []
  readonly #lastTime: number[] = []
  readonly #hourBits: number[] = []
  readonly #noveltyPeer: number[] = []
  readonly #noveltyAge: number[] = []
  readonly #valueEnds: number[] = []
  readonly #binEnds: number[] = []
  readonly #noveltyEnds: number[] = []
  readonly #fresh: number[] = []
  readonly #dayBins: number[] = []
  readonly #daily: number[] = []
  #shown = new Int32Array(1 << 12)
  #shownCount = 0
  #keys = new Uint16Array(1 << 12)
  #counts = new Uint16Array(1 << 12)
  #bins = 0
  readonly #novelty: number[] = []
  /** Of the token-day at work: keys as they come, highest bins plus one, largest totals. */
  #came = new Uint16Array(1 << 10)
  #cameCount = 0
  readonly #highest = new Uint8Array(DAY_METRICS.length)
  readonly #largest = new Float64Array(DAILY_METRICS.length)
  readonly #kinds = new Int32Array(KINDS_OF_NEW)

  constructor(day: number, values: Values) {
    this.#day = day
    this.#values = values
  }

  /** Notes a metric above zero of an hour, in its bin. */
  metric(metric: number, x: number, bin: number): void {
    const place = DAY_PLACE[metric]!
    if (place < 0) {
      if (this.#cameCount === this.#came.length) this.#came = longer(this.#came, this.#cameCount * 2)
      this.#came[this.#cameCount++] = metric * 256 + bin
      return
    }
    if (bin + 1 > this.#highest[place]!) this.#highest[place] = Math.min(255, bin + 1)
    const drift = DAILY_PLACE[metric]!
    if (drift >= 0 && x > this.#largest[drift]!) this.#largest[drift] = x
  }

  /** Ends a token-day. `age` is -1 while the log is too young to count first uses. */
  end(day: TokenDay, judged: JudgedValues, age: number, peer: number): void {
    const last = day.hours.length - 1
    let bits = 0
    for (const hour of day.hours) bits |= 1 << hour
    this.#token.push(day.token)
    this.#principal.push(day.principal[last]!)
    this.#peer.push(day.peer[last]!)
    this.#lastTime.push(day.counts[last * COUNTS + COUNT.lastTime]!)
    this.#hourBits.push(bits)
    this.#noveltyPeer.push(peer)
    this.#noveltyAge.push(age)
    this.#endValues(day)
    this.#endBins()
    this.#endNovelty(day, judged, age)
    for (let m = 0; m < this.#highest.length; m++) this.#dayBins.push(this.#highest[m]!)
    for (let m = 0; m < this.#largest.length; m++)
      this.#daily.push(Math.round(Math.log(1 + this.#largest[m]!) / DAILY_STEP))
    this.#highest.fill(0)
    this.#largest.fill(0)
  }

  build(): DayDelta {
    return {
      day: this.#day,
      token: Int32Array.from(this.#token),
      principal: Int32Array.from(this.#principal),
      peer: Int32Array.from(this.#peer),
      lastTime: Float64Array.from(this.#lastTime),
      hourBits: Int32Array.from(this.#hourBits),
      noveltyPeer: Int32Array.from(this.#noveltyPeer),
      noveltyAge: Int8Array.from(this.#noveltyAge),
      valueEnds: Int32Array.from(this.#valueEnds),
      values: this.#shown.slice(0, this.#shownCount),
      binEnds: Int32Array.from(this.#binEnds),
      binKeys: this.#keys.slice(0, this.#bins),
      binCounts: this.#counts.slice(0, this.#bins),
      noveltyEnds: Int32Array.from(this.#noveltyEnds),
      novelty: Uint8Array.from(this.#novelty),
      fresh: Uint16Array.from(this.#fresh),
      dayBins: Uint8Array.from(this.#dayBins),
      daily: Uint32Array.from(this.#daily),
    }
  }

  #endValues({ values }: TokenDay): void {
    if (this.#shownCount + values.length > this.#shown.length)
      this.#shown = longer(this.#shown, (this.#shownCount + values.length) * 2)
    this.#shown.set(values, this.#shownCount)
    this.#shownCount += values.length
    this.#valueEnds.push(this.#shownCount)
  }

  #endBins(): void {
    const came = this.#came.subarray(0, this.#cameCount).sort()
    if (this.#bins + came.length > this.#keys.length) {
      this.#keys = longer(this.#keys, (this.#bins + came.length) * 2)
      this.#counts = longer(this.#counts, this.#keys.length)
    }
    for (let i = 0; i < came.length; i++) {
      if (i > 0 && came[i] === came[i - 1]) {
        this.#counts[this.#bins - 1]!++
        continue
      }
      this.#keys[this.#bins] = came[i]!
      this.#counts[this.#bins++] = 1
    }
    this.#binEnds.push(this.#bins)
    this.#cameCount = 0
  }

  #endNovelty({ values }: TokenDay, judged: JudgedValues, age: number): void {
    const kinds = this.#kinds.fill(0)
    if (age >= 0) {
      for (let i = 0; i < values.length; i++) {
        const kind = judged.kind[i]!
        if (kind >= 0) kinds[this.#values.facetOf[values[i]!]! * CLASSES + kind]!++
      }
    }
    for (let kind = 0; kind < KINDS_OF_NEW; kind++) if (kinds[kind]! > 0) this.#novelty.push(kind)
    this.#noveltyEnds.push(this.#novelty.length)
    for (const facet of BUDGET_NUMBERS) {
      const fresh = kinds[facet * CLASSES]! + kinds[facet * CLASSES + 1]! + kinds[facet * CLASSES + 2]!
      this.#fresh.push(Math.min(65_535, fresh))
    }
  }
}
