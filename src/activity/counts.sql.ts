import { COUNT_COLUMNS, type CountName } from '../schema/activity.ts'

/** Mean radius of the Earth, km (IUGG). */
const EARTH_RADIUS_KM = 6371.0088

/** Haversine of the angle between the event and the one before; null where either is not located. */
const HAVERSINE = `(pow(sin(radians(latitude - previous_latitude) / 2), 2)
  + cos(radians(latitude)) * cos(radians(previous_latitude)) * pow(sin(radians(longitude - previous_longitude) / 2), 2))`

/** Great-circle distance in km. Not asin(least(1, ...)): least() passes over null, and the unknown would lie half a world away. */
const DISTANCE_KM = `2 * ${EARTH_RADIUS_KM} * atan2(sqrt(${HAVERSINE}), sqrt(abs(1 - ${HAVERSINE})))`

const GAP_SECONDS = `epoch_ms(time) / 1000.0 - epoch_ms(previous_time) / 1000.0`

/** Per event of a ten-minute slot: the aggregate that makes each count, and how slots add up to the hour. */
const AGGREGATES: Record<CountName, { slot: string; hour: (column: string) => string }> = {
  role: { slot: 'arg_max(role, time)', hour: column => `arg_max(${column}, last_time)` },
  token_kind: { slot: 'arg_max(token_kind, time)', hour: column => `arg_max(${column}, last_time)` },
  token_created_at: { slot: 'min(token_created_at)', hour: least },
  first_time: { slot: 'min(time)', hour: least },
  last_time: { slot: 'max(time)', hour: greatest },
  requests: { slot: 'count(*)', hour: total },
  peak_10min: { slot: 'count(*)', hour: greatest },
  active_minutes: {
    slot: `bit_count(bit_or(1::BIGINT << date_part('minute', time)::INTEGER))`,
    hour: total,
  },
  failed: { slot: counted('status >= 400', 'status'), hour: total },
  denied: { slot: counted('status IN (401, 403)', 'status'), hour: total },
  not_found: { slot: counted('status IN (404, 410)', 'status'), hour: total },
  throttled: { slot: counted('status = 429', 'status'), hour: total },
  server_errors: { slot: counted('status >= 500', 'status'), hour: total },
  reads: { slot: counted(`kind = 'read'`), hour: total },
  writes: { slot: counted(`kind = 'write'`), hour: total },
  deletes: { slot: counted(`kind = 'delete'`), hour: total },
  sensitive: { slot: counted('is_sensitive'), hour: total },
  denied_sensitive: { slot: counted('is_sensitive AND status IN (401, 403)', 'status'), hour: total },
  out_of_grant: { slot: counted('is_out_of_grant', 'is_out_of_grant'), hour: total },
  request_bytes: { slot: 'sum(request_bytes)::DOUBLE', hour: total },
  response_bytes: { slot: 'sum(response_bytes)::DOUBLE', hour: total },
  read_bytes: {
    slot: `sum(response_bytes) FILTER (WHERE kind = 'read' AND coalesce(status, 200) < 400)::DOUBLE`,
    hour: total,
  },
  max_response_bytes: { slot: 'max(response_bytes)::DOUBLE', hour: greatest },
  latency_ms: { slot: 'sum(latency_ms)', hour: total },
  net_switches: { slot: counted('net <> previous_net', 'net'), hour: total },
  net_returns: { slot: counted('net <> previous_net AND net = net_before_last', 'net'), hour: total },
  country_switches: { slot: counted('country <> previous_country', 'country'), hour: total },
  client_switches: { slot: counted('client <> previous_client', 'client'), hour: total },
  max_speed_kmh: {
    // One minute is added to the gap: clocks of log collectors differ by seconds, and a speed over zero time says nothing.
    slot: `max(CASE WHEN ${DISTANCE_KM} >= 100 THEN ${DISTANCE_KM} / ((${GAP_SECONDS} + 60) / 3600) WHEN ${DISTANCE_KM} IS NOT NULL THEN 0 END)`,
    hour: greatest,
  },
  id_steps: {
    slot: counted('try_cast(resource_id AS BIGINT) - previous_number BETWEEN 1 AND 3', 'resource_id'),
    hour: total,
  },
  gap_cv: { slot: 'NULL::DOUBLE', hour: () => 'NULL' },
  quick_gaps: { slot: counted(`${GAP_SECONDS} <= 1`), hour: total },
}

function least(column: string): string {
  return `min(${column})`
}
function greatest(column: string): string {
  return `max(${column})`
}
function total(column: string): string {
  return `sum(${column})`
}

/** Events for which the condition holds; null when the column that decides it is never known. */
function counted(condition: string, known?: string): string {
  const count = `count(*) FILTER (WHERE ${condition})`
  return known === undefined ? count : `CASE WHEN count(${known}) = 0 THEN NULL ELSE ${count} END`
}

/** The counts of the day in `day_events`, one row a token-hour, columns WINDOW_KEY then COUNT_COLUMNS. */
export function countsSql(): string {
  const names = COUNT_COLUMNS.filter(column => column.name !== 'gap_cv')
  const slots = names.map(({ name }) => `${AGGREGATES[name].slot} AS ${name}`)
  const hours = COUNT_COLUMNS.map(({ name, type }) =>
    name === 'gap_cv'
      ? 'any_value(gaps.gap_cv) AS gap_cv'
      : `${AGGREGATES[name].hour(`slots.${name}`)}::${type} AS ${name}`,
  )
  return `
WITH slots AS (
  SELECT tenant_id, token_id, window_start, date_part('minute', time)::INTEGER // 10 AS slot,
    arg_max(principal_id, time) AS principal_id,
    ${slots.join(',\n    ')}
  FROM day_events GROUP BY ALL
), gaps AS (
  SELECT tenant_id, token_id, window_start, stddev_pop(gap) / nullif(avg(gap), 0) AS gap_cv
  FROM (SELECT tenant_id, token_id, window_start, ${GAP_SECONDS} AS gap FROM day_events
        WHERE previous_time >= window_start)
  GROUP BY ALL HAVING count(*) >= 5
)
SELECT slots.tenant_id, arg_max(slots.principal_id, slots.last_time) AS principal_id, slots.token_id, slots.window_start,
  ${hours.join(',\n  ')}
FROM slots LEFT JOIN gaps USING (tenant_id, token_id, window_start)
GROUP BY slots.tenant_id, slots.token_id, slots.window_start`
}
