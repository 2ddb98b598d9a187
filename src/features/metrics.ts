import type { Feature, FeatureGroup } from '../schema/features.ts'
import type { Definition } from './define.ts'
import type { TokenHour } from './token-hour.ts'

/**
 * A number of a token-hour that is judged against histograms of the past: its tail probability under the token's own hours, drawn to
 * its peers and to everyone. `hour` metrics are compared with hours, `day` metrics (running totals since midnight UTC) with whole days,
 * which errs towards silence early in the day.
 */
export interface Metric<Name extends string = string>
  extends Pick<Feature, 'told' | 'weighs'>,
    Pick<Definition, 'shows'> {
  readonly name: Name
  readonly level: 'hour' | 'day'
  readonly unit: string
  readonly group: FeatureGroup
  /** In words, after "so many". */
  readonly what: string
  /** NaN is unknown. */
  readonly of: (hour: TokenHour) => number
  /** Whether NaN means none: an hour may touch no object and hold no pair. @default unknown */
  readonly isNoneWhenUnknown?: true
  /** Whether the size beyond the usual is a feature too. */
  readonly hasExcess?: true
}

function metric<const Name extends string>(one: Metric<Name>): Metric<Name> {
  return one
}

/** The metrics; their order is how the history numbers them. */
export const METRICS = [
  metric({
    name: 'requests',
    level: 'hour',
    unit: 'events',
    group: 'volume',
    what: 'requests in the hour',
    of: hour => hour.requests,
    hasExcess: true,
  }),
  metric({
    name: 'peak_10min',
    level: 'hour',
    unit: 'events',
    group: 'volume',
    what: 'requests in the busiest ten minutes',
    of: hour => hour.peak10min,
    hasExcess: true,
  }),
  metric({
    name: 'active_minutes',
    level: 'hour',
    unit: 'minutes',
    group: 'volume',
    what: 'minutes of the hour with a request',
    of: hour => hour.activeMinutes,
  }),
  metric({
    name: 'response_bytes',
    level: 'hour',
    unit: 'bytes',
    group: 'data',
    what: 'bytes sent back in the hour',
    of: hour => hour.responseBytes,
    hasExcess: true,
  }),
  metric({
    name: 'request_bytes',
    level: 'hour',
    unit: 'bytes',
    group: 'data',
    what: 'bytes received in the hour',
    of: hour => hour.requestBytes,
    hasExcess: true,
  }),
  metric({
    name: 'bytes_per_request',
    level: 'hour',
    unit: 'bytes',
    group: 'data',
    what: 'bytes sent back per request',
    of: hour => hour.responseBytes / hour.requests,
    hasExcess: true,
  }),
  metric({
    name: 'largest_response',
    level: 'hour',
    unit: 'bytes',
    group: 'data',
    what: 'largest single answer',
    of: hour => hour.maxResponseBytes,
    hasExcess: true,
  }),
  metric({
    name: 'failed',
    level: 'hour',
    unit: 'events',
    group: 'responses',
    what: 'failed requests',
    of: hour => hour.failed,
  }),
  metric({
    name: 'denied',
    level: 'hour',
    unit: 'events',
    group: 'permissions',
    what: 'requests answered 401 or 403',
    of: hour => hour.denied,
    hasExcess: true,
  }),
  metric({
    name: 'not_found',
    level: 'hour',
    unit: 'events',
    group: 'responses',
    what: 'requests answered 404 or 410',
    of: hour => hour.notFound,
    hasExcess: true,
  }),
  metric({
    name: 'server_errors',
    level: 'hour',
    unit: 'events',
    group: 'responses',
    what: 'requests answered 5xx',
    of: hour => hour.serverErrors,
  }),
  metric({
    name: 'writes',
    level: 'hour',
    unit: 'events',
    group: 'destructive',
    what: 'writes',
    of: hour => hour.writes,
    hasExcess: true,
  }),
  metric({
    name: 'deletes',
    level: 'hour',
    unit: 'events',
    group: 'destructive',
    what: 'deletes',
    of: hour => hour.deletes,
    hasExcess: true,
  }),
  metric({
    name: 'sensitive',
    level: 'hour',
    unit: 'events',
    group: 'permissions',
    what: 'sensitive operations',
    of: hour => hour.sensitive,
    hasExcess: true,
  }),
  metric({
    name: 'operations',
    level: 'hour',
    unit: 'operations',
    group: 'operations',
    what: 'distinct operations',
    of: hour => hour.facets.operation.distinct,
  }),
  metric({
    name: 'fresh_operations',
    level: 'hour',
    unit: 'operations',
    group: 'operations',
    what: 'operations used for the first time',
    of: hour => hour.facets.operation.fresh,
  }),
  metric({
    name: 'fresh_bigrams',
    level: 'hour',
    unit: 'pairs',
    group: 'operations',
    what: 'operation pairs in an order never seen from the token',
    of: hour => hour.facets.bigram.fresh,
    isNoneWhenUnknown: true,
  }),
  metric({
    name: 'objects',
    level: 'hour',
    unit: 'objects',
    group: 'objects',
    what: 'distinct objects touched',
    of: hour => hour.objects.distinct,
    isNoneWhenUnknown: true,
    hasExcess: true,
  }),
  metric({
    name: 'fresh_objects',
    level: 'hour',
    unit: 'objects',
    group: 'objects',
    what: 'objects new to the principal',
    of: hour => hour.objects.fresh,
    isNoneWhenUnknown: true,
    hasExcess: true,
  }),
  metric({
    name: 'foreign_objects',
    level: 'hour',
    unit: 'objects',
    group: 'objects',
    what: 'objects new to the principal but used by others',
    of: hour => hour.objects.foreign,
    isNoneWhenUnknown: true,
    hasExcess: true,
  }),
  metric({
    name: 'private_objects',
    level: 'hour',
    unit: 'objects',
    group: 'objects',
    what: 'objects that only one other principal ever used',
    of: hour => hour.objects.private,
    isNoneWhenUnknown: true,
    hasExcess: true,
  }),
  metric({
    name: 'id_steps',
    level: 'hour',
    unit: 'events',
    group: 'objects',
    what: 'object ids that follow the one before',
    of: hour => hour.idSteps,
    isNoneWhenUnknown: true,
    hasExcess: true,
  }),
  metric({
    name: 'ips',
    level: 'hour',
    unit: 'addresses',
    group: 'network',
    what: 'distinct addresses',
    of: hour => hour.facets.ip.distinct,
    hasExcess: true,
  }),
  metric({
    name: 'nets',
    level: 'hour',
    unit: 'networks',
    group: 'network',
    what: 'distinct networks (/24, /48)',
    of: hour => hour.facets.net.distinct,
  }),
  metric({
    name: 'asns',
    level: 'hour',
    unit: 'systems',
    group: 'network',
    what: 'distinct autonomous systems',
    of: hour => hour.facets.asn.distinct,
  }),
  metric({
    name: 'clients',
    level: 'hour',
    unit: 'clients',
    group: 'client',
    what: 'distinct client families',
    of: hour => hour.facets.client.distinct,
  }),
  metric({
    name: 'net_returns',
    level: 'hour',
    unit: 'events',
    group: 'network',
    what: 'returns to the network before last: two places at once',
    of: hour => hour.netReturns,
  }),
  metric({
    name: 'country_switches',
    level: 'hour',
    unit: 'events',
    group: 'network',
    what: 'changes of country between requests',
    of: hour => hour.countrySwitches,
  }),
  metric({
    name: 'client_switches',
    level: 'hour',
    unit: 'events',
    group: 'client',
    what: 'changes of client between requests',
    of: hour => hour.clientSwitches,
  }),
  metric({
    name: 'new_sharers',
    level: 'hour',
    unit: 'tokens',
    group: 'sharing',
    what: 'other tokens first seen on the same address today',
    of: hour => hour.newSharers,
    isNoneWhenUnknown: true,
    hasExcess: true,
  }),
  metric({
    name: 'gap',
    level: 'hour',
    unit: 'hours',
    group: 'dormancy',
    what: 'hours since the last use, gaps in logging not counted',
    // Before the first use nothing was laid down.
    of: ({ gapHours }) => (gapHours > 1 ? gapHours - 1 : 0),
  }),
  metric({
    name: 'quick_gaps',
    level: 'hour',
    unit: 'events',
    group: 'volume',
    what: 'requests within a second of the one before',
    of: hour => hour.quickGaps,
  }),
  metric({
    name: 'latency',
    level: 'hour',
    unit: 'ms',
    group: 'responses',
    what: 'mean latency',
    of: hour => hour.latencyMs / hour.requests,
  }),
  metric({
    name: 'day_requests',
    level: 'day',
    unit: 'events',
    group: 'volume',
    what: 'requests since midnight UTC',
    of: hour => hour.day.requests,
    hasExcess: true,
  }),
  metric({
    name: 'day_response_bytes',
    level: 'day',
    unit: 'bytes',
    group: 'data',
    what: 'bytes sent back since midnight UTC',
    of: hour => hour.day.responseBytes,
    hasExcess: true,
  }),
  metric({
    name: 'day_denied',
    level: 'day',
    unit: 'events',
    group: 'permissions',
    what: 'requests denied since midnight UTC',
    of: hour => hour.day.denied,
    hasExcess: true,
  }),
  metric({
    name: 'day_deletes',
    level: 'day',
    unit: 'events',
    group: 'destructive',
    what: 'deletes since midnight UTC',
    of: hour => hour.day.deletes,
    hasExcess: true,
  }),
  metric({
    name: 'day_sensitive',
    level: 'day',
    unit: 'events',
    group: 'permissions',
    what: 'sensitive operations since midnight UTC',
    of: hour => hour.day.sensitive,
    hasExcess: true,
  }),
  metric({
    name: 'day_hours',
    level: 'day',
    unit: 'hours',
    group: 'time',
    what: 'hours of the day with traffic so far',
    of: hour => hour.day.hours,
  }),
  metric({
    name: 'day_fresh_operations',
    level: 'day',
    unit: 'operations',
    group: 'operations',
    what: 'operations first used today',
    of: hour => hour.day.freshOperations,
    isNoneWhenUnknown: true,
  }),
  metric({
    name: 'day_foreign_objects',
    level: 'day',
    unit: 'objects',
    group: 'objects',
    what: 'foreign objects since midnight UTC',
    of: hour => hour.day.foreignObjects,
    isNoneWhenUnknown: true,
    hasExcess: true,
  }),
  metric({
    name: 'day_objects',
    level: 'day',
    unit: 'objects',
    group: 'objects',
    what: 'objects touched since midnight UTC',
    of: hour => hour.day.objects,
    isNoneWhenUnknown: true,
    hasExcess: true,
  }),
  metric({
    name: 'day_fresh_object_requests',
    level: 'day',
    unit: 'events',
    group: 'objects',
    what: 'requests since midnight UTC on objects new to the principal that day',
    of: hour => hour.day.freshObjectRequests,
    isNoneWhenUnknown: true,
    hasExcess: true,
  }),
  metric({
    name: 'day_handovers',
    level: 'day',
    unit: 'events',
    group: 'network',
    what: 'changes since midnight UTC between a network used for a week and one new to token and tenant',
    of: hour => hour.day.handovers,
    hasExcess: true,
  }),
  metric({
    name: 'three_day_handovers',
    level: 'day',
    unit: 'events',
    group: 'network',
    what: 'changes between such networks in three days, up to the hour; none on a day without one',
    // The days after a theft are the owner's own.
    of: hour => (hour.day.handovers === 0 ? 0 : hour.day.handovers + hour.past.handovers),
  }),
  metric({
    name: 'refused_objects',
    level: 'hour',
    unit: 'objects',
    group: 'objects',
    what: 'objects new to the principal that were refused (401, 403, 404)',
    of: hour => hour.objects.refused,
    isNoneWhenUnknown: true,
    hasExcess: true,
  }),
  metric({
    name: 'day_refused_objects',
    level: 'day',
    unit: 'objects',
    group: 'objects',
    what: 'objects new to the principal that were refused since midnight UTC',
    of: hour => hour.day.refusedObjects,
    isNoneWhenUnknown: true,
  }),
] as const satisfies readonly Metric[]

/** Metrics at most, an operator's own among them: histograms key them by 16 bits, 8 of which are the bin. */
export const MOST_METRICS = 256

/** Name of a metric: a misspelt one does not compile. */
export type MetricName = (typeof METRICS)[number]['name']

/** Daily totals kept for slow drift, in the order that the features name them. */
export const DRIFT_METRICS = [
  'day_requests',
  'day_response_bytes',
  'day_foreign_objects',
  'day_fresh_operations',
  'day_objects',
  'day_sensitive',
  'day_denied',
] as const satisfies readonly MetricName[]

/** Daily totals that the history keeps: those that drift, then those that are added up over a few days. */
export const DAILY_METRICS = [...DRIFT_METRICS, 'day_handovers'] as const satisfies readonly MetricName[]

/** Facets whose first uses of a week are held against the token's earlier rate. */
export const BUDGET_FACETS = ['operation', 'object', 'scope', 'asn', 'bigram'] as const

/** Place of a metric in METRICS: how the history numbers it. */
export function metricIndex(name: MetricName): number {
  return METRICS.findIndex(metric => metric.name === name)
}
