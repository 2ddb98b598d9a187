import { LINK_RULES, type Likeness, linkConfidence } from '../../features/succession.ts'
import { COUNT, COUNTS } from '../counts.ts'
import { FACET } from '../facets.ts'
import type { History } from '../history/history.ts'
import type { LinkRecord } from '../history/records.ts'
import { WITHHELD } from '../history/token-rings.ts'
import { firstRemembered, RING_DAYS, ringSlot } from '../memory.ts'
import { isOverruled, type LinksAtMidnight } from '../midnight/links.ts'
import type { TokenDay } from '../token-day.ts'
import type { Tuples } from '../tuples.ts'

/** Another token of the newcomer's principal, as known at the end of the newcomer's first hour. */
interface Candidate {
  readonly token: number
  readonly peer: number
  readonly lastTime: number
  readonly hours: number
}

/** A candidate that the newcomer is like enough to follow. */
interface Match {
  readonly day: TokenDay
  readonly candidate: Candidate
  readonly confidence: number
  readonly likeness: Likeness
}

/**
 * Links found on a day: a token seen for the first time is held against the other tokens of its principal, by what its first hour shows
 * in common with their past. Nothing after that hour is looked at. Each token follows one, and is followed by one: the first to come,
 * since who comes later is not known yet.
 */
export function findLinks(
  history: History,
  tuples: Tuples,
  day: number,
  tokenDays: readonly TokenDay[],
  { found, stated }: LinksAtMidnight,
): LinkRecord[] {
  const oldest = firstRemembered(day)
  const newcomers = tokenDays.filter(one => !(history.affiliations.lastDay[one.token]! >= oldest))
  if (newcomers.length === 0) return []
  const today = new Map(tokenDays.map(one => [one.token, one]))
  const byPrincipal = new Map<number, TokenDay[]>()
  for (const one of tokenDays) {
    for (const principal of new Set(one.principal))
      byPrincipal.set(principal, [...(byPrincipal.get(principal) ?? []), one])
  }
  const taken = new Set(found.map(link => link.previous))
  const matches = newcomers.flatMap(newcomer => {
    const candidates = candidatesOf(history, day, newcomer, byPrincipal.get(newcomer.principal[0]!) ?? [])
    const ranked = candidates
      .filter(one => !taken.has(one.token))
      .filter(one => !isOverruled(stated, { token: newcomer.token, previous: one.token }))
      .map((candidate): Match => {
        const likeness = likenessOf(history, tuples, newcomer, candidate, today.get(candidate.token))
        return { day: newcomer, candidate, likeness, confidence: linkConfidence(likeness) }
      })
      .filter(match => match.confidence >= LINK_RULES.leastConfidence)
      .sort((a, b) => b.confidence - a.confidence || b.candidate.lastTime - a.candidate.lastTime)
    return ranked.slice(0, 1)
  })
  const inOrder = matches.sort(
    (a, b) =>
      a.day.hours[0]! - b.day.hours[0]! ||
      b.confidence - a.confidence ||
      tuples.entities.compareTokens(a.day.token, b.day.token),
  )
  const links: LinkRecord[] = []
  for (const match of inOrder) {
    if (links.some(link => link.previous === match.candidate.token)) continue
    links.push({
      day,
      kind: 'linked',
      token: match.day.token,
      previous: match.candidate.token,
      since: match.day.counts[COUNT.firstTime]!,
      confidence: match.confidence,
      reason: reasonOf(match.likeness),
    })
  }
  return links
}

function candidatesOf(
  history: History,
  day: number,
  newcomer: TokenDay,
  sharing: readonly TokenDay[],
): Candidate[] {
  const principal = newcomer.principal[0]!
  const hour = newcomer.hours[0]!
  const firstTime = newcomer.counts[COUNT.firstTime]!
  const candidates = new Map<number, Candidate>()
  const add = (one: Candidate) => {
    const known = candidates.get(one.token)
    if (known === undefined) return candidates.set(one.token, one)
    const latest = one.lastTime > known.lastTime ? one : known
    return candidates.set(one.token, { ...latest, hours: known.hours + one.hours })
  }
  for (const token of history.affiliations.tokensOf(principal)) {
    if (token === newcomer.token) continue
    for (const spell of history.affiliations.spellsSince(token, firstRemembered(day))) {
      if (spell.principal !== principal) continue
      const { peer, lastTime } = spell
      add({ token, peer, lastTime, hours: hoursBetween(history, day, token, spell.firstDay, spell.lastDay) })
    }
  }
  for (const one of sharing) {
    if (one.token === newcomer.token) continue
    for (let h = 0; h < one.hours.length && one.hours[h]! <= hour; h++) {
      if (one.principal[h] !== principal || one.counts[h * COUNTS + COUNT.firstTime]! >= firstTime) continue
      add({
        token: one.token,
        peer: one.peer[h]!,
        lastTime: one.counts[h * COUNTS + COUNT.lastTime]!,
        hours: 1,
      })
    }
  }
  return [...candidates.values()].sort((a, b) => b.lastTime - a.lastTime).slice(0, LINK_RULES.mostCandidates)
}

/** Remembered hours of use within a spell. */
function hoursBetween({ rings }: History, day: number, token: number, first: number, last: number): number {
  let hours = 0
  for (let one = Math.max(first, firstRemembered(day)); one <= Math.min(last, day - 1); one++) {
    const count = rings.hours[token * RING_DAYS + ringSlot(one)]!
    if (count !== WITHHELD) hours += count
  }
  return hours
}

function likenessOf(
  history: History,
  { values }: Tuples,
  newcomer: TokenDay,
  candidate: Candidate,
  candidateDay: TokenDay | undefined,
): Likeness {
  const hour = newcomer.hours[0]!
  const firstTime = newcomer.counts[COUNT.firstTime]!
  const today = new Set<number>()
  if (candidateDay !== undefined) {
    for (let i = 0; i < candidateDay.values.length; i++)
      if (candidateDay.firstHour[i]! <= hour) today.add(candidateDay.values[i]!)
  }
  const isHabit = (value: number) => {
    if (today.has(value)) return true
    const entry = history.values.find(candidate.token, value)
    return entry >= 0 && (history.values.lo[entry] !== 0 || history.values.hi[entry] !== 0)
  }
  const share = (facet: number) => {
    let shared = 0
    let all = 0
    for (let i = 0; i < newcomer.offsets[1]!; i++) {
      const value = newcomer.values[newcomer.at[i]!]!
      if (values.facetOf[value] !== facet) continue
      all += newcomer.events[i]!
      if (isHabit(value)) shared += newcomer.events[i]!
    }
    return all === 0 ? Number.NaN : shared / all
  }
  // Whole minutes, as a clock on the wall counts them.
  const minutes = Math.floor(firstTime / 60_000) - Math.floor(candidate.lastTime / 60_000)
  return {
    net: share(FACET.net),
    asn: share(FACET.asn),
    client: share(FACET.client),
    agent: share(FACET.agent),
    operation: share(FACET.operation),
    requests: newcomer.counts[COUNT.requests]!,
    idleHours: Math.max(0, minutes / 60),
    previousHours: candidate.hours,
    samePeer: candidate.peer === newcomer.peer[0],
    isOverlapping: candidate.lastTime > firstTime,
  }
}

function reasonOf({ net, client, operation, requests, idleHours }: Likeness): string {
  const percent = (share: number) => Math.round(100 * share)
  const shares = [
    ...(Number.isNaN(net) ? [] : [`${percent(net)} % from known networks`]),
    ...(Number.isNaN(client) ? [] : [`${percent(client)} % with a known client`]),
    ...(Number.isNaN(operation) ? [] : [`${percent(operation)} % known operations`]),
  ]
  return `same principal; of ${requests} requests in the first hour ${shares.join(', ')}; predecessor silent for ${Math.round(idleHours)} h`
}
