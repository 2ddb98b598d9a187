import { type Definition, feature } from '../define.ts'
import { BUDGET_FACETS, DRIFT_METRICS } from '../metrics.ts'

const DRIFT_FEATURES = DRIFT_METRICS.flatMap((name, index) => [
  feature({
    name: `${name}_cusum`,
    group: 'drift',
    unit: 'robust deviations',
    doc: `One-sided CUSUM (Page 1954, allowance 1/2) of the daily ${name.slice(4)} up to yesterday, less the growth that half of the tenant shares.`,
    higherIs: 'worse',
    of: hour => hour.past.cusum[index]!,
  }),
  feature({
    name: `${name}_shift`,
    group: 'drift',
    unit: 'robust deviations',
    doc: `Mean of the last five active days' ${name.slice(4)} less the median before.`,
    higherIs: 'worse',
    of: hour => hour.past.shift[index]!,
  }),
])

const BUDGETS = BUDGET_FACETS.map((facet, index) =>
  feature({
    name: `${facet}_budget`,
    group: 'drift',
    unit: 'standard deviations',
    doc: `First-seen values (${facet}) of the last seven days beyond the token's earlier rate, less what half of the tenant shows, too.`,
    higherIs: 'worse',
    of: hour => hour.past.budget[index]!,
  }),
)

/** Facets whose surprise is added up over the day: what one hour shows faintly, a day of it shows plainly. */
const SO_FAR = [
  { facet: 'operation', group: 'operations', what: 'operations', of: hour => hour.day.operationSurprise },
  {
    facet: 'bigram',
    group: 'operations',
    what: 'sequences of operations',
    of: hour => hour.day.bigramSurprise,
  },
  { facet: 'scope', group: 'permissions', what: 'scopes used', of: hour => hour.day.scopeSurprise },
  { facet: 'net', group: 'network', what: 'networks', of: hour => hour.day.netSurprise },
] as const satisfies readonly (Pick<Definition, 'group' | 'of'> & { facet: string; what: string })[]

const SO_FAR_FEATURES = SO_FAR.map(({ facet, group, what, of }) =>
  feature({
    name: `day_${facet}_surprise`,
    group,
    unit: 'nats',
    doc: `Surprise of the ${what} since midnight UTC: sum over the requests by the square root of their number.`,
    higherIs: 'worse',
    of,
  }),
)

/** Features with an expression of their own. */
export const OTHER_FEATURES = [
  feature({
    name: 'hour_surprise',
    group: 'time',
    unit: 'nats',
    doc: "How unusual the hour is in the token's week (weekday and weekend hours), drawn to its peers; 0 at its busiest hour. Changes of the clock in its country, and travel to a country used before, do not count.",
    higherIs: 'worse',
    of: hour => hour.hourSurprise,
  }),
  feature({
    name: 'night_requests',
    group: 'time',
    unit: 'nats x log events',
    doc: 'Surprise of the hour times the logarithm of the requests in it: a lone request at night says less than many.',
    higherIs: 'worse',
    of: hour => hour.hourSurprise * Math.log(1 + hour.requests),
  }),
  feature({
    name: 'day_hour_surprise',
    group: 'time',
    unit: 'nats',
    doc: "Mean surprise of the token's hours since midnight UTC, two calm hours added: a strange day rather than one strange hour.",
    higherIs: 'worse',
    of: hour => hour.day.hourSurprise,
  }),
  feature({
    name: 'regularity',
    group: 'time',
    unit: 'ratio',
    doc: 'Standard deviation over mean of the seconds between requests; 0 is a metronome. Null under six requests.',
    higherIs: 'either',
    of: hour => hour.gapCv,
  }),
  feature({
    name: 'speed_kmh',
    group: 'network',
    unit: 'km/h',
    doc: 'Fastest move between consecutive located requests at least 100 km apart. Null without coordinates.',
    higherIs: 'worse',
    of: hour => hour.maxSpeedKmh,
  }),
  feature({
    name: 'place_surprise',
    group: 'network',
    unit: 'nats',
    doc: 'Largest surprise of autonomous system, network and country: one fact, counted once.',
    higherIs: 'worse',
    of: ({ facets: { asn, net, country } }) => largestKnown(asn.surprise, net.surprise, country.surprise),
  }),
  feature({
    name: 'operation_entropy',
    group: 'operations',
    unit: 'nats',
    doc: "Shannon entropy of the hour's operations.",
    higherIs: 'either',
    of: hour => hour.operationEntropy,
  }),
  feature({
    name: 'object_entropy',
    group: 'objects',
    unit: 'nats',
    doc: "Shannon entropy of the hour's objects.",
    higherIs: 'either',
    of: hour => hour.objectEntropy,
  }),
  feature({
    name: 'out_of_grant_share',
    group: 'permissions',
    unit: 'share',
    doc: 'Requests whose required scope is not granted. Null where scopes are unknown.',
    higherIs: 'worse',
    of: hour => hour.outOfGrant / hour.requests,
  }),
  feature({
    name: 'out_of_grant',
    group: 'permissions',
    unit: 'log events',
    doc: 'ln(1 + requests whose required scope is not granted).',
    higherIs: 'worse',
    of: hour => Math.log(1 + hour.outOfGrant),
  }),
  feature({
    name: 'denied_share',
    group: 'permissions',
    unit: 'share',
    doc: 'Requests answered 401 or 403.',
    higherIs: 'worse',
    of: hour => hour.denied / hour.requests,
  }),
  feature({
    name: 'denied_sensitive',
    group: 'permissions',
    unit: 'log events',
    doc: 'ln(1 + sensitive operations denied): probing of functions above the token’s level (BFLA).',
    higherIs: 'worse',
    of: hour => Math.log(1 + hour.deniedSensitive),
  }),
  feature({
    name: 'failed_share',
    group: 'responses',
    unit: 'share',
    doc: 'Requests answered 400 or above.',
    higherIs: 'worse',
    of: hour => hour.failed / hour.requests,
  }),
  feature({
    name: 'delete_share',
    group: 'destructive',
    unit: 'share',
    doc: 'Deletes among requests.',
    higherIs: 'worse',
    of: hour => hour.deletes / hour.requests,
  }),
  feature({
    name: 'foreign_share',
    group: 'objects',
    unit: 'share',
    doc: "Objects of the hour that are new to the principal but used by others: somebody else's data (BOLA).",
    higherIs: 'worse',
    of: hour => hour.objects.foreign / hour.objects.distinct,
  }),
  feature({
    name: 'address_tokens',
    group: 'sharing',
    unit: 'log tokens',
    doc: 'ln of the tokens on the same address in the hour.',
    higherIs: 'worse',
    of: hour => Math.log(hour.addressTokens),
  }),
  feature({
    name: 'address_tenants',
    group: 'sharing',
    unit: 'tenants',
    doc: 'Tenants on the same address in the hour: a proxy is shared, but rarely across customers.',
    higherIs: 'worse',
    of: hour => hour.addressTenants,
  }),
  ...SO_FAR_FEATURES,
  ...DRIFT_FEATURES,
  ...BUDGETS,
  context('tenant_tokens', 'log tokens', 'ln of the tenant’s tokens active in the hour.', hour =>
    Math.log(hour.tenant.tokens),
  ),
  context(
    'tenant_moved',
    'share',
    'Other tokens of the tenant on a new network in the same hour.',
    hour => hour.tenant.moved,
  ),
  context(
    'tenant_new_client',
    'share',
    'Other tokens of the tenant on a new client in the same hour.',
    hour => hour.tenant.newClient,
  ),
  context(
    'tenant_new_operation',
    'share',
    'Other tokens of the tenant with a new operation in the same hour.',
    hour => hour.tenant.newOperation,
  ),
  context(
    'tenant_server_errors',
    'share',
    'Requests of the tenant’s other tokens answered 5xx: an outage.',
    hour => hour.tenant.serverErrors,
  ),
  context(
    'tenant_failed',
    'share',
    'Requests of the tenant’s other tokens answered 400 or above.',
    hour => hour.tenant.failed,
  ),
  context(
    'operation_adopted',
    'share',
    'Active tokens that took up the hour’s newest operation within a week.',
    hour => hour.facets.operation.adopted,
  ),
  context(
    'asn_adopted',
    'share',
    'Active tokens that took up the hour’s newest autonomous system within a week.',
    hour => hour.facets.asn.adopted,
  ),
  context(
    'client_adopted',
    'share',
    'Active tokens that took up the hour’s newest client within a week.',
    hour => hour.facets.client.adopted,
  ),
  context('log_requests', 'log events', 'ln(1 + requests).', hour => Math.log(1 + hour.requests)),
  maturity('active_days', 'log days', 'ln(1 + earlier days with traffic).', hour =>
    Math.log(1 + hour.past.activeDays),
  ),
  maturity(
    'own_days',
    'log days',
    'ln(1 + earlier days of this very token, without those of the tokens it follows): 0 on the first day of a rotated one.',
    hour => Math.log(1 + hour.past.ownDays),
  ),
  maturity('active_hours', 'log hours', 'ln(1 + earlier hours with traffic).', hour =>
    Math.log(1 + hour.past.activeHours),
  ),
  maturity(
    'maturity',
    'share',
    'How much history stands behind the baselines: 1 - exp(-active days / 7), 0 for the first day.',
    hour => 1 - Math.exp(-hour.past.activeDays / 7),
  ),
]

function context<const Name extends string>(
  name: Name,
  unit: string,
  doc: string,
  of: Definition['of'],
): Definition<Name> {
  return { name, group: 'context', unit, doc, higherIs: 'context', of }
}

function maturity<const Name extends string>(
  name: Name,
  unit: string,
  doc: string,
  of: Definition['of'],
): Definition<Name> {
  return { name, group: 'maturity', unit, doc, higherIs: 'context', of }
}

/** Largest of three numbers, those that are unknown left out; NaN where all are. */
function largestKnown(a: number, b: number, c: number): number {
  let largest = a
  if (!(largest >= b) && b === b) largest = b
  if (!(largest >= c) && c === c) largest = c
  return largest
}
