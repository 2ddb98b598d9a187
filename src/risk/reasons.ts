import type { Feature } from '../schema/features.ts'
import type { Reason, ReasonFact } from '../schema/scores.ts'
import { causeOf, FIRING_NATS, familyOf, type Naming } from './causes.ts'
import { type Facts, factCode, type ToldFact, tellFact } from './fact-words.ts'
import { ownCode, tellOwnFeature } from './own-words.ts'
import { round } from './quantities.ts'

/** What a reason is made from: a feature that weighed in a detector's evidence, and the row's evidence columns. */
export interface ReasonSource {
  readonly detector: string
  readonly feature: string
  /** Part of the score, nats. */
  readonly weight: number
  /** Features and evidence columns of the token-hour by name. */
  readonly facts: Facts
  /** The feature, where it is an operator's own: it tells itself. */
  readonly own?: Feature | undefined
}

/** Facts that made less than this share of a score explain nothing. */
const LEAST_SHARE = 0.01

/** The same for a reason as a whole, unless it is the only one or its signal fires. */
const LEAST_REASON_SHARE = 0.03

/** Facts of one reason at most: more are read by nobody. */
const MOST_FACTS = 6

/** Facts named in the sentence beside the strongest. */
const ALSO_NAMED = 2

/** A fact and its part of the score, before it is put in words. */
interface WeighedFact {
  /** Its strongest feature, which tells it. */
  readonly feature: string
  readonly own: Feature | undefined
  readonly facts: Facts
  readonly detector: string
  readonly strongest: number
  readonly weight: number
}

/** One cause of a score, without a word: what decides and counts, and what {@link tellCause} makes the sentences from. */
export interface Cause {
  readonly code: string
  readonly detector: string
  /** Share of the score, 0-1. */
  readonly contribution: number
  readonly surprise: number
  /** The one that tells it first; at most {@link MOST_FACTS}. */
  readonly facts: readonly WeighedFact[]
  /** The whole score, nats. */
  readonly total: number
}

/**
 * Reasons of a token-hour, strongest first, at most `limit`; contributions are shares of the whole score. Features that say
 * the same fact are told once, and facts of one cause (a new network, country and client: another device) make one reason.
 * `surpriseOf` says how rare a detector finds the token-hour, in nats.
 */
export function writeReasons(
  sources: readonly ReasonSource[],
  limit: number,
  surpriseOf: (detector: string) => number = () => 0,
): Reason[] {
  return findCauses(sources, limit, surpriseOf).map(tellCause)
}

/** The causes that {@link writeReasons} tells. */
export function findCauses(
  sources: readonly ReasonSource[],
  limit: number,
  surpriseOf: (detector: string) => number,
): Cause[] {
  const weighty = sources.filter(source => source.weight > 0)
  const total = weighty.reduce((sum, source) => sum + source.weight, 0)
  const byFamily = new Map<string, WeighedFact[]>()
  for (const fact of weighFacts(weighty)) {
    if (fact.weight < LEAST_SHARE * total) continue
    const family = familyOf(fact.detector)
    const facts = byFamily.get(family)
    if (facts === undefined) byFamily.set(family, [fact])
    else facts.push(fact)
  }
  return [...byFamily.values()]
    .map(facts => causeOfFacts(facts, total, surpriseOf))
    .sort((a, b) => b.contribution - a.contribution)
    .filter(
      (cause, i) => i === 0 || cause.contribution >= LEAST_REASON_SHARE || cause.surprise >= FIRING_NATS,
    )
    .slice(0, limit)
}

/** One entry a fact, strongest first. */
function weighFacts(sources: readonly ReasonSource[]): WeighedFact[] {
  const byCode = new Map<string, WeighedFact>()
  for (const { detector, feature, weight, facts, own } of sources) {
    const code = own === undefined ? factCode(feature, facts) : ownCode(own)
    const held = byCode.get(code)
    byCode.set(code, {
      ...(held !== undefined && held.strongest >= weight
        ? held
        : { feature, own, facts, detector, strongest: weight }),
      weight: weight + (held?.weight ?? 0),
    })
  }
  return [...byCode.values()].sort((a, b) => b.weight - a.weight)
}

function causeOfFacts(
  facts: readonly WeighedFact[],
  total: number,
  surpriseOf: (detector: string) => number,
): Cause {
  const weight = facts.reduce((sum, fact) => sum + fact.weight, 0)
  const namings = new Map<string, Naming>()
  for (const fact of facts) {
    const share = (namings.get(fact.detector)?.share ?? 0) + fact.weight / weight
    namings.set(fact.detector, { share, surprise: surpriseOf(fact.detector) })
  }
  const cause = causeOf(namings, facts[0]!.facts)
  // Told by the strongest fact of what it is called after.
  const lead = facts.find(fact => fact.detector === cause.detector) ?? facts[0]!
  return {
    ...cause,
    contribution: round(weight / total, 3),
    surprise: round(Math.max(...facts.map(fact => surpriseOf(fact.detector))), 2),
    facts: [lead, ...facts.filter(fact => fact !== lead)].slice(0, MOST_FACTS),
    total,
  }
}

/** A cause in sentences. */
export function tellCause({ code, detector, contribution, surprise, facts, total }: Cause): Reason {
  const told = facts.map(({ feature, own, facts: known }) =>
    own === undefined ? tellFact(feature, known) : tellOwnFeature(own, known),
  )
  const also = told.slice(1, 1 + ALSO_NAMED).map(fact => fact.brief)
  const { text, ...rest } = withoutBrief(told[0]!)
  return {
    ...rest,
    code,
    detector,
    contribution,
    surprise,
    text: also.length === 0 ? text : `${text}; also ${also.join(', ')}`,
    facts: told.map((fact, f) => ({
      ...withoutBrief(fact),
      contribution: round(facts[f]!.weight / total, 3),
    })),
  }
}

function withoutBrief({ brief: _, ...told }: ToldFact): Omit<ReasonFact, 'contribution'> {
  return told
}
