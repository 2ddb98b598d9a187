/**
 * One specialist a misuse. A term is one fact: the largest surprise among its features, so that one fact told by several
 * features counts once; a signal adds its terms by weight.
 */
export interface SignalTerm {
  readonly features: readonly string[]
  readonly weight: number
}

export interface Signal {
  /** Snake_case; the column is `detector_<name>`. */
  readonly name: string
  /** What an analyst calls it. */
  readonly title: string
  readonly terms: readonly SignalTerm[]
  /** MITRE ATT&CK techniques and OWASP API Security Top 10 2023 entries. */
  readonly techniques: readonly string[]
}

const full = (...features: string[]): SignalTerm => ({ features, weight: 1 })
const half = (...features: string[]): SignalTerm => ({ features, weight: 0.5 })

/** A first version of every row of the misuse table. */
export const SIGNALS: readonly Signal[] = [
  {
    name: 'rate',
    title: 'Unusual request rate',
    terms: [
      full('requests_tail', 'requests_excess', 'day_requests_tail', 'day_requests_excess'),
      half('peak_10min_tail', 'peak_10min_excess'),
      half('active_minutes_tail', 'quick_gaps_tail'),
    ],
    techniques: ['T1078.004', 'API4:2023'],
  },
  {
    name: 'off_hours',
    title: 'Use at unusual hours',
    terms: [full('hour_surprise', 'night_requests', 'day_hour_surprise'), half('day_hours_tail')],
    techniques: ['T1078.004'],
  },
  {
    name: 'new_place',
    title: 'Use from a new network or place',
    terms: [
      full('asn_surprise', 'country_surprise', 'net_surprise'),
      half('network_type_surprise'),
      half('ip_surprise'),
    ],
    techniques: ['T1550.001', 'T1078.004'],
  },
  {
    name: 'two_places',
    title: 'Two places at once',
    terms: [
      full('net_returns_tail', 'country_switches_tail', 'speed_kmh'),
      full('day_handovers_tail', 'day_handovers_excess', 'three_day_handovers_tail'),
      half('asns_tail', 'nets_tail'),
    ],
    techniques: ['T1550.001'],
  },
  {
    name: 'new_client',
    title: 'Use with a new client',
    terms: [full('client_surprise', 'agent_surprise'), half('client_switches_tail', 'clients_tail')],
    techniques: ['T1550.001'],
  },
  {
    name: 'scope_violation',
    title: 'Use outside the granted or usual scopes',
    terms: [
      full('out_of_grant', 'out_of_grant_share'),
      full('scope_surprise', 'scope_surplus', 'day_scope_surprise'),
    ],
    techniques: ['T1078.004', 'API5:2023'],
  },
  {
    name: 'privilege_probing',
    title: 'Probing of privileged functions',
    terms: [
      full('denied_tail', 'denied_excess', 'day_denied_tail'),
      full('denied_sensitive'),
      half('operation_surplus'),
    ],
    techniques: ['T1528', 'API5:2023'],
  },
  {
    name: 'new_operations',
    title: 'Operations the token does not use',
    terms: [
      full('operation_surprise', 'operation_surplus', 'day_operation_surprise'),
      half('day_fresh_operations_tail'),
      half('sensitive_tail', 'day_sensitive_tail'),
    ],
    techniques: ['T1078.004', 'API5:2023'],
  },
  {
    name: 'object_enumeration',
    title: "Enumeration of other people's objects",
    terms: [
      full('refused_objects_tail', 'refused_objects_excess', 'day_refused_objects_tail'),
      full(
        'foreign_objects_tail',
        'foreign_objects_excess',
        'day_foreign_objects_tail',
        'private_objects_tail',
      ),
      half('not_found_tail', 'not_found_excess'),
      half('id_steps_tail', 'id_steps_excess'),
      half('objects_tail', 'objects_excess', 'day_objects_tail'),
    ],
    techniques: ['T1530', 'API1:2023'],
  },
  {
    name: 'exfiltration',
    title: 'Unusual amount of data taken out',
    terms: [
      full(
        'response_bytes_tail',
        'response_bytes_excess',
        'day_response_bytes_tail',
        'day_response_bytes_excess',
      ),
      half('largest_response_tail', 'largest_response_excess', 'bytes_per_request_excess'),
      half('fresh_objects_tail', 'fresh_objects_excess'),
    ],
    techniques: ['T1530', 'T1567', 'API6:2023'],
  },
  {
    name: 'destructive_burst',
    title: 'Burst of deletes and writes',
    terms: [
      full('deletes_tail', 'deletes_excess', 'day_deletes_tail', 'delete_share'),
      half('writes_tail', 'writes_excess'),
    ],
    techniques: ['T1485', 'API5:2023'],
  },
  {
    name: 'dormant_revival',
    title: 'Dormant token back in use',
    terms: [full('gap_tail')],
    techniques: ['T1078.004', 'API2:2023'],
  },
  {
    name: 'shared_address',
    title: 'One address, many tokens',
    terms: [full('new_sharers_tail', 'new_sharers_excess'), half('address_tokens'), half('address_tenants')],
    techniques: ['T1110.004', 'T1528', 'API2:2023'],
  },
  {
    name: 'many_networks',
    title: 'One token, many networks',
    terms: [full('ips_tail', 'ips_excess', 'nets_tail', 'asns_tail'), half('ip_surplus', 'asn_surplus')],
    techniques: ['T1090.003', 'T1550.001', 'API2:2023'],
  },
  {
    name: 'slow_drift',
    title: 'Slow change over days',
    terms: [
      full('object_budget', 'operation_budget', 'scope_budget', 'asn_budget'),
      full(
        'day_foreign_objects_cusum',
        'day_response_bytes_cusum',
        'day_objects_cusum',
        'day_sensitive_cusum',
        'day_fresh_operations_cusum',
      ),
      half(
        'day_foreign_objects_shift',
        'day_response_bytes_shift',
        'day_objects_shift',
        'day_sensitive_shift',
      ),
    ],
    techniques: ['T1029', 'T1530'],
  },
  {
    name: 'sequence',
    title: 'Operations in an unusual order',
    terms: [
      full('bigram_mean_surprise', 'bigram_surplus'),
      half('fresh_bigrams_tail'),
      half('operation_mean_surprise', 'day_bigram_surprise'),
    ],
    techniques: ['T1078.004'],
  },
]
