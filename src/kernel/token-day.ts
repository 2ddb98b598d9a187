/**
 * What one token did on one UTC day, hour by hour; made from its events alone, so that it can be made anew when events come. Hours are
 * ascending; entry `h` of the arrays below is the h-th of them.
 */
export interface TokenDay {
  readonly token: number
  /** Hour of the day, 0 to 23. */
  readonly hours: Uint8Array
  /** (hours, COUNTS), see counts.ts; NaN where the log does not say. */
  readonly counts: Float64Array
  /** Of the hour's last event: tuple, principal, peer group (of the last known role and kind). */
  readonly who: Int32Array
  readonly principal: Int32Array
  readonly peer: Int32Array
  readonly role: readonly (string | null)[]
  readonly kind: readonly (string | null)[]
  /** Values of hour h: entries `offsets[h]` to `offsets[h + 1]` of `at` (index into `values`) and `events` (how many showed it). */
  readonly offsets: Int32Array
  readonly at: Int32Array
  readonly events: Int32Array
  /** Distinct facet values of the day, in the order of their coming. */
  readonly values: Int32Array
  /** Hour in which each of them came first. */
  readonly firstHour: Uint8Array
  /** Changes of network between requests, in their order: pairs of indices into `values`, from and to; those of hour h end at `changeEnds[h]`. */
  readonly changes: Int32Array
  readonly changeEnds: Int32Array
}
