import type { Frame, Reason } from '../schema/scores.ts'

/** What a reason is made from: the feature that weighed most in one detector's evidence, and the row's evidence columns. */
export interface ReasonSource {
  readonly detector: string
  readonly feature: string
  /** Part of the score, nats. */
  readonly weight: number
  /** Features and evidence columns of the token-hour by name. */
  readonly facts: Readonly<Record<string, number | string | null>>
}

const FACETS: Record<string, string> = {
  ip: 'source address',
  net: 'network',
  asn: 'autonomous system',
  country: 'country',
  network_type: 'kind of network',
  client: 'client',
  agent: 'user agent',
  operation: 'operation',
  resource: 'resource type',
  scope: 'scope',
  status: 'outcome',
  bigram: 'sequence of operations',
  object: 'object',
}

const METRIC_NOUNS: Record<string, string> = {
  requests: 'requests in the hour',
  peak_10min: 'requests in ten minutes',
  active_minutes: 'active minutes',
  response_bytes: 'bytes sent back in the hour',
  request_bytes: 'bytes received in the hour',
  bytes_per_request: 'bytes per request',
  largest_response: 'bytes in the largest answer',
  failed: 'failed requests',
  denied: 'denied requests (401, 403)',
  not_found: 'requests for things that do not exist (404)',
  server_errors: 'server errors',
  writes: 'writes',
  deletes: 'deletes',
  sensitive: 'sensitive operations',
  operations: 'distinct operations',
  fresh_operations: 'operations used for the first time',
  fresh_bigrams: 'sequences never seen from the token',
  objects: 'distinct objects',
  fresh_objects: 'objects new to the principal',
  foreign_objects: "other people's objects",
  private_objects: 'objects that only one other principal ever used',
  id_steps: 'object ids in sequence',
  ips: 'source addresses',
  nets: 'networks',
  asns: 'autonomous systems',
  clients: 'client families',
  net_returns: 'returns between two networks',
  country_switches: 'changes of country',
  client_switches: 'changes of client',
  new_sharers: 'other tokens new on the same address today',
  gap: 'hours without use before',
  quick_gaps: 'requests within a second of another',
  latency: 'milliseconds mean latency',
  day_requests: 'requests today',
  day_response_bytes: 'bytes sent back today',
  day_denied: 'denied requests today',
  day_deletes: 'deletes today',
  day_sensitive: 'sensitive operations today',
  day_hours: 'hours of use today',
  day_fresh_operations: 'operations first used today',
  day_foreign_objects: "other people's objects today",
  day_objects: 'objects today',
  day_fresh_object_requests: 'requests today on objects new to the principal',
}

/** Facts that made less than this share of a score explain nothing. */
const LEAST_SHARE = 0.01

/** Reasons of a token-hour, strongest first, one a code, at most `limit`; contributions are shares of the whole score. */
export function writeReasons(sources: readonly ReasonSource[], limit: number): Reason[] {
  const total = sources.reduce((sum, source) => sum + source.weight, 0)
  const byCode = new Map<string, Reason>()
  for (const source of [...sources].sort((a, b) => b.weight - a.weight)) {
    if (!(source.weight >= LEAST_SHARE * total) || total === 0) continue
    const reason = writeReason(source, source.weight / total)
    const earlier = byCode.get(reason.code)
    byCode.set(
      reason.code,
      earlier === undefined
        ? reason
        : { ...earlier, contribution: earlier.contribution + reason.contribution },
    )
  }
  // Merging can lift a reason over one that came before it; equals keep the order of the detectors.
  return [...byCode.values()]
    .sort((a, b) => b.contribution - a.contribution)
    .slice(0, limit)
    .map(reason => ({ ...reason, contribution: round(reason.contribution, 3) }))
}

function writeReason(source: ReasonSource, contribution: number): Reason {
  const { detector, feature, facts } = source
  const base = { detector, feature, contribution }
  const facet = /^(?:day_)?(\w+?)_(surprise|surplus|mean_surprise)$/.exec(feature)
  if (facet && FACETS[facet[1]!] !== undefined) return { ...base, ...facetReason(facet[1]!, facts) }
  if (feature === 'place_surprise') return { ...base, ...facetReason('asn', facts) }
  const metric = /^(\w+)_(tail|excess)$/.exec(feature)
  if (metric && METRIC_NOUNS[metric[1]!] !== undefined) return { ...base, ...metricReason(metric[1]!, facts) }
  return { ...base, ...otherReason(feature, facts) }
}

type Told = Pick<Reason, 'code' | 'actual' | 'typical' | 'frame' | 'text'>

function facetReason(facet: string, facts: ReasonSource['facts']): Told {
  const value = facts[`${facet}_worst`] ?? null
  const peers = Number(facts[`${facet}_worst_peers`] ?? 0)
  const frame: Frame = peers > 0 ? 'self' : 'peer'
  const known =
    peers > 0
      ? `used by ${peers} peer${peers === 1 ? '' : 's'}, rare for this token`
      : 'unknown to the token and its peers'
  return {
    code: `unusual_${facet}`,
    actual: value,
    typical: peers > 0 ? `${peers} peers` : 'never seen',
    frame,
    text: `${capital(FACETS[facet]!)} ${value === null ? '' : `"${value}" `}is ${known}`,
  }
}

function metricReason(metric: string, facts: ReasonSource['facts']): Told {
  const actual = numberOf(facts[`${metric}_actual`])
  const typical = numberOf(facts[`${metric}_typical`]) ?? 0
  const usual = typical > 0 ? `usually about ${short(typical)}` : 'usually none'
  const object =
    metric.endsWith('foreign_objects') && facts.foreign_object ? ` such as ${facts.foreign_object}` : ''
  return {
    code: `unusual_${metric}`,
    actual: actual === null ? null : round(actual, 2),
    typical: round(typical, 2),
    frame: 'self',
    text: `${capital(METRIC_NOUNS[metric]!)}${object}: ${actual === null ? 'unknown' : short(actual)}; ${usual}`,
  }
}

const SHARES: Record<string, string> = {
  out_of_grant_share: 'of the requests need a scope that the token was not granted',
  denied_share: 'of the requests were denied',
  failed_share: 'of the requests failed',
  delete_share: 'of the requests were deletes',
  foreign_share: 'of the objects belong to other principals',
}

function otherReason(feature: string, facts: ReasonSource['facts']): Told {
  const value = numberOf(facts[feature])
  const actual = value === null ? null : round(value, 3)
  const told = (code: string, frame: Frame, typical: number | string | null, text: string): Told => ({
    code,
    actual,
    typical,
    frame,
    text,
  })
  if (SHARES[feature] !== undefined)
    return told(feature, 'self', 0, `${Math.round(100 * (value ?? 0))} % ${SHARES[feature]}`)
  if (feature === 'hour_surprise' || feature === 'night_requests' || feature === 'day_hour_surprise') {
    return {
      code: 'unusual_hour',
      actual: facts.hour ?? null,
      typical: 'its usual hours',
      frame: 'self',
      text: `Used at ${facts.hour ?? 'an hour'}, when the token and those like it hardly ever are`,
    }
  }
  if (feature === 'out_of_grant') {
    return told(
      'out_of_grant',
      'self',
      0,
      `${Math.round(Math.expm1(value ?? 0))} requests need a scope that the token was not granted`,
    )
  }
  if (feature === 'denied_sensitive') {
    return told(
      'denied_sensitive',
      'self',
      0,
      `${Math.round(Math.expm1(value ?? 0))} sensitive operations were denied`,
    )
  }
  if (feature === 'speed_kmh')
    return told('impossible_travel', 'self', 900, `Moved at ${short(value ?? 0)} km/h between two requests`)
  if (feature === 'address_tokens') {
    return told(
      'shared_address',
      'tenant',
      1,
      `${Math.round(Math.exp(value ?? 0))} tokens used the same address in the hour`,
    )
  }
  if (feature === 'address_tenants') {
    return told('address_across_tenants', 'tenant', 1, `${value ?? 0} tenants share the address in the hour`)
  }
  if (feature === 'violation') {
    const item = String(facts.item ?? '')
    const text = `${item.replace(/^op:/, 'Operation ').replace(/^scope:/, 'Scope ')} is not expected of the token, its cluster or its role`
    return { code: 'permission_violation', actual: item, typical: null, frame: 'peer', text }
  }
  const drift = /^(?:day_)?(\w+)_(cusum|shift|budget)$/.exec(feature)
  if (drift) {
    return told(
      `slow_${drift[1]}`,
      'self',
      0,
      `Slow rise over days in ${drift[1]!.replaceAll('_', ' ')} (${short(value ?? 0)} deviations above the token's past)`,
    )
  }
  return told(
    feature,
    'peer',
    null,
    `${capital(feature.replaceAll('_', ' '))} is unusual (${value === null ? 'unknown' : short(value)})`,
  )
}

function numberOf(value: number | string | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** 1234567 -> 1.2 M: readable at a glance. */
function short(value: number): string {
  const units: readonly (readonly [number, string])[] = [
    [1e9, ' G'],
    [1e6, ' M'],
    [1e4, ' k'],
  ]
  const unit = units.find(([size]) => Math.abs(value) >= size)
  if (unit === undefined) return String(round(value, Math.abs(value) < 10 ? 1 : 0))
  return `${round(value / (unit[0] === 1e4 ? 1e3 : unit[0]), 1)}${unit[1]}`
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
