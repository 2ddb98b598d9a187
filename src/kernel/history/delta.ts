/**
 * What one UTC day adds to the history: one entry a token, ranges of shared columns for what is of varying length. Everything is of the
 * token-day alone, so that an entry can be added, withheld and removed by itself.
 */
export interface DayDelta {
  /** Counted from the epoch. */
  readonly day: number
  readonly token: Int32Array
  /** Of the day's last hour: what holds from the next day on. */
  readonly principal: Int32Array
  readonly peer: Int32Array
  /** Milliseconds since the epoch. */
  readonly lastTime: Float64Array
  /** Bit h: traffic in hour h. */
  readonly hourBits: Int32Array
  /** Peer group and age class under which first uses were counted; age -1 while the log was too young to count any. */
  readonly noveltyPeer: Int32Array
  readonly noveltyAge: Int8Array
  /** Entry i has values `valueEnds[i - 1]` to `valueEnds[i]`. */
  readonly valueEnds: Int32Array
  readonly values: Int32Array
  /** Bins of the hour metrics: metric * 256 + bin, ascending, with how many hours fell into them. */
  readonly binEnds: Int32Array
  readonly binKeys: Uint16Array
  readonly binCounts: Uint16Array
  /** Facets and classes with a first use: facet * 3 + class. */
  readonly noveltyEnds: Int32Array
  readonly novelty: Uint8Array
  /** (entries, budget facets): first-used values. */
  readonly fresh: Uint16Array
  /** (entries, day metrics): highest bin plus one, 0 for none. */
  readonly dayBins: Uint8Array
  /** (entries, daily metrics): ln(1 + daily total) in fixed point, see DAILY_STEP; 0 for none. */
  readonly daily: Uint32Array
}

/** Where entry i begins in a column with the given ends. */
export function startOf(ends: Int32Array, entry: number): number {
  return entry === 0 ? 0 : ends[entry - 1]!
}
