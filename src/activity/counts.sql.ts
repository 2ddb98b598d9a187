import { COUNT_COLUMNS, type CountName } from '../schema/activity.ts'

/** Mean radius of the Earth, km (IUGG). */
const EARTH_RADIUS_KM = 6371.0088

/** Haversine of the angle between the event and the one before; null where either is not located. */
const HAVERSINE = `(pow(sin(radians(latitude - previous_latitude) / 2), 2)
  + cos(radians(latitude)) * cos(radians(previous_latitude)) * pow(sin(radians(longitude - previous_longitude) / 2), 2))`

/** Great-circle distance in km. Not asin(least(1, ...)): least() passes over null, and the unknown would lie half a world away. */
const DISTANCE_KM = `2 * ${EARTH_RADIUS_KM} * atan2(sqrt(${HAVERSINE}), sqrt(abs(1 - ${HAVERSINE})))`

const GAP_MS = '(epoch_ms(time) - epoch_ms(previous_time))'

/** The token's call before lies in the same hour. */
const IN_HOUR = 'FILTER (WHERE previous_time >= window_start)'

/** Gaps that a variation is told from at least. */
const LEAST_GAPS = 5

/** How rows of one ten-minute slot, or the slots of an hour, add up. */
type Merge = 'sum' | 'min' | 'max' | 'bit_or' | 'latest'

/**
 * What is kept of each ten-minute slot: made from its events, and mergeable with what later events make of it. All of it is whole
 * numbers, extremes and latest values, so that the order of merging leaves no trace in any digit.
 */
const SLOT_COLUMNS = {
  principal_id: { from: 'arg_max(principal_id, time)', merge: 'latest' },
  role: { from: 'arg_max(role, time)', merge: 'latest' },
  token_kind: { from: 'arg_max(token_kind, time)', merge: 'latest' },
  token_created_at: { from: 'min(token_created_at)', merge: 'min' },
  first_time: { from: 'min(time)', merge: 'min' },
  last_time: { from: 'max(time)', merge: 'max' },
  requests: { from: 'count(*)', merge: 'sum' },
  minute_bits: { from: `bit_or(1::BIGINT << date_part('minute', time)::INTEGER)`, merge: 'bit_or' },
  failed: { from: counted('status >= 400', 'status'), merge: 'sum' },
  denied: { from: counted('status IN (401, 403)', 'status'), merge: 'sum' },
  not_found: { from: counted('status IN (404, 410)', 'status'), merge: 'sum' },
  throttled: { from: counted('status = 429', 'status'), merge: 'sum' },
  server_errors: { from: counted('status >= 500', 'status'), merge: 'sum' },
  reads: { from: counted(`kind = 'read'`), merge: 'sum' },
  writes: { from: counted(`kind = 'write'`), merge: 'sum' },
  deletes: { from: counted(`kind = 'delete'`), merge: 'sum' },
  sensitive: { from: counted('is_sensitive'), merge: 'sum' },
  denied_sensitive: { from: counted('is_sensitive AND status IN (401, 403)', 'status'), merge: 'sum' },
  out_of_grant: { from: counted('is_out_of_grant', 'is_out_of_grant'), merge: 'sum' },
  request_bytes: { from: 'sum(request_bytes)', merge: 'sum' },
  response_bytes: { from: 'sum(response_bytes)', merge: 'sum' },
  read_bytes: {
    from: `sum(response_bytes) FILTER (WHERE kind = 'read' AND coalesce(status, 200) < 400)`,
    merge: 'sum',
  },
  max_response_bytes: { from: 'max(response_bytes)', merge: 'max' },
  // To the microsecond: a sum of decimals is the same in every order, a sum of doubles is not.
  latency_ms: { from: 'sum(try_cast(latency_ms AS DECIMAL(18, 3)))', merge: 'sum' },
  net_switches: { from: counted('net <> previous_net', 'net'), merge: 'sum' },
  net_returns: { from: counted('net <> previous_net AND net = net_before_last', 'net'), merge: 'sum' },
  country_switches: { from: counted('country <> previous_country', 'country'), merge: 'sum' },
  client_switches: { from: counted('client <> previous_client', 'client'), merge: 'sum' },
  max_speed_kmh: {
    // One minute is added to the gap: clocks of log collectors differ by seconds, and a speed over zero time says nothing.
    from: `max(CASE WHEN ${DISTANCE_KM} >= 100 THEN ${DISTANCE_KM} / ((${GAP_MS} / 1000.0 + 60) / 3600) WHEN ${DISTANCE_KM} IS NOT NULL THEN 0 END)`,
    merge: 'max',
  },
  id_steps: {
    from: counted('try_cast(resource_id AS BIGINT) - previous_number BETWEEN 1 AND 3', 'resource_id'),
    merge: 'sum',
  },
  gaps: { from: `count(*) ${IN_HOUR}`, merge: 'sum' },
  gap_ms: { from: `sum(${GAP_MS}) ${IN_HOUR}`, merge: 'sum' },
  gap_ms_squared: { from: `sum((${GAP_MS} * ${GAP_MS})::DECIMAL(18, 0)) ${IN_HOUR}`, merge: 'sum' },
  quick_gaps: { from: counted(`${GAP_MS} <= 1000`), merge: 'sum' },
} as const satisfies Record<string, { from: string; merge: Merge }>

type SlotColumn = keyof typeof SLOT_COLUMNS

const SLOT_NAMES = Object.keys(SLOT_COLUMNS) as SlotColumn[]
const SLOT_KEY = 'tenant_id, token_id, window_start, slot'

/** What sums are kept as: the engine's own are 128 bits wide, which Parquet does not hold. @default BIGINT */
const SUM_TYPES: Partial<Record<SlotColumn, string>> = {
  request_bytes: 'DECIMAL(38, 0)',
  response_bytes: 'DECIMAL(38, 0)',
  read_bytes: 'DECIMAL(38, 0)',
  latency_ms: 'DECIMAL(38, 3)',
  gap_ms_squared: 'DECIMAL(38, 0)',
}

/** Counts of the hour that are another thing than the slots' own columns added up. */
const OF_HOUR: Partial<Record<CountName, string>> = {
  peak_10min: 'max(requests)',
  active_minutes: 'bit_count(bit_or(minute_bits))',
  // Standard deviation over mean from the moments; both sides of the difference are exact.
  gap_cv: `CASE WHEN sum(gaps) >= ${LEAST_GAPS} THEN sqrt((sum(gaps)::HUGEINT * sum(gap_ms_squared)::HUGEINT - sum(gap_ms)::HUGEINT * sum(gap_ms)::HUGEINT)::DOUBLE) / nullif(sum(gap_ms)::DOUBLE, 0) END`,
}

/** Events for which the condition holds; null when the column that decides it is never known. */
function counted(condition: string, known?: string): string {
  const count = `count(*) FILTER (WHERE ${condition})`
  return known === undefined ? count : `CASE WHEN count(${known}) = 0 THEN NULL ELSE ${count} END`
}

function merged(name: SlotColumn): string {
  const { merge } = SLOT_COLUMNS[name]
  return merge === 'latest' ? `arg_max(${name}, last_time)` : `${merge}(${name})`
}

function stored(name: SlotColumn, value: string): string {
  const isSum = SLOT_COLUMNS[name].merge === 'sum'
  return `${isSum ? `(${value})::${SUM_TYPES[name] ?? 'BIGINT'}` : value} AS ${name}`
}

/** The slots of the events in `day_events`, one row a token and ten minutes. */
export function slotsSql(): string {
  return `SELECT tenant_id, token_id, window_start, date_part('minute', time)::INTEGER // 10 AS slot,
  ${SLOT_NAMES.map(name => stored(name, SLOT_COLUMNS[name].from)).join(',\n  ')}
FROM day_events GROUP BY ALL`
}

/** Slots that may hold several rows of one key, added up; the source is given as SQL. */
export function mergedSlotsSql(source: string): string {
  return `SELECT ${SLOT_KEY}, ${SLOT_NAMES.map(name => stored(name, merged(name))).join(', ')}
FROM (${source}) GROUP BY ${SLOT_KEY}`
}

/** The counts of slots, given as SQL: one row a token-hour, columns WINDOW_KEY then COUNT_COLUMNS. */
export function countsSql(slots: string): string {
  const counts = COUNT_COLUMNS.map(({ name, type }) => {
    const value = OF_HOUR[name] ?? merged(name as SlotColumn)
    return `(${value})::${type} AS ${name}`
  })
  return `SELECT tenant_id, ${merged('principal_id')} AS principal_id, token_id, window_start,
  ${counts.join(',\n  ')}
FROM (${slots}) slots GROUP BY tenant_id, token_id, window_start`
}
