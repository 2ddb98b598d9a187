import type { OpenDay } from '../../engine/open-day.ts'
import { FACET } from '../../kernel/facets.ts'
import { daysBefore } from '../../kernel/midnight/midnight.ts'
import { ownDaysOf } from '../../kernel/midnight/token-past.ts'
import type { FacetName } from '../../schema/activity.ts'
import type { ExplainedHour } from './hour.ts'

/** A value that an hour showed, and that is asked about. */
export interface AskedValue {
  readonly tenantId: string
  readonly tokenId: string
  readonly facet: FacetName
  readonly value: string
}

/** A token with days before the day at hand. */
interface TokenDays {
  readonly tenantId: string
  readonly tokenId: string
  readonly days: number
}

/** What tokens showed on the days before one, as its history has it: withheld days are left out. */
export interface KnownValues {
  /** By asked value: tokens of the same tenant that showed it before. */
  readonly users: readonly (readonly TokenDays[])[]
  /** Days on which the hours' tokens were active before. */
  readonly activeDays: readonly TokenDays[]
}

export function knownValues(
  { kernel, tokenDays, day }: OpenDay,
  hours: readonly ExplainedHour[],
  asked: readonly AskedValue[],
): KnownValues {
  const { history, tuples } = kernel
  const { entities, values } = tuples
  const bits = daysBefore(day)
  const dayOf = new Map(tokenDays.map(one => [one.token, one]))
  const withDays = (token: number, days: number): TokenDays => ({
    tenantId: entities.tenantIds[entities.tenantOf[token]!]!,
    tokenId: entities.tokenIds[token]!,
    days,
  })
  const users = asked.map(({ tenantId, tokenId, facet, value }) => {
    const own = dayOf.get(entities.findToken(tenantId, tokenId))
    const number = own?.values.find(
      one => values.facetOf[one] === FACET[facet] && values.texts[one] === value,
    )
    const found: TokenDays[] = []
    let entry = number === undefined ? -1 : history.values.firstHolder(number)
    for (; entry >= 0; entry = history.values.next[entry]!) {
      const holder = withDays(
        history.values.table.first[entry]!,
        bits.count(history.values.lo[entry]!, history.values.hi[entry]!),
      )
      if (holder.days > 0 && holder.tenantId === tenantId) found.push(holder)
    }
    return found
  })
  const tokens = new Set(hours.map(hour => entities.findToken(hour.tenantId, hour.tokenId)))
  const activeDays = [...tokens]
    .filter(token => token >= 0)
    .map(token => withDays(token, ownDaysOf(history, day, token)))
  return { users, activeDays }
}
