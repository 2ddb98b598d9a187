import { facetSql } from './relations/values.ts'

/**
 * Numbers of a token-hour that are judged against histograms of the past: their tail probability under the token's own hours,
 * drawn to its peers and to everyone. `hour` metrics are compared with hours, `day` metrics (running totals since midnight
 * UTC) with whole days, which errs towards silence early in the day.
 */
export interface Metric {
  readonly name: string
  readonly level: 'hour' | 'day'
  /** Over the relations w (windows), fx (facet statistics). */
  readonly sql: string
  readonly unit: string
}

export const METRICS: readonly Metric[] = [
  { name: 'requests', level: 'hour', sql: 'w.requests', unit: 'events' },
  { name: 'peak_10min', level: 'hour', sql: 'w.peak_10min', unit: 'events' },
  { name: 'active_minutes', level: 'hour', sql: 'w.active_minutes', unit: 'minutes' },
  { name: 'response_bytes', level: 'hour', sql: 'w.response_bytes', unit: 'bytes' },
  { name: 'request_bytes', level: 'hour', sql: 'w.request_bytes', unit: 'bytes' },
  { name: 'bytes_per_request', level: 'hour', sql: 'w.response_bytes / w.requests', unit: 'bytes' },
  { name: 'largest_response', level: 'hour', sql: 'w.max_response_bytes', unit: 'bytes' },
  { name: 'failed', level: 'hour', sql: 'w.failed', unit: 'events' },
  { name: 'denied', level: 'hour', sql: 'w.denied', unit: 'events' },
  { name: 'not_found', level: 'hour', sql: 'w.not_found', unit: 'events' },
  { name: 'server_errors', level: 'hour', sql: 'w.server_errors', unit: 'events' },
  { name: 'writes', level: 'hour', sql: 'w.writes', unit: 'events' },
  { name: 'deletes', level: 'hour', sql: 'w.deletes', unit: 'events' },
  { name: 'sensitive', level: 'hour', sql: 'w.sensitive', unit: 'events' },
  { name: 'operations', level: 'hour', sql: facetSql('operation', 'distinct_values'), unit: 'operations' },
  { name: 'fresh_operations', level: 'hour', sql: facetSql('operation', 'fresh'), unit: 'operations' },
  { name: 'fresh_bigrams', level: 'hour', sql: facetSql('bigram', 'fresh'), unit: 'pairs' },
  { name: 'objects', level: 'hour', sql: 'fx.objects', unit: 'objects' },
  { name: 'fresh_objects', level: 'hour', sql: 'fx.objects_fresh', unit: 'objects' },
  { name: 'foreign_objects', level: 'hour', sql: 'fx.objects_foreign', unit: 'objects' },
  { name: 'private_objects', level: 'hour', sql: 'fx.objects_private', unit: 'objects' },
  { name: 'id_steps', level: 'hour', sql: 'w.id_steps', unit: 'events' },
  { name: 'ips', level: 'hour', sql: facetSql('ip', 'distinct_values'), unit: 'addresses' },
  { name: 'nets', level: 'hour', sql: facetSql('net', 'distinct_values'), unit: 'networks' },
  { name: 'asns', level: 'hour', sql: facetSql('asn', 'distinct_values'), unit: 'systems' },
  { name: 'clients', level: 'hour', sql: facetSql('client', 'distinct_values'), unit: 'clients' },
  { name: 'net_returns', level: 'hour', sql: 'w.net_returns', unit: 'events' },
  { name: 'country_switches', level: 'hour', sql: 'w.country_switches', unit: 'events' },
  { name: 'client_switches', level: 'hour', sql: 'w.client_switches', unit: 'events' },
  { name: 'new_sharers', level: 'hour', sql: 'fx.ip_new_sharers', unit: 'tokens' },
  { name: 'gap', level: 'hour', sql: 'greatest(w.gap_hours - 1, 0)', unit: 'hours' },
  { name: 'quick_gaps', level: 'hour', sql: 'w.quick_gaps', unit: 'events' },
  { name: 'latency', level: 'hour', sql: 'w.latency_ms / w.requests', unit: 'ms' },
  { name: 'day_requests', level: 'day', sql: 'w.day_requests', unit: 'events' },
  { name: 'day_response_bytes', level: 'day', sql: 'w.day_response_bytes', unit: 'bytes' },
  { name: 'day_denied', level: 'day', sql: 'w.day_denied', unit: 'events' },
  { name: 'day_deletes', level: 'day', sql: 'w.day_deletes', unit: 'events' },
  { name: 'day_sensitive', level: 'day', sql: 'w.day_sensitive', unit: 'events' },
  { name: 'day_hours', level: 'day', sql: 'w.day_hours', unit: 'hours' },
  { name: 'day_fresh_operations', level: 'day', sql: 'dx.fresh_operations', unit: 'operations' },
  { name: 'day_foreign_objects', level: 'day', sql: 'dx.foreign_objects', unit: 'objects' },
  { name: 'day_objects', level: 'day', sql: 'dx.objects', unit: 'objects' },
  {
    name: 'day_fresh_object_requests',
    level: 'day',
    sql: 'dx.fresh_object_requests',
    unit: 'events',
  },
]

/** Daily totals kept for slow drift (see relations/drift.ts). */
export const DRIFT_METRICS = [
  'day_requests',
  'day_response_bytes',
  'day_foreign_objects',
  'day_fresh_operations',
  'day_objects',
  'day_sensitive',
  'day_denied',
] as const

/** Place of a metric in METRICS: how the history names it. */
export function metricIndex(name: string): number {
  const index = METRICS.findIndex(metric => metric.name === name)
  if (index < 0) throw new RangeError(`no metric is named "${name}"`)
  return index
}
