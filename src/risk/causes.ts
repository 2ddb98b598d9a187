/** Detectors whose facts have one cause and are told as one reason; the first that weighs enough gives the name. */
interface Family {
  readonly name: string
  /** The most specific first. */
  readonly detectors: readonly string[]
}

const FAMILIES: readonly Family[] = [
  {
    // Someone else's device: client, network, country and address change together.
    name: 'access',
    detectors: ['shared_address', 'two_places', 'many_networks', 'new_place', 'new_client'],
  },
  {
    // A new operation is an unusual scope, sequence and permission as well.
    name: 'permissions',
    detectors: ['scope_violation', 'privilege_probing', 'new_operations', 'permission_clusters', 'sequence'],
  },
]

/** Share of a reason from which a more specific detector names it. */
const NAMING_SHARE = 0.25

/** Share of a reason from which place and client are both named. */
const BOTH_SHARE = 0.2

/** Causes that are no signal, with the title an analyst reads. */
export const OTHER_CAUSES: Readonly<Record<string, string>> = {
  new_client_and_place: 'Use from a new place with a new client',
  permission_violation: 'Use outside the expected permissions',
  unusual_combination: 'Unusual combination of behaviour',
  unusual_outcomes: 'Unusual failures or answers',
}

/** Codes of what detectors find that are no signals. */
const CODES: Readonly<Record<string, string>> = {
  permission_clusters: 'permission_violation',
  isolation_forest: 'unusual_combination',
  tail_surprise: 'unusual_outcomes',
}

/** Detectors of one family explain each other. */
export function familyOf(detector: string): string {
  return FAMILIES.find(family => family.detectors.includes(detector))?.name ?? detector
}

/** What a reason is called, by the shares of its detectors (of one family, together 1), and the detector that it is called after. */
export function causeOf(shares: ReadonlyMap<string, number>): { code: string; detector: string } {
  const share = (detector: string) => shares.get(detector) ?? 0
  const strongest = [...shares.keys()].reduce((best, name) => (share(name) > share(best) ? name : best))
  const family = FAMILIES.find(one => one.detectors.includes(strongest))
  const specific = family?.detectors.find(name => share(name) >= NAMING_SHARE) ?? strongest
  const isDevice = specific === 'new_place' || specific === 'new_client'
  if (isDevice && share('new_place') >= BOTH_SHARE && share('new_client') >= BOTH_SHARE)
    return {
      code: 'new_client_and_place',
      detector: share('new_client') > share('new_place') ? 'new_client' : 'new_place',
    }
  const detector = isDevice ? strongest : specific
  return { code: CODES[detector] ?? detector, detector }
}
