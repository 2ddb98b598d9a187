import { BUDGET_FACETS, DAILY_METRICS, METRICS } from '../../features/metrics.ts'
import { bitCount } from '../../stats/day-bits.ts'
import { RING_DAYS, ringSlot } from '../memory.ts'
import { longer } from '../pair-table.ts'
import type { DayDelta } from './delta.ts'

/** Numbers of the metrics of whole days, in the order in which rings and deltas hold them. */
export const DAY_METRICS: readonly number[] = METRICS.flatMap((metric, m) =>
  metric.level === 'day' ? [m] : [],
)

const DAYS = DAY_METRICS.length
const DAILY = DAILY_METRICS.length
const BUDGETS = BUDGET_FACETS.length

/** In the ring of hours: the token was active, and what it did is withheld. */
export const WITHHELD = 255

/** Step of the fixed point in which logarithms of daily totals are kept: exact to 1e-8, and up to e^64. */
export const DAILY_STEP = 2 ** -26

/** The daily total that was kept. */
export function totalOf(kept: number): number {
  return Math.round(Math.expm1(kept * DAILY_STEP))
}

/** What is remembered of each token day by day, in rings: token t, day d at `t * RING_DAYS + d % RING_DAYS`, rings of several rows one after another. */
export class TokenRings {
  capacity = 1 << 8
  /** Hours with traffic: 0 none, {@link WITHHELD}. */
  hours = new Uint8Array(this.capacity * RING_DAYS)
  /** Bit h: traffic in hour h. */
  hourBits = new Int32Array(this.capacity * RING_DAYS)
  /** Age class plus one of days whose first uses were counted. */
  noveltyAge = new Uint8Array(this.capacity * RING_DAYS)
  /** First-used values by budget facet. */
  fresh = new Uint16Array(this.capacity * RING_DAYS * BUDGETS)
  /** Highest bin plus one by day metric. */
  dayBins = new Uint8Array(this.capacity * RING_DAYS * DAYS)
  /** ln(1 + daily total) by daily metric, in steps of {@link DAILY_STEP}; 0 is none, since totals are only kept above zero. */
  daily = new Uint32Array(this.capacity * RING_DAYS * DAILY)

  /** Makes room for tokens up to `count`. */
  fit(count: number): void {
    if (count <= this.capacity) return
    this.capacity = Math.max(count, this.capacity * 2)
    const ring = this.capacity * RING_DAYS
    this.hours = longer(this.hours, ring)
    this.hourBits = longer(this.hourBits, ring)
    this.noveltyAge = longer(this.noveltyAge, ring)
    this.fresh = longer(this.fresh, ring * BUDGETS)
    this.dayBins = longer(this.dayBins, ring * DAYS)
    this.daily = longer(this.daily, ring * DAILY)
  }

  /** Forgets a day of all tokens. */
  clear(day: number, tokens: number): void {
    const slot = ringSlot(day)
    for (let token = 0; token < tokens; token++) this.#clear(token, slot)
  }

  /** Writes an entry of a day into the rings. */
  add(delta: DayDelta, entry: number): void {
    const token = delta.token[entry]!
    const at = token * RING_DAYS + ringSlot(delta.day)
    this.hours[at] = bitCount(delta.hourBits[entry]!)
    this.hourBits[at] = delta.hourBits[entry]!
    this.noveltyAge[at] = delta.noveltyAge[entry]! + 1
    const slot = ringSlot(delta.day)
    for (let f = 0; f < BUDGETS; f++)
      this.fresh[(token * BUDGETS + f) * RING_DAYS + slot] = delta.fresh[entry * BUDGETS + f]!
    for (let m = 0; m < DAYS; m++)
      this.dayBins[(token * DAYS + m) * RING_DAYS + slot] = delta.dayBins[entry * DAYS + m]!
    for (let m = 0; m < DAILY; m++)
      this.daily[(token * DAILY + m) * RING_DAYS + slot] = delta.daily[entry * DAILY + m]!
  }

  /** Takes an entry out of the rings, but for that the token was active. */
  withhold(token: number, day: number): void {
    const slot = ringSlot(day)
    this.#clear(token, slot)
    this.hours[token * RING_DAYS + slot] = WITHHELD
  }

  #clear(token: number, slot: number): void {
    const at = token * RING_DAYS + slot
    this.hours[at] = 0
    this.hourBits[at] = 0
    this.noveltyAge[at] = 0
    for (let f = 0; f < BUDGETS; f++) this.fresh[(token * BUDGETS + f) * RING_DAYS + slot] = 0
    for (let m = 0; m < DAYS; m++) this.dayBins[(token * DAYS + m) * RING_DAYS + slot] = 0
    for (let m = 0; m < DAILY; m++) this.daily[(token * DAILY + m) * RING_DAYS + slot] = 0
  }
}
