import type { DayRulings } from '../kernel/kernel.ts'
import { dayNumber } from '../kernel/memory.ts'
import type { Entities } from '../kernel/values.ts'
import type { LinkDecision } from '../state/lineage.ts'

/**
 * A token-day that the baselines may not learn from yet, since its alert is not cleared. The whole day is left out, not its alerted
 * hours alone: who is in at eleven may have been in at ten.
 */
export interface HeldDay {
  readonly tenantId: string
  readonly tokenId: string
  /** UTC day of the alert. */
  readonly day: string
  /** Last UTC day whose features leave it out: that of the clearing verdict, else that on which holding lapses. */
  readonly until: string
}

/** What people said of the past. */
export interface Rulings {
  /** Token-days that the history leaves out, since their alert is not cleared. @default none */
  readonly held?: readonly HeldDay[]
  /** Who follows whom, whatever is inferred. @default none */
  readonly links?: readonly LinkDecision[]
}

/** What the features of a day must leave out of their history. */
function heldFor(held: readonly HeldDay[], day: string): readonly HeldDay[] {
  return held.filter(one => one.day < day && one.until >= day)
}

/** What of the rulings the features of a day depend on, as texts in a fixed order. */
export function rulingsOn({ held = [], links = [] }: Rulings, day: string): string[] {
  const withheld = heldFor(held, day).map(one => JSON.stringify([one.day, one.tenantId, one.tokenId]))
  const decided = links
    .filter(one => one.since.toISOString().slice(0, 10) <= day)
    .map(one => [one.tenantId, one.tokenId, one.predecessorId, one.isLinked])
    .sort()
  return [...withheld.sort(), JSON.stringify(decided)]
}

/** The rulings of a day in the kernel's numbers. */
export function rulingsByNumber(
  { held = [], links = [] }: Rulings,
  date: string,
  entities: Entities,
): DayRulings {
  return {
    held: heldFor(held, date).map(one => ({
      day: dayNumber(one.day),
      token: entities.token(one.tenantId, one.tokenId),
    })),
    links: links.map(one => ({
      token: entities.token(one.tenantId, one.tokenId),
      previous: entities.token(one.tenantId, one.predecessorId),
      isLinked: one.isLinked,
      since: one.since.getTime(),
    })),
  }
}
