/** The events of one day as growing columns. */
export interface DayBuffer {
  rows: number
  /** UTC milliseconds. */
  time: Float64Array
  token: Int32Array
  operation: Int16Array
  /** Object number; NaN: none. */
  object: Float64Array
  status: Int16Array
  /** Codes in the world's books. */
  address: Int32Array
  agent: Int32Array
  requestBytes: Float64Array
  responseBytes: Float64Array
  latencyMs: Float32Array
  /** Two halves of the event's id. */
  idHigh: Float64Array
  idLow: Float64Array
  /** Incident number, 0: benign. */
  incident: Int32Array
}

const FIRST_CAPACITY = 4096

export function createDayBuffer(capacity = FIRST_CAPACITY): DayBuffer {
  return {
    rows: 0,
    time: new Float64Array(capacity),
    token: new Int32Array(capacity),
    operation: new Int16Array(capacity),
    object: new Float64Array(capacity),
    status: new Int16Array(capacity),
    address: new Int32Array(capacity),
    agent: new Int32Array(capacity),
    requestBytes: new Float64Array(capacity),
    responseBytes: new Float64Array(capacity),
    latencyMs: new Float32Array(capacity),
    idHigh: new Float64Array(capacity),
    idLow: new Float64Array(capacity),
    incident: new Int32Array(capacity),
  }
}

/** Makes room for one more row and answers its number. */
export function reserveRow(buffer: DayBuffer): number {
  if (buffer.rows === buffer.time.length) {
    const larger = createDayBuffer(buffer.time.length * 2)
    larger.rows = buffer.rows
    for (const name of Object.keys(larger) as (keyof DayBuffer)[]) {
      if (name === 'rows') continue
      larger[name].set(buffer[name] as never)
    }
    Object.assign(buffer, larger)
  }
  return buffer.rows++
}
