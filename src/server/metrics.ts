import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** What the server counts of itself, for Prometheus. */
export interface Metrics {
  readonly registry: Registry
  readonly requests: Counter<'method' | 'route' | 'status'>
  readonly seconds: Histogram<'method' | 'route'>
  readonly vectors: Counter
  readonly eventsScored: Counter
  readonly eventsIngested: Counter<'outcome'>
}

/** A registry of its own, so that several servers live in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    requests: new Counter({
      name: 'keyhound_http_requests_total',
      help: 'Requests answered.',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    seconds: new Histogram({
      name: 'keyhound_http_request_duration_seconds',
      help: 'From the head of a request to the head of its answer.',
      labelNames: ['method', 'route'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    vectors: new Counter({
      name: 'keyhound_vectors_scored_total',
      help: 'Feature vectors scored.',
      registers,
    }),
    eventsScored: new Counter({
      name: 'keyhound_events_scored_total',
      help: 'Events scored without being ingested.',
      registers,
    }),
    eventsIngested: new Counter({
      name: 'keyhound_events_ingested_total',
      help: 'Events taken in, by what became of them.',
      labelNames: ['outcome'],
      registers,
    }),
  }
}
