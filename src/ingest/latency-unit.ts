import { snakeCase } from './columns.ts'

/** No API keeps half of its callers waiting for longer, in milliseconds. From a million on they would be seconds in microseconds. */
const MOST_MEDIAN_MS = 60_000
/** nginx writes its seconds with three decimals; whole numbers as high are milliseconds. */
const LEAST_MS = 10

export interface LatencyUnit {
  /** Milliseconds in one of the log's units. */
  readonly factor: number
  /** Told to the user where the values say another unit than the name. */
  readonly note: string | null
}

/** Milliseconds in the unit that a duration's name states; null where it states none. */
function stated(name: string): number | null {
  const snake = snakeCase(name)
  const unit = /\((\w+)\)\s*$/.exec(name)?.[1]?.toLowerCase() ?? /_([a-z]+)$/.exec(snake)?.[1]
  if (snake === 'event_duration') return 0.000001
  switch (unit) {
    case 's':
    case 'sec':
    case 'secs':
    case 'seconds':
      return 1000
    case 'ms':
    case 'msec':
    case 'millis':
    case 'milliseconds':
      return 1
    case 'us':
    case 'usec':
    case 'micros':
    case 'microseconds':
      return 0.001
    case 'ns':
    case 'nanos':
    case 'nanoseconds':
      return 0.000001
    default:
      return null
  }
}

/** The unit of a duration: as its name says, or as its values show where the name says none, or what cannot be. */
export function latencyUnit(name: string, sample: readonly string[]): LatencyUnit {
  const named = stated(name)
  if (named !== null) return { factor: named, note: null }
  const isSeconds = snakeCase(name) === 'request_time'
  const values = sample.filter(text => Number.isFinite(Number(text))).map(Number)
  const sorted = values.toSorted((a, b) => a - b)
  const median = sorted[sorted.length >> 1]
  if (median === undefined) return { factor: isSeconds ? 1000 : 1, note: null }
  const note = (unit: string) =>
    `latency_ms: ${name} is taken for ${unit}, as its values show; state another unit in the map`
  const isWhole = values.every(Number.isInteger)
  if (isSeconds)
    return isWhole && median >= LEAST_MS
      ? { factor: 1, note: note('milliseconds') }
      : { factor: 1000, note: null }
  if (median < MOST_MEDIAN_MS) return { factor: 1, note: null }
  return median < 1_000_000
    ? { factor: 0.001, note: note('microseconds') }
    : { factor: 0.000001, note: note('nanoseconds') }
}
