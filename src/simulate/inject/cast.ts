import type { Random } from '../../lib/random.ts'
import type { InjectedAttack, Intensity, LogFacts, TokenSummary } from './model.ts'

/** What a victim must have shown before the attack: enough of a history to be betrayed by a change. */
const LEAST_EVENTS_BEFORE = 20
const LEAST_DAYS_BEFORE = 3
/** By default no more than this share of the possible victims: more would be the log's normal. */
const VICTIM_SHARE = 0.25
/** Incidents by default of each attack and intensity. */
const ROUNDS = 2

/** One incident to come. */
export interface Turn {
  readonly number: number
  readonly attack: InjectedAttack
  readonly intensity: Intensity
}

/** Who takes part in an incident. */
export interface Cast {
  readonly victim: TokenSummary
  readonly donors: readonly TokenSummary[]
}

/** Tokens with a history before the period that are still in use within it. */
export function possibleVictims(log: LogFacts): TokenSummary[] {
  return log.tokens.filter(
    token =>
      token.eventsBefore >= LEAST_EVENTS_BEFORE &&
      token.daysBefore >= LEAST_DAYS_BEFORE &&
      token.daysWithin > 0,
  )
}

/**
 * The order of incidents: every attack in every intensity in turn. Attacks that the log cannot carry have none.
 * @param incidents how many; where left out, two of each, but no more than a quarter of the possible victims (one of each at least)
 */
export function takeTurns(
  log: LogFacts,
  attacks: readonly InjectedAttack[],
  intensities: readonly Intensity[],
  incidents: number | undefined,
): Turn[] {
  const kinds = intensities.flatMap(intensity =>
    attacks.filter(attack => attack.missing(log) === null).map(attack => ({ attack, intensity })),
  )
  if (kinds.length === 0) return []
  const share = Math.floor(VICTIM_SHARE * possibleVictims(log).length)
  const count = incidents ?? Math.max(kinds.length, Math.min(ROUNDS * kinds.length, share))
  return Array.from({ length: count }, (_, i) => ({ number: i + 1, ...kinds[i % kinds.length]! }))
}

/**
 * A victim that is none yet, and donors of other principals: the victim's tenant before others, who are no victims before victims, the
 * busy before the idle within a random order. Undefined when every possible victim is one.
 */
export function castIncident(
  log: LogFacts,
  { attack, intensity }: Turn,
  victims: ReadonlySet<TokenSummary>,
  random: Random,
): Cast | undefined {
  const free = possibleVictims(log).filter(token => !victims.has(token))
  if (free.length === 0) return undefined
  const inventoried = free.filter(token => log.inventoried.has(token.principalId))
  const victim = random.pick(attack.name === 'rotation_hijack' && inventoried.length > 0 ? inventoried : free)
  const wanted = typeof attack.donors === 'number' ? attack.donors : attack.donors[intensity]
  if (wanted === 0) return { victim, donors: [] }
  const rank = (token: TokenSummary) =>
    (token.tenantId === victim.tenantId ? 0 : 4) + (victims.has(token) ? 2 : 0) + (token.events < 60 ? 1 : 0)
  const donors = random
    .shuffle(log.tokens.filter(token => token.principalId !== victim.principalId))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, wanted)
  return { victim, donors }
}
