import type { Combination, EvidenceWeight } from './combine.ts'

/**
 * Facts that must never count for nothing, however little the simulated worlds had to learn about them: a simulator's thieves are
 * few, and a site may meet one that only takes too much, deletes too much, or asks for what it was not granted.
 */
const NEVER_SILENT = [
  'requests_excess',
  'day_requests_excess',
  'peak_10min_excess',
  'response_bytes_excess',
  'day_response_bytes_excess',
  'largest_response_excess',
  'deletes_excess',
  'day_deletes_excess',
  'foreign_objects_excess',
  'private_objects_excess',
  'day_foreign_objects_excess',
  'fresh_objects_excess',
  'objects_excess',
  'id_steps_excess',
  'denied_excess',
  'day_denied_excess',
  'denied_sensitive',
  'sensitive_excess',
  'day_sensitive_excess',
  'out_of_grant',
  'out_of_grant_share',
  'operation_surplus',
  'scope_surplus',
  'ips_excess',
  'asns_tail',
  'net_returns_tail',
  'speed_kmh',
] as const

/**
 * Least log-odds per nat beyond the knee. With 0.05 weights of this kind lose 0.03 of token-day AP on simulated worlds that they had not
 * seen, with 0.02 they lose 0.008; on logs by another generator both gain 0.002 to 0.01.
 */
const LEAST_BEYOND_KNEE = 0.02

/**
 * Deletes cost more than other misuse: many of them at once are told as such, not as a high rate. Clean-ups are common in simulated worlds,
 * where this costs 0.010 of token-day AP; elsewhere nothing.
 */
const LEAST_BEYOND_KNEE_OF: Readonly<Record<string, number>> = { deletes_tail: 0.4 }

/**
 * Least log-odds per nat of facts that are worth more than simulated worlds taught.
 *
 * What was not granted, and changes of country: to simulated thieves both are rare, to a rule of thumb both are damning. On a log by
 * another generator token-day AP .49 to .56 with 0.4; since then storms of 403 count as common, and 0.25 costs nothing elsewhere.
 *
 * Handovers: simulated thieves avoid the owner's hours more than others. On simulated worlds that no weight saw 0.4 gains 0.011 over the
 * fitted 0.24, on logs by another generator 0.012.
 *
 * Many addresses in one hour are a fact of their own beside a new place, and have to be told as such; 0.006 of AP on both.
 */
const LEAST_PER_NAT: Readonly<Record<string, number>> = {
  out_of_grant: 0.25,
  country_switches_tail: 0.2,
  three_day_handovers_tail: 0.4,
  ips_tail: 0.2,
  nets_tail: 0.1,
}

/**
 * Most log-odds per nat of facts that simulated worlds overrate. There only thieves bring tokens of several tenants to one new address;
 * elsewhere a VPN gateway or a cloud's egress does. On a log by another generator with such gateways it takes a third of the
 * false alarms (27.6 to 18.5 a day at a budget of 10) and finds as many incidents; on simulated worlds it costs 0.014 of AP.
 *
 * Pairs of operations in a new order: what people do next is freer than simulated workflows. 0.15 in place of the fitted 0.3 or so gains
 * 0.010 of AP on simulated worlds that no weight saw and 0.008 on logs by another generator; 0.25 still tells new operations as such.
 */
const MOST_PER_NAT: Readonly<Record<string, number>> = {
  address_tenants: 0.2,
  fresh_bigrams_tail: 0.25,
  // Whoever works through a list steps through its ids: a walk is told by its refusals and by whose objects it meets.
  id_steps_tail: 0.05,
}

/**
 * Log-odds per nat of the strongest signal beyond the knee, uncapped: one specialist who is sure is heard, though the sum of many
 * small facts would drown it. On simulated worlds it costs 0.012 of AP, on logs by another generator it gains 0.043.
 */
const SPECIALIST_BEYOND_KNEE = 0.3

/** A combination in which the named facts count at least a little where they are extreme, and so does the strongest signal. */
export function withFloor(combination: Combination): Combination {
  const weights: Record<string, EvidenceWeight> = { ...combination.weights }
  for (const source of NEVER_SILENT) {
    const { perNat, beyondKnee } = weights[source] ?? { perNat: 0, beyondKnee: 0 }
    weights[source] = { perNat, beyondKnee: Math.max(beyondKnee, LEAST_BEYOND_KNEE) }
  }
  for (const [source, least] of Object.entries(LEAST_BEYOND_KNEE_OF)) {
    const { perNat, beyondKnee } = weights[source] ?? { perNat: 0, beyondKnee: 0 }
    weights[source] = { perNat, beyondKnee: Math.max(beyondKnee, least) }
  }
  for (const [source, least] of Object.entries(LEAST_PER_NAT)) {
    const { perNat, beyondKnee } = weights[source] ?? { perNat: 0, beyondKnee: 0 }
    weights[source] = { perNat: Math.max(perNat, least), beyondKnee }
  }
  for (const [source, most] of Object.entries(MOST_PER_NAT)) {
    const learned = weights[source]
    if (learned !== undefined) weights[source] = { ...learned, perNat: Math.min(learned.perNat, most) }
  }
  weights.specialist = { perNat: 0, beyondKnee: SPECIALIST_BEYOND_KNEE, cap: Number.MAX_VALUE }
  return { ...combination, weights }
}
