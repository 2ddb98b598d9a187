import type { Definition } from '../../features/define.ts'
import { HOUR_MS } from '../../kernel/memory.ts'
import type { ReasonFact } from '../../schema/scores.ts'
import type { DayLog } from './day-log.ts'
import { type Example, exampleOf } from './examples.ts'
import type { ExplainedHour } from './hour.ts'

/** Events named for a reason at most. */
const MOST_EXAMPLES = 5

/** The events that show each reason of an hour, as places in the day: those that show most of its facts, told in the order of the facts. */
export function exampleEvents(
  log: DayLog,
  { tenantId, tokenId, windowStart, reasons }: ExplainedHour,
  ownFeatures: readonly Definition[] = [],
): number[][] {
  const own = log.eventsOf(tenantId, tokenId)
  const isInHour = (at: number) => log.timeOf(at) >= windowStart && log.timeOf(at) < windowStart + HOUR_MS
  const first = own.findIndex(isInHour)
  const end = first < 0 ? -1 : own.findLastIndex(isInHour) + 1
  return reasons.map(reason => {
    const told = new Map<number, { share: number; weight: number }>()
    for (const fact of reason.facts ?? [reason])
      tellBy(log, own, { first, end, fact, example: exampleOf(fact, ownFeatures) }, told)
    return [...told]
      .sort(([a, x], [b, y]) => y.share - x.share || y.weight - x.weight || a - b)
      .slice(0, MOST_EXAMPLES)
      .map(([place]) => own[place]!)
  })
}

/** A fact of an hour, whose events are places `first` to `end` among those of its token. */
interface ShownFact {
  readonly first: number
  readonly end: number
  readonly fact: Pick<ReasonFact, 'actual' | 'contribution'>
  readonly example: Example
}

/** Adds what a fact says of the events from `first` up to `end` of its token. */
function tellBy(
  log: DayLog,
  own: Int32Array,
  { first, end, fact, example: { shows, weight } }: ShownFact,
  told: Map<number, { share: number; weight: number }>,
): void {
  const value = String(fact.actual)
  for (let place = first; place < end; place++) {
    const at = own[place]!
    const moment = { at, before: own[place - 1] ?? -1, beforeLast: own[place - 2] ?? -1 }
    if (!shows(log, moment, value)) continue
    const held = told.get(place) ?? { share: 0, weight: Number.NEGATIVE_INFINITY }
    told.set(place, {
      share: held.share + fact.contribution,
      weight: Math.max(held.weight, weight?.(log, at) ?? 0),
    })
  }
}

/** The first events of a token from a moment up to another one, as places in the day. */
export function firstEvents(
  log: DayLog,
  { tenantId, tokenId, firstSeen, lastSeen }: Span,
  most: number,
): { events: number[]; count: number } {
  const within = log
    .eventsOf(tenantId, tokenId)
    .filter(at => log.timeOf(at) >= firstSeen && log.timeOf(at) < lastSeen)
  return { events: [...within.subarray(0, most)], count: within.length }
}

/** Hours of a token, ms since the epoch; the end is exclusive. */
export interface Span {
  readonly tenantId: string
  readonly tokenId: string
  readonly firstSeen: number
  readonly lastSeen: number
}
