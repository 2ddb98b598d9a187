import { LINK_RULES } from '../../features/succession.ts'
import type { History } from '../history/history.ts'
import type { LinkRecord } from '../history/records.ts'
import { DAY_MS, HOUR_MS, RING_DAYS, ringSlot } from '../memory.ts'

/** What people decided about one token following another. */
export interface StatedLink {
  readonly token: number
  readonly previous: number
  readonly isLinked: boolean
  /** First event of the follower, milliseconds since the epoch. */
  readonly since: number
}

/** One token following another, as known on a day. */
export interface Link {
  readonly token: number
  readonly previous: number
  readonly since: number
}

/** What holds on a day before its events are looked at. */
export interface LinksAtMidnight {
  /** Found earlier, neither withdrawn nor overruled. */
  readonly found: readonly Link[]
  /** What people decided, that holds by the end of the day. */
  readonly stated: readonly StatedLink[]
  /** Withdrawn today, since the predecessor went on. */
  readonly withdrawn: readonly LinkRecord[]
}

/** The links of a day: those found before, less those that people overrule and those whose predecessor went on. */
export function linksAtMidnight(
  history: History,
  day: number,
  decisions: readonly StatedLink[],
): LinksAtMidnight {
  const stated = decisions.filter(one => Math.floor(one.since / DAY_MS) <= day)
  const isWithdrawn = new Set(
    history.links.filter(one => one.kind === 'withdrawn').map(one => `${one.token} ${one.since}`),
  )
  const known = history.links.filter(
    one =>
      one.kind === 'linked' &&
      !isWithdrawn.has(`${one.token} ${one.since}`) &&
      // Who was alerted on the day it appeared inherits nothing yet.
      !history.isWithheld(one.day, one.token) &&
      !isOverruled(stated, one),
  )
  const wentOn = new Set(known.filter(link => hasGoneOn(history, day, link)).map(link => link.token))
  const withdrawn = known
    .filter(link => hasGoneOn(history, day, link))
    .map(
      ({ token, previous, since }): LinkRecord => ({
        day,
        kind: 'withdrawn',
        token,
        previous,
        since,
        confidence: null,
        reason: 'the predecessor went on',
      }),
    )
  return { found: known.filter(link => !wentOn.has(link.token)), stated, withdrawn }
}

/** Whether people said whom the token follows, or that it does not follow this one. */
export function isOverruled(
  stated: readonly StatedLink[],
  { token, previous }: Pick<Link, 'token' | 'previous'>,
): boolean {
  return stated.some(one => one.token === token && (one.isLinked || one.previous === previous))
}

/** Whether the predecessor was in use after the change for longer than stragglers are: then it was no rotation. */
function hasGoneOn(history: History, day: number, { previous, since }: Link): boolean {
  const { watchDays, parallelHours, graceHours } = LINK_RULES
  if (since <= (day - watchDays) * DAY_MS) return false
  let hours = 0
  for (let one = Math.floor(since / DAY_MS); one < day; one++) {
    const bits = history.rings.hourBits[previous * RING_DAYS + ringSlot(one)]!
    for (let hour = 0; hour < 24; hour++) {
      const time = one * DAY_MS + hour * HOUR_MS
      if ((bits & (1 << hour)) === 0 || time <= since) continue
      hours++
      if (time > since + graceHours * HOUR_MS) return true
    }
  }
  return hours >= parallelHours
}
