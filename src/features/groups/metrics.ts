import type { Feature, FeatureGroup } from '../../schema/features.ts'
import { METRICS } from '../metrics.ts'
import { metricSql } from '../relations/tails.ts'

/** The group and the reading of each metric; its features are derived alike. */
const READINGS: Record<string, { group: FeatureGroup; what: string; excess?: true }> = {
  requests: { group: 'volume', what: 'requests in the hour', excess: true },
  peak_10min: { group: 'volume', what: 'requests in the busiest ten minutes', excess: true },
  active_minutes: { group: 'volume', what: 'minutes of the hour with a request' },
  day_requests: { group: 'volume', what: 'requests since midnight UTC', excess: true },
  day_hours: { group: 'time', what: 'hours of the day with traffic so far' },
  response_bytes: { group: 'data', what: 'bytes sent back in the hour', excess: true },
  request_bytes: { group: 'data', what: 'bytes received in the hour', excess: true },
  bytes_per_request: { group: 'data', what: 'bytes sent back per request', excess: true },
  largest_response: { group: 'data', what: 'largest single answer', excess: true },
  day_response_bytes: { group: 'data', what: 'bytes sent back since midnight UTC', excess: true },
  latency: { group: 'responses', what: 'mean latency' },
  failed: { group: 'responses', what: 'failed requests' },
  denied: { group: 'permissions', what: 'requests answered 401 or 403', excess: true },
  day_denied: { group: 'permissions', what: 'requests denied since midnight UTC', excess: true },
  not_found: { group: 'responses', what: 'requests answered 404 or 410', excess: true },
  server_errors: { group: 'responses', what: 'requests answered 5xx' },
  writes: { group: 'destructive', what: 'writes', excess: true },
  deletes: { group: 'destructive', what: 'deletes', excess: true },
  day_deletes: { group: 'destructive', what: 'deletes since midnight UTC', excess: true },
  sensitive: { group: 'permissions', what: 'sensitive operations', excess: true },
  day_sensitive: { group: 'permissions', what: 'sensitive operations since midnight UTC', excess: true },
  operations: { group: 'operations', what: 'distinct operations' },
  fresh_operations: { group: 'operations', what: 'operations used for the first time' },
  day_fresh_operations: { group: 'operations', what: 'operations first used today' },
  fresh_bigrams: { group: 'operations', what: 'operation pairs in an order never seen from the token' },
  objects: { group: 'objects', what: 'distinct objects touched', excess: true },
  day_objects: { group: 'objects', what: 'objects touched since midnight UTC', excess: true },
  fresh_objects: { group: 'objects', what: 'objects new to the principal', excess: true },
  day_fresh_object_requests: {
    group: 'objects',
    what: 'requests since midnight UTC on objects new to the principal that day',
    excess: true,
  },
  foreign_objects: {
    group: 'objects',
    what: 'objects new to the principal but used by others',
    excess: true,
  },
  day_foreign_objects: { group: 'objects', what: 'foreign objects since midnight UTC', excess: true },
  private_objects: {
    group: 'objects',
    what: 'objects that only one other principal ever used',
    excess: true,
  },
  id_steps: { group: 'objects', what: 'object ids that follow the one before', excess: true },
  ips: { group: 'network', what: 'distinct addresses', excess: true },
  nets: { group: 'network', what: 'distinct networks (/24, /48)' },
  asns: { group: 'network', what: 'distinct autonomous systems' },
  net_returns: { group: 'network', what: 'returns to the network before last: two places at once' },
  country_switches: { group: 'network', what: 'changes of country between requests' },
  clients: { group: 'client', what: 'distinct client families' },
  client_switches: { group: 'client', what: 'changes of client between requests' },
  new_sharers: { group: 'sharing', what: 'other tokens first seen on the same address today', excess: true },
  gap: { group: 'dormancy', what: 'hours since the last use, gaps in logging not counted' },
  quick_gaps: { group: 'volume', what: 'requests within a second of the one before' },
}

/** `<metric>_tail` for each metric, and `<metric>_excess` where the size beyond the usual matters. */
export const METRIC_FEATURES: readonly Feature[] = METRICS.flatMap(({ name, unit }): Feature[] => {
  const { group, what, excess } = READINGS[name]!
  const tail: Feature = {
    name: `${name}_tail`,
    group,
    unit: 'nats',
    doc: `Surprise of so many ${what} (${unit}): -ln P(at least as many) in the token's own past, drawn to its peers.`,
    higherIs: 'worse',
    sql: metricSql(name, 'surprise'),
  }
  if (!excess) return [tail]
  return [
    tail,
    {
      name: `${name}_excess`,
      group,
      unit: 'octaves',
      doc: `How far the ${what} lie above the token's usual 95th percentile (drawn to its peers), in doublings; 0 below it.`,
      higherIs: 'worse',
      sql: metricSql(name, 'excess'),
    },
  ]
})
