import type { Combination } from './combine.ts'

/** Weights before anything is known of a site. */
export const PRIOR_COMBINATION: Combination = {
  freeNats: 3,
  weights: {
    rate: 1,
    off_hours: 1,
    new_place: 1,
    two_places: 1,
    new_client: 1,
    scope_violation: 1,
    privilege_probing: 1,
    new_operations: 1,
    object_enumeration: 1,
    exfiltration: 1,
    destructive_burst: 1,
    dormant_revival: 1,
    shared_address: 1,
    many_networks: 1,
    slow_drift: 1,
    sequence: 1,
    isolation_forest: 0.5,
    permission_clusters: 0.5,
    tail_surprise: 0.5,
  },
}
