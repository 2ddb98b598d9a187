import { OWN_PREFIX } from '../schema/own-onnx.ts'
import type { Frame, ReasonFact } from '../schema/scores.ts'
import { amount, capital, plural, round } from './quantities.ts'

/** Features and evidence columns of a token-hour by name. */
export type Facts = Readonly<Record<string, number | string | null>>

/** A fact in words, before it is known what share of the score it made. `brief` is for the second half of a sentence. */
export type ToldFact = Omit<ReasonFact, 'contribution' | 'frames'> & { readonly brief: string }

const FACETS: Readonly<Record<string, string>> = {
  ip: 'address',
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
  bigram: 'sequence',
  object: 'object',
}

/** How a metric is told: `${actual} ${noun}`; `of` names the metric that it is a part of, `lead` goes before the number. */
interface MetricWords {
  readonly noun: string
  readonly unit?: string
  readonly lead?: string
  readonly of?: 'requests' | 'objects'
}

const METRICS: Readonly<Record<string, MetricWords>> = {
  requests: { noun: 'requests in the hour' },
  peak_10min: { noun: 'requests within ten minutes' },
  active_minutes: { noun: 'minutes of the hour with traffic' },
  response_bytes: { noun: 'sent back in the hour', unit: 'bytes' },
  request_bytes: { noun: 'received in the hour', unit: 'bytes' },
  bytes_per_request: { noun: 'sent back per request', unit: 'bytes' },
  largest_response: { noun: 'in the largest answer', unit: 'bytes' },
  failed: { noun: 'requests failed', of: 'requests' },
  denied: { noun: 'requests were denied (401, 403)', of: 'requests' },
  not_found: { noun: 'requests were for things that do not exist (404)', of: 'requests' },
  server_errors: { noun: 'requests met a server error', of: 'requests' },
  writes: { noun: 'requests were writes', of: 'requests' },
  deletes: { noun: 'requests were deletes', of: 'requests' },
  sensitive: { noun: 'requests were sensitive operations', of: 'requests' },
  operations: { noun: 'distinct operations in the hour' },
  fresh_operations: { noun: 'operations used for the first time' },
  fresh_bigrams: { noun: 'pairs of operations in an order never seen from the token' },
  objects: { noun: 'distinct objects in the hour' },
  fresh_objects: { noun: 'objects were new to the principal', of: 'objects' },
  foreign_objects: {
    noun: "objects were other people's: new to the principal, used by others",
    of: 'objects',
  },
  private_objects: { noun: 'objects were ones that only one other principal ever used', of: 'objects' },
  id_steps: { noun: 'requests stepped through object ids in sequence (enumeration)', of: 'requests' },
  ips: { noun: 'source addresses in the hour' },
  nets: { noun: 'networks in the hour' },
  asns: { noun: 'autonomous systems in the hour' },
  clients: { noun: 'client families in the hour' },
  net_returns: { noun: 'switches back and forth between two networks' },
  country_switches: { noun: 'switches of country between requests' },
  client_switches: { noun: 'switches of client between requests' },
  new_sharers: { noun: 'other tokens were new on the same address that day' },
  gap: { noun: 'without use', unit: 'hours', lead: 'Back after ' },
  quick_gaps: { noun: 'requests came within a second of another', of: 'requests' },
  latency: { noun: 'mean latency', unit: 'ms' },
  day_requests: { noun: 'requests since midnight UTC' },
  day_response_bytes: { noun: 'sent back since midnight UTC', unit: 'bytes' },
  day_denied: { noun: 'requests denied since midnight UTC' },
  day_deletes: { noun: 'deletes since midnight UTC' },
  day_sensitive: { noun: 'sensitive operations since midnight UTC' },
  day_hours: { noun: 'hours of use since midnight UTC' },
  day_fresh_operations: { noun: 'operations used for the first time since midnight UTC' },
  day_foreign_objects: { noun: "other people's objects since midnight UTC" },
  day_objects: { noun: 'objects since midnight UTC' },
  refused_objects: { noun: 'objects new to the principal were refused (401, 403, 404)', of: 'objects' },
  day_refused_objects: { noun: 'objects new to the principal were refused since midnight UTC' },
  day_handovers: {
    noun: 'changes since midnight UTC between a network new to token and tenant and an old one',
  },
  three_day_handovers: {
    noun: 'changes in three days between a network new to token and tenant and an old one',
  },
  day_fresh_object_requests: { noun: 'requests since midnight UTC on objects new to the principal' },
}

/** Daily totals and facets whose slow rise is told. */
const SLOW: Readonly<Record<string, string>> = {
  requests: 'requests a day',
  response_bytes: 'data sent back a day',
  foreign_objects: "other people's objects a day",
  fresh_operations: 'operations first used a day',
  objects: 'objects a day',
  sensitive: 'sensitive operations a day',
  denied: 'denied requests a day',
  operation: 'operations',
  object: 'objects',
  scope: 'scopes',
  asn: 'autonomous systems',
  bigram: 'pairs of operations',
}

/** Shares that say the same as a metric. */
const SHARE_OF: Readonly<Record<string, string>> = {
  denied_share: 'denied',
  failed_share: 'failed',
  delete_share: 'deletes',
  foreign_share: 'foreign_objects',
}

/** Features that all say that the token is not used at such hours. */
const OF_THE_HOUR: ReadonlySet<string> = new Set(['hour_surprise', 'night_requests', 'day_hour_surprise'])

/** Hours of history from which a metric's usual value is the token's own, else its role's (`tailShrinkHours` of the features). */
const OWN_HISTORY_HOURS = 12

/** Facets that one largest place is taken from. */
const PLACE_FACETS = ['asn', 'net', 'country'] as const

/** The fact that a feature speaks of: features of one code say the same and are told once. */
export function factCode(feature: string, facts: Facts = {}): string {
  if (feature.startsWith(OWN_PREFIX)) return feature
  const facet = facetOf(feature, facts)
  if (facet !== undefined) return `unusual_${facet}`
  const metric = metricOf(feature)
  if (metric !== undefined) return `unusual_${sameAs(metric, facts)}`
  if (OF_THE_HOUR.has(feature)) return 'unusual_hour'
  if (feature.startsWith('out_of_grant')) return 'out_of_grant'
  if (feature === 'speed_kmh') return 'impossible_travel'
  if (feature === 'violation') return violationCode(facts)
  const drift = /^(?:day_)?(\w+?)_(cusum|shift|budget)$/.exec(feature)
  if (drift) return drift[2] === 'budget' ? `slow_new_${drift[1]}` : `slow_${drift[1]}`
  return feature
}

function facetOf(feature: string, facts: Facts): string | undefined {
  if (feature === 'place_surprise') {
    const surprise = (facet: string) => Number(facts[`${facet}_surprise`] ?? 0)
    return PLACE_FACETS.reduce((best, facet) => (surprise(facet) > surprise(best) ? facet : best))
  }
  const facet = /^(?:day_)?(\w+?)_(surprise|surplus|mean_surprise)$/.exec(feature)?.[1]
  return facet !== undefined && facet in FACETS ? facet : undefined
}

function metricOf(feature: string): string | undefined {
  const metric = SHARE_OF[feature] ?? /^(\w+)_(tail|excess)$/.exec(feature)?.[1]
  return metric !== undefined && metric in METRICS ? metric : undefined
}

/** Metrics that say the same as another where both count the same things: all of the day in this hour, all of the hour in ten minutes. */
const COUNTED_WITH: Readonly<Record<string, string>> = {
  peak_10min: 'requests',
  ips: 'nets',
  asns: 'nets',
  three_day_handovers: 'day_handovers',
}

function sameAs(metric: string, facts: Facts): string {
  const wider = COUNTED_WITH[metric] ?? (metric.startsWith('day_') ? metric.slice(4) : undefined)
  if (wider === undefined || !(wider in METRICS)) return metric
  const actual = numberOf(facts[`${metric}_actual`])
  return actual !== null && actual === numberOf(facts[`${wider}_actual`]) ? wider : metric
}

/** An operation or scope that is both new to the token and outside what is expected of it is one fact. */
function violationCode(facts: Facts): string {
  const item = String(facts.item ?? '')
  if (item !== '' && item === `op:${facts.operation_worst}`) return 'unusual_operation'
  if (item !== '' && item === `scope:${facts.scope_worst}`) return 'unusual_scope'
  return 'permission_violation'
}

/** A fact in words: actual beside typical, in units that a person thinks in. Unknown facts give a sentence without them. */
export function tellFact(feature: string, facts: Facts): ToldFact {
  const code = factCode(feature, facts)
  const facet = feature === 'violation' ? undefined : facetOf(feature, facts)
  const metric = metricOf(feature)
  if (facet !== undefined) return { code, feature, ...tellFacet(facet, facts) }
  if (metric !== undefined) return { code, feature, ...tellMetric(sameAs(metric, facts), facts) }
  return { code, feature, ...tellOther(feature, facts) }
}

type Told = Omit<ToldFact, 'code' | 'feature'>

/** Surprise below which a value is no rarity, nats: it was used on more than one day in five. */
const RARE_NATS = Math.log(5)

function tellFacet(facet: string, facts: Facts): Told {
  const value = textOf(facts[`${facet}_worst`])
  const peers = Number(facts[`${facet}_worst_peers`] ?? 0)
  const surprise = numberOf(facts[`${facet}_surprise`])
  const noun = FACETS[facet]!
  const named = value === null ? noun : `${noun} ${quoted(facet, value)}`
  const breadth = Number(facts[`fresh_${facet}s_actual`] ?? 0)
  const more = facet === 'operation' && breadth > 1 ? ` (one of ${amount(breadth)} new ones)` : ''
  const group = groupOf(facts)
  const holders = `${plural(peers, 'token')} of its ${group.noun}`
  const isRare = surprise === null || surprise >= RARE_NATS
  const known = isRare
    ? `is rare for this token; ${holders} ${peers === 1 ? 'has' : 'have'} used it`
    : 'is not one that this token uses every day'
  return {
    actual: value,
    typical: peers > 0 ? holders : 'never seen',
    unit: null,
    frame: peers > 0 ? 'self' : group.frame,
    text: `${capital(named)}${more} ${peers > 0 ? known : `was never seen before from this token or any of its ${group.noun}`}`,
    brief: named,
  }
}

/** Whom a token is compared with: its role where the log names roles, else all of its tenant. */
function groupOf(facts: Facts): { frame: Frame; noun: string } {
  return facts.role === null ? { frame: 'tenant', noun: 'tenant' } : { frame: 'peer', noun: 'role' }
}

function quoted(facet: string, value: string): string {
  if (facet === 'asn') return `AS${value}`
  return facet === 'object' ? `"${value.replace(/^:/, '')}"` : `"${value}"`
}

/** A metric's number beside its usual one. */
export function tellMetric(metric: string, facts: Facts, words: MetricWords = METRICS[metric]!): Told {
  const { noun: nouns, unit, lead = '', of } = words
  const actual = numberOf(facts[`${metric}_actual`])
  const noun = actual === 1 && of === undefined ? nouns.replace(/^(switch)es\b|^(\w+?)s\b/, '$1$2') : nouns
  const typical = numberOf(facts[`${metric}_typical`]) ?? 0
  const whole = of && numberOf(facts[`${of}_actual`])
  const part = whole !== null && whole !== undefined && actual !== null && whole >= actual
  const seen =
    actual === null
      ? `an unknown number${unit === undefined ? '' : ` of ${unit}`}`
      : amount(actual, unit) + (part ? ` of ${amount(whole)}` : '')
  const group = groupOf(facts)
  const frame: Frame = hoursKnown(facts) >= OWN_HISTORY_HOURS ? 'self' : group.frame
  const example =
    metric.endsWith('foreign_objects') && facts.foreign_object
      ? `, such as "${String(facts.foreign_object).replace(/^:/, '')}"`
      : ''
  // Usual values come from bins a quarter octave wide: a count between two whole numbers stands for the next.
  const usual = unit === undefined ? Math.round(typical) : round(typical, 2)
  return {
    actual: actual === null ? null : round(actual, 2),
    typical: usual,
    unit: unit ?? null,
    frame,
    text: `${capital(`${lead}${seen} ${noun}${example}`)}; usually ${usual > 0 ? `about ${amount(usual, unit)}` : 'none'}${frame === 'self' ? '' : ` in its ${group.noun}`}`,
    brief: `${seen} ${noun}`,
  }
}

/** Without the feature (facts of a test, or of another maker) the history counts as long. */
function hoursKnown(facts: Facts): number {
  const log = numberOf(facts.active_hours)
  return log === null ? Number.POSITIVE_INFINITY : Math.expm1(log)
}

function tellOther(feature: string, facts: Facts): Told {
  const value = numberOf(facts[feature])
  const slow = /^(?:day_)?(\w+?)_(cusum|shift|budget)$/.exec(feature)
  if (slow && SLOW[slow[1]!] !== undefined) return tellSlow(SLOW[slow[1]!]!, slow[2]!, value)
  if (feature.startsWith('out_of_grant')) {
    const share = numberOf(facts.out_of_grant_share)
    const count = numberOf(facts.out_of_grant)
    const n = count === null ? null : Math.round(Math.expm1(count))
    const seen =
      n === null
        ? share === null
          ? 'Requests'
          : `${Math.round(100 * share)} % of the requests`
        : plural(n, 'request')
    const scope = textOf(facts.scope_worst)
    const example = scope === null ? '' : ` (rarest used: "${scope}")`
    return told(n, 0, null, 'self', `${seen} needed a scope that the token was not granted${example}`)
  }
  if (feature === 'denied_sensitive') {
    const n = value === null ? null : Math.round(Math.expm1(value))
    const seen = n === null ? 'Sensitive operations' : plural(n, 'sensitive operation')
    return told(n, 0, null, 'self', `${seen} ${n === 1 ? 'was' : 'were'} denied (401, 403); usually none`)
  }
  if (feature === 'speed_kmh') {
    const speed = value === null ? 'faster than an aeroplane' : `at ${amount(value, 'km/h')}`
    return told(
      value === null ? null : Math.round(value),
      AEROPLANE_KMH,
      'km/h',
      'self',
      `Moved ${speed} between two requests; an aeroplane makes ${AEROPLANE_KMH}`,
    )
  }
  if (feature === 'address_tokens') {
    const n = value === null ? null : Math.round(Math.exp(value))
    return told(
      n,
      1,
      null,
      'tenant',
      `${n === null ? 'Several tokens' : plural(n, 'token')} used the same address in the hour; usually 1`,
    )
  }
  if (feature === 'address_tenants')
    return told(
      value,
      1,
      null,
      'tenant',
      `Tokens of ${value === null ? 'several tenants' : plural(value, 'tenant')} used the same address in the hour; usually 1`,
    )
  if (OF_THE_HOUR.has(feature)) return tellHour(facts)
  if (feature === 'violation') return tellViolation(facts)
  if (feature.startsWith(OWN_PREFIX)) return tellOwn(feature.slice(OWN_PREFIX.length), value)
  if (feature === 'regularity') {
    const seen =
      value === null
        ? 'an unusual rhythm'
        : value < 1
          ? `the rhythm of a machine (they vary by ${Math.round(100 * value)} % of their mean)`
          : `bursts (gaps vary by ${Math.round(100 * value)} % of their mean)`
    return told(
      value === null ? null : round(value, 2),
      null,
      'share',
      'peer',
      `Requests came in ${seen}, unlike most token-hours`,
    )
  }
  const mixed = /^(operation|object)_entropy$/.exec(feature)?.[1]
  if (mixed) {
    // e^entropy is the number of equally frequent values with the same entropy (Hill number of order 1).
    const n = value === null ? null : round(Math.exp(value), 1)
    return told(
      n,
      null,
      null,
      'peer',
      `${capital(mixed)}s were spread over ${n === null ? 'an unusual number' : `about ${amount(n)}`} at equal use, unlike most token-hours`,
    )
  }
  const unusual = value === null ? '' : ` (${amount(value)})`
  return told(
    value === null ? null : round(value, 3),
    null,
    null,
    'peer',
    `${capital(feature.replaceAll('_', ' '))}${unusual} is unlike most token-hours`,
  )
}

/** Cruising speed of an airliner. */
const AEROPLANE_KMH = 900

function told(
  actual: Told['actual'],
  typical: Told['typical'],
  unit: string | null,
  frame: Frame,
  text: string,
): Told {
  return { actual, typical, unit, frame, text, brief: text.charAt(0).toLowerCase() + text.slice(1) }
}

function tellHour(facts: Facts): Told {
  const hour = textOf(facts.hour)
  const text = `Used at ${hour ?? 'an hour'} (${isWeekend(facts) ? 'weekend' : 'weekday'}), when this token and those of its ${groupOf(facts).noun} hardly ever are`
  return {
    ...told(
      hour,
      'its usual hours',
      null,
      'self',
      hour === null ? text.replace(/ \((weekend|weekday)\)/, '') : text,
    ),
    brief: `use at ${hour ?? 'an unusual hour'}`,
  }
}

function isWeekend(facts: Facts): boolean {
  return facts.weekday === 'Saturday' || facts.weekday === 'Sunday'
}

function tellViolation(facts: Facts): Told {
  const item = textOf(facts.item)
  const [, kind, name] = /^(op|scope):(.*)$/s.exec(item ?? '') ?? []
  const named =
    name === undefined ? 'An operation or scope' : `${kind === 'op' ? 'Operation' : 'Scope'} "${name}"`
  return {
    ...told(
      name ?? null,
      'not expected',
      null,
      'peer',
      `${named} is expected neither of this token nor of tokens that work alike`,
    ),
    brief: `${named.charAt(0).toLowerCase()}${named.slice(1)}, not expected of tokens alike`,
  }
}

/** A model of the user's own says how unusual the hour is, not why; `nats` is -ln of the share of training hours so unusual. */
function tellOwn(name: string, nats: number | null): Told {
  const rarity = nats === null ? null : `1 in ${amount(round(Math.exp(nats), 0))} token-hours`
  const seen = rarity === null ? 'unusual' : `as unusual as ${rarity}`
  return told(rarity, null, null, 'tenant', `Your own model "${name}" finds this hour ${seen}`)
}

function tellSlow(noun: string, kind: string, value: number | null): Told {
  const deviations = value === null ? null : round(value, 1)
  const by = deviations === null ? '' : `: ${amount(deviations)} standard deviations`
  const text = {
    cusum: `A rise in ${noun}, added up over days${by} above the token's own past`,
    shift: `More ${noun} in its last five active days${by} above the token's own past`,
    budget: `More first-seen ${noun} in seven days${by} above the token's own pace before`,
  }[kind]!
  return told(deviations, 0, 'deviations', 'self', text)
}

function numberOf(value: number | string | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function textOf(value: number | string | null | undefined): string | null {
  return value === null || value === undefined || value === '' ? null : String(value)
}
