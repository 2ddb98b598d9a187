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
  'asn_surprise',
  'network_type_surprise',
  'net_returns_tail',
  'speed_kmh',
] as const

/**
 * Least log-odds per nat beyond the knee. On three simulated worlds that no weight saw it costs 0.01 of token-day AP each; on a log by
 * another generator, whose author knew neither ours nor the product, it gains 0.03 and finds 58 instead of 51 % of the
 * incidents at 10 alerts a day.
 */
const LEAST_BEYOND_KNEE = 0.05

/**
 * Least log-odds per nat of facts that are worth more than simulated worlds taught.
 *
 * Hours: real people's habits are tighter than simulated ones. Chosen on accounts of github_human_activity with runs of other accounts
 * spliced in by two seeds of ours (not the published splices, which are reported): token-day AP .23 to .27 each.
 *
 * What was not granted, and changes of country: to simulated thieves both are rare, to a rule of thumb both are damning. On a
 * log by another generator token-day AP .49 to .56, on simulated worlds that no weight saw no change (-.003 to +.003).
 *
 * Handovers: the weights are older than the fact. 0.4 was chosen on simulated worlds and logs by another generator that are not reported.
 */
const LEAST_PER_NAT: Readonly<Record<string, number>> = {
  day_hour_surprise: 0.7,
  hour_surprise: 0.2,
  out_of_grant: 0.4,
  country_switches_tail: 0.2,
  three_day_handovers_tail: 0.4,
}

/**
 * Most log-odds per nat of facts that simulated worlds overrate. There only thieves bring tokens of several tenants to one new address;
 * elsewhere a VPN gateway or a cloud's egress does. On a log by another generator with such gateways it takes a third of the
 * false alarms (27.6 to 18.5 a day at a budget of 10) and finds as many incidents; on simulated worlds it costs 0.006-0.018 of AP and
 * finds more incidents at three alerts a day, since the tokens of one stuffing no longer fill the queue.
 */
const MOST_PER_NAT: Readonly<Record<string, number>> = { address_tenants: 0.2 }

/**
 * Log-odds per nat of the strongest signal beyond the knee, uncapped: one specialist who is sure is heard, though the sum of many
 * small facts would drown it. On the same logs it costs 0.01 (simulated easy), gains 0.01 (hard), and gains 0.04 and 12 %
 * of the incidents at 10 a day on the other generator's.
 */
const SPECIALIST_BEYOND_KNEE = 0.3

/** A combination in which the named facts count at least a little where they are extreme, and so does the strongest signal. */
export function withFloor(combination: Combination): Combination {
  const weights: Record<string, EvidenceWeight> = { ...combination.weights }
  for (const source of NEVER_SILENT) {
    const { perNat, beyondKnee } = weights[source] ?? { perNat: 0, beyondKnee: 0 }
    weights[source] = { perNat, beyondKnee: Math.max(beyondKnee, LEAST_BEYOND_KNEE) }
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
