/**
 * Events of one UTC day as typed columns, in order of time and event id. Numbers of tuples are those of a {@link Tuples}; NaN is unknown.
 * Only the first `count` entries of a column count.
 */
export interface DayEvents {
  readonly count: number
  /** Milliseconds since the epoch. */
  readonly time: Float64Array
  readonly who: Int32Array
  readonly place: Int32Array
  readonly agent: Int32Array
  readonly call: Int32Array
  /** -1 without an object. */
  readonly object: Int32Array
  /** The object's id as a 64-bit integer, in two words; {@link NO_NUMBER} in the high one where it is none. */
  readonly objectHigh: Int32Array
  readonly objectLow: Int32Array
  /** {@link NO_STATUS} where unknown. */
  readonly status: Int16Array
  readonly requestBytes: Float64Array
  readonly responseBytes: Float64Array
  /** Milliseconds, to the microsecond. */
  readonly latency: Float64Array
}

export const NO_STATUS = -32_768

/** The smallest 64-bit integer stands for none. */
export const NO_NUMBER = -2_147_483_648

/** Columns with room for so many events. */
export function createDayEvents(room: number): DayEvents & { count: number } {
  return {
    count: 0,
    time: new Float64Array(room),
    who: new Int32Array(room),
    place: new Int32Array(room),
    agent: new Int32Array(room),
    call: new Int32Array(room),
    object: new Int32Array(room),
    objectHigh: new Int32Array(room),
    objectLow: new Int32Array(room),
    status: new Int16Array(room),
    requestBytes: new Float64Array(room),
    responseBytes: new Float64Array(room),
    latency: new Float64Array(room),
  }
}
