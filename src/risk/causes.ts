import { OWN_PREFIX } from '../schema/own-onnx.ts'
import type { Facts } from './fact-words.ts'

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

/** Nats from which a signal fires: one token-hour in a thousand. */
export const FIRING_NATS = Math.log(1000)

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
  own_model: 'Unusual to a model of your own',
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

/** What must have been seen for a detector's name to be believed, however surprising its facts are. */
const NEEDS: Readonly<Record<string, (facts: Facts) => boolean>> = {
  // Two networks in an hour are a phone or a thief beside the owner; a botnet has many.
  many_networks: facts => atLeast(facts, 'ips_actual', 4) || atLeast(facts, 'nets_actual', 4),
  two_places: facts =>
    atLeast(facts, 'net_returns_actual', 1) ||
    atLeast(facts, 'country_switches_actual', 2) ||
    atLeast(facts, 'three_day_handovers_actual', 2) ||
    atLeast(facts, 'speed_kmh', 900),
  shared_address: facts =>
    atLeast(facts, 'new_sharers_actual', 1) || atLeast(facts, 'address_tokens', Math.LN2),
  // New operations come in a new order; that is no second fact.
  sequence: facts => !atLeast(facts, 'fresh_operations_actual', 1),
  privilege_probing: facts => atLeast(facts, 'denied_actual', 1) || atLeast(facts, 'day_denied_actual', 1),
}

/** What a detector's facts are called where its own name is not borne out and no other detector of its family weighs. */
const ELSE_CALLED: Readonly<Record<string, string>> = { sequence: 'new_operations' }

function atLeast(facts: Facts, name: string, least: number): boolean {
  const value = facts[name]
  return typeof value === 'number' && value >= least
}

/** What speaks for naming a reason after one of its detectors. */
export interface Naming {
  /** Share of the reason, 0-1; a reason's add up to 1. */
  readonly share: number
  /** How rare the detector by itself finds the token-hour, nats. */
  readonly surprise: number
}

/**
 * What a reason is called, and the detector that it is called after: the most specific of its family that weighs a quarter, or
 * is the most surprised of them and fires, and whose facts bear its name out; else the one that weighs most.
 */
export function causeOf(
  namings: ReadonlyMap<string, Naming>,
  facts: Facts,
): { code: string; detector: string } {
  const share = (detector: string) => namings.get(detector)?.share ?? 0
  const isBorneOut = (detector: string) => NEEDS[detector]?.(facts) ?? true
  const names = [...namings.keys()].filter(isBorneOut)
  const candidates = names.length > 0 ? names : [...namings.keys()]
  const strongest = candidates.reduce((best, name) => (share(name) > share(best) ? name : best))
  const family = FAMILIES.find(one => one.detectors.includes(strongest))
  const nats = (name: string) => namings.get(name)?.surprise ?? 0
  const most = Math.max(...candidates.map(nats))
  const weighs = (name: string) =>
    share(name) >= NAMING_SHARE || (nats(name) >= FIRING_NATS && nats(name) === most)
  const specific = family?.detectors.find(name => candidates.includes(name) && weighs(name)) ?? strongest
  const isDevice = specific === 'new_place' || specific === 'new_client'
  if (isDevice && share('new_place') >= BOTH_SHARE && share('new_client') >= BOTH_SHARE) {
    const detector = share('new_client') > share('new_place') ? 'new_client' : 'new_place'
    return { code: 'new_client_and_place', detector }
  }
  const named = isDevice ? strongest : specific
  const detector = isBorneOut(named) ? named : (ELSE_CALLED[named] ?? named)
  if (detector.startsWith(OWN_PREFIX)) return { code: 'own_model', detector }
  return { code: CODES[detector] ?? detector, detector }
}
