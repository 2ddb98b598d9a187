import type { Feature } from '../../schema/features.ts'
import { DRIFT_METRICS } from '../metrics.ts'
import { SO_FAR_FACETS } from '../relations/so-far.ts'
import { facetSql } from '../relations/values.ts'

const DRIFT_FEATURES: readonly Feature[] = DRIFT_METRICS.flatMap((name): Feature[] => [
  {
    name: `${name}_cusum`,
    group: 'drift',
    unit: 'robust deviations',
    doc: `One-sided CUSUM (Page 1954, allowance 1/2) of the daily ${name.slice(4)} up to yesterday, less the growth that half of the tenant shares.`,
    higherIs: 'worse',
    sql: `dr.${name}_cusum`,
  },
  {
    name: `${name}_shift`,
    group: 'drift',
    unit: 'robust deviations',
    doc: `Mean of the last five active days' ${name.slice(4)} less the median before.`,
    higherIs: 'worse',
    sql: `dr.${name}_shift`,
  },
])

const BUDGETS: readonly Feature[] = (['operation', 'object', 'scope', 'asn', 'bigram'] as const).map(
  facet => ({
    name: `${facet}_budget`,
    group: 'drift' as const,
    unit: 'standard deviations',
    doc: `First-seen values (${facet}) of the last seven days beyond the token's earlier rate, less what half of the tenant shows, too.`,
    higherIs: 'worse' as const,
    sql: `nb.${facet}_budget`,
  }),
)

const SO_FAR_GROUPS = {
  operation: { group: 'operations', what: 'operations' },
  bigram: { group: 'operations', what: 'sequences of operations' },
  scope: { group: 'permissions', what: 'scopes used' },
  net: { group: 'network', what: 'networks' },
} as const

const SO_FAR_FEATURES: readonly Feature[] = SO_FAR_FACETS.map(facet => ({
  name: `day_${facet}_surprise`,
  group: SO_FAR_GROUPS[facet].group,
  unit: 'nats',
  doc: `Surprise of the ${SO_FAR_GROUPS[facet].what} since midnight UTC: sum over the requests by the square root of their number.`,
  higherIs: 'worse' as const,
  sql: `sf.${facet}`,
}))

/** Features with an expression of their own. */
export const OTHER_FEATURES: readonly Feature[] = [
  {
    name: 'hour_surprise',
    group: 'time',
    unit: 'nats',
    doc: "How unusual the hour is in the token's week (weekday and weekend hours), drawn to its peers; 0 at its busiest hour. Changes of the clock in its country, and travel to a country used before, do not count.",
    higherIs: 'worse',
    sql: 'hx.hour_surprise',
  },
  {
    name: 'night_requests',
    group: 'time',
    unit: 'nats x log events',
    doc: 'Surprise of the hour times the logarithm of the requests in it: a lone request at night says less than many.',
    higherIs: 'worse',
    sql: 'hx.hour_surprise * ln(1 + w.requests)',
  },
  {
    name: 'day_hour_surprise',
    group: 'time',
    unit: 'nats',
    doc: "Mean surprise of the token's hours since midnight UTC, two calm hours added: a strange day rather than one strange hour.",
    higherIs: 'worse',
    sql: 'sf.hour',
  },
  {
    name: 'regularity',
    group: 'time',
    unit: 'ratio',
    doc: 'Standard deviation over mean of the seconds between requests; 0 is a metronome. Null under six requests.',
    higherIs: 'either',
    sql: 'w.gap_cv',
  },
  {
    name: 'speed_kmh',
    group: 'network',
    unit: 'km/h',
    doc: 'Fastest move between consecutive located requests at least 100 km apart. Null without coordinates.',
    higherIs: 'worse',
    sql: 'w.max_speed_kmh',
  },
  {
    name: 'place_surprise',
    group: 'network',
    unit: 'nats',
    doc: 'Largest surprise of autonomous system, network and country: one fact, counted once.',
    higherIs: 'worse',
    sql: `greatest(${facetSql('asn', 'surprise')}, ${facetSql('net', 'surprise')}, ${facetSql('country', 'surprise')})`,
  },
  {
    name: 'operation_entropy',
    group: 'operations',
    unit: 'nats',
    doc: "Shannon entropy of the hour's operations.",
    higherIs: 'either',
    sql: 'en.operation_entropy',
  },
  {
    name: 'object_entropy',
    group: 'objects',
    unit: 'nats',
    doc: "Shannon entropy of the hour's objects.",
    higherIs: 'either',
    sql: 'en.object_entropy',
  },
  {
    name: 'out_of_grant_share',
    group: 'permissions',
    unit: 'share',
    doc: 'Requests whose required scope is not granted. Null where scopes are unknown.',
    higherIs: 'worse',
    sql: 'w.out_of_grant / w.requests',
  },
  {
    name: 'out_of_grant',
    group: 'permissions',
    unit: 'log events',
    doc: 'ln(1 + requests whose required scope is not granted).',
    higherIs: 'worse',
    sql: 'ln(1 + w.out_of_grant)',
  },
  {
    name: 'denied_share',
    group: 'permissions',
    unit: 'share',
    doc: 'Requests answered 401 or 403.',
    higherIs: 'worse',
    sql: 'w.denied / w.requests',
  },
  {
    name: 'denied_sensitive',
    group: 'permissions',
    unit: 'log events',
    doc: 'ln(1 + sensitive operations denied): probing of functions above the token’s level (BFLA).',
    higherIs: 'worse',
    sql: 'ln(1 + w.denied_sensitive)',
  },
  {
    name: 'failed_share',
    group: 'responses',
    unit: 'share',
    doc: 'Requests answered 400 or above.',
    higherIs: 'worse',
    sql: 'w.failed / w.requests',
  },
  {
    name: 'delete_share',
    group: 'destructive',
    unit: 'share',
    doc: 'Deletes among requests.',
    higherIs: 'worse',
    sql: 'w.deletes / w.requests',
  },
  {
    name: 'foreign_share',
    group: 'objects',
    unit: 'share',
    doc: "Objects of the hour that are new to the principal but used by others: somebody else's data (BOLA).",
    higherIs: 'worse',
    sql: 'fx.objects_foreign / nullif(fx.objects, 0)',
  },
  {
    name: 'address_tokens',
    group: 'sharing',
    unit: 'log tokens',
    doc: 'ln of the tokens on the same address in the hour.',
    higherIs: 'worse',
    sql: 'ln(sh.ip_tokens)',
  },
  {
    name: 'address_tenants',
    group: 'sharing',
    unit: 'tenants',
    doc: 'Tenants on the same address in the hour: a proxy is shared, but rarely across customers.',
    higherIs: 'worse',
    sql: 'sh.ip_tenants',
  },
  ...SO_FAR_FEATURES,
  ...DRIFT_FEATURES,
  ...BUDGETS,
  context(
    'tenant_tokens',
    'log tokens',
    'ln of the tenant’s tokens active in the hour.',
    'ln(cx.tenant_tokens)',
  ),
  context(
    'tenant_moved',
    'share',
    'Other tokens of the tenant on a new network in the same hour.',
    'cx.tenant_moved',
  ),
  context(
    'tenant_new_client',
    'share',
    'Other tokens of the tenant on a new client in the same hour.',
    'cx.tenant_new_client',
  ),
  context(
    'tenant_new_operation',
    'share',
    'Other tokens of the tenant with a new operation in the same hour.',
    'cx.tenant_new_operation',
  ),
  context(
    'tenant_server_errors',
    'share',
    'Requests of the tenant’s other tokens answered 5xx: an outage.',
    'cx.tenant_server_errors',
  ),
  context(
    'tenant_failed',
    'share',
    'Requests of the tenant’s other tokens answered 400 or above.',
    'cx.tenant_failed',
  ),
  context(
    'operation_adopted',
    'share',
    'Active tokens that took up the hour’s newest operation within a week.',
    facetSql('operation', 'adopted'),
  ),
  context(
    'asn_adopted',
    'share',
    'Active tokens that took up the hour’s newest autonomous system within a week.',
    facetSql('asn', 'adopted'),
  ),
  context(
    'client_adopted',
    'share',
    'Active tokens that took up the hour’s newest client within a week.',
    facetSql('client', 'adopted'),
  ),
  context('log_requests', 'log events', 'ln(1 + requests).', 'ln(1 + w.requests)'),
  maturity('active_days', 'log days', 'ln(1 + earlier days with traffic).', 'ln(1 + w.active_days)'),
  maturity(
    'own_days',
    'log days',
    'ln(1 + earlier days of this very token, without those of the tokens it follows): 0 on the first day of a rotated one.',
    'ln(1 + w.own_days)',
  ),
  maturity('active_hours', 'log hours', 'ln(1 + earlier hours with traffic).', 'ln(1 + w.active_hours)'),
  maturity(
    'maturity',
    'share',
    'How much history stands behind the baselines: 1 - exp(-active days / 7), 0 for the first day.',
    '1 - exp(-w.active_days / 7.0)',
  ),
]

function context(name: string, unit: string, doc: string, sql: string): Feature {
  return { name, group: 'context', unit, doc, higherIs: 'context', sql }
}

function maturity(name: string, unit: string, doc: string, sql: string): Feature {
  return { name, group: 'maturity', unit, doc, higherIs: 'context', sql }
}
