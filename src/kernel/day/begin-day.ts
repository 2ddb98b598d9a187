import type { History } from '../history/history.ts'
import type { GapRecord, LinkRecord, PulseRecord } from '../history/records.ts'
import { findGaps } from '../midnight/find-gaps.ts'
import { type Link, type LinksAtMidnight, linksAtMidnight, type StatedLink } from '../midnight/links.ts'
import { type Midnight, midnightOf } from '../midnight/midnight.ts'
import { MissingHours } from '../midnight/missing.ts'
import type { TokenPasts } from '../midnight/token-past.ts'
import type { TokenDay } from '../token-day.ts'
import type { Tuples } from '../tuples.ts'
import { findLinks } from './find-links.ts'

/** What people said of the past, as numbers. */
export interface DayRulings {
  /** Token-days before the day that the history leaves out. */
  readonly held: readonly { readonly day: number; readonly token: number }[]
  /** Who follows whom, whatever is inferred. */
  readonly links: readonly StatedLink[]
}

/** A day whose token-days are counted, and what they are judged by. */
export interface BegunDay {
  readonly midnight: Midnight
  readonly known: LinksAtMidnight
  /** All links that hold on the day. */
  readonly links: readonly Link[]
  /** Those found on the day, and those withdrawn on it. */
  readonly found: readonly LinkRecord[]
  readonly withdrawn: readonly LinkRecord[]
  readonly pulse: readonly PulseRecord[]
  readonly gaps: readonly GapRecord[]
}

/** Works out what the token-days of a day are judged by. */
export function beginDay(
  history: History,
  tuples: Tuples,
  day: number,
  tokenDays: readonly TokenDay[],
  rulings: DayRulings,
): BegunDay {
  history.beginDay(day, rulings.held)
  const known = linksAtMidnight(history, day, rulings.links)
  const found = findLinks(history, tuples, day, tokenDays, known)
  const pulse = pulseOf(tokenDays, tuples.entities.tenantOf)
  const gaps = gapsOf(history, day, pulse)
  const active = new Set(tokenDays.map(one => one.token))
  const links = [...known.found, ...found, ...known.stated.filter(one => one.isLinked)]
  const midnight = midnightOf(
    history,
    tuples,
    day,
    links,
    token => active.has(token),
    new MissingHours([...history.gaps, ...gaps]),
  )
  for (const one of tokenDays) introduce(midnight.pasts, one)
  return { midnight, known, links, found, withdrawn: known.withdrawn, pulse, gaps }
}

/** Gaps in logging that end on a day with these hours of events. */
export function gapsOf(history: History, day: number, pulse: readonly PulseRecord[]): GapRecord[] {
  return findGaps(history, new MissingHours(history.gaps), day, pulse)
}

/** A token without a past belongs to the principal and peer group of its first hour. */
export function introduce(pasts: TokenPasts, { token, principal, peer }: TokenDay): void {
  if (pasts.principal[token]! >= 0) return
  pasts.principal[token] = principal[0]!
  pasts.peer[token] = peer[0]!
}

function pulseOf(tokenDays: readonly TokenDay[], tenantOf: Int32Array): PulseRecord[] {
  const bits = new Map<number, number>()
  for (const one of tokenDays) {
    const tenant = tenantOf[one.token]!
    bits.set(tenant, (bits.get(tenant) ?? 0) | hourBits(one))
  }
  return [...bits].map(([tenant, hours]) => ({ tenant, bits: hours }))
}

/** One bit an hour with events. */
export function hourBits({ hours }: TokenDay): number {
  let bits = 0
  for (const hour of hours) bits |= 1 << hour
  return bits
}
