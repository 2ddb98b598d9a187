import type { OpenDay } from '../../engine/open-day.ts'
import { FACET, FACET_NAMES } from '../../kernel/facets.ts'
import { daysBefore } from '../../kernel/midnight/midnight.ts'
import type { FacetName } from '../../schema/activity.ts'
import type { ExplainedHour } from './hour.ts'

/** A value that a token showed on days before the day at hand. */
interface KnownValue {
  readonly tenantId: string
  readonly tokenId: string
  readonly facet: FacetName
  readonly value: string
  readonly days: number
}

/** What tokens showed on the days before one, as its history has it: withheld days are left out. */
export interface KnownValues {
  /** Of the values that the hours' tokens show on the day, those that they showed before. */
  ofTokens(hours: readonly ExplainedHour[]): KnownValue[]
  /** Tokens of the hours' tenants that showed the values before, with the number of their days. */
  usersOf(
    asked: readonly (ExplainedHour & { readonly facet: FacetName; readonly value: string })[],
  ): KnownValue[]
}

export function knownValues({ kernel, tokenDays, day }: OpenDay): KnownValues {
  const { history, tuples } = kernel
  const { entities, values } = tuples
  const bits = daysBefore(day)
  const daysOf = (entry: number) =>
    entry < 0 ? 0 : bits.count(history.values.lo[entry]!, history.values.hi[entry]!)
  const dayOf = new Map(tokenDays.map(one => [one.token, one]))
  return {
    ofTokens(hours) {
      const tokens = new Set(hours.map(hour => entities.findToken(hour.tenantId, hour.tokenId)))
      return [...tokens].flatMap(token =>
        Array.from(dayOf.get(token)?.values ?? [], value => ({
          tenantId: entities.tenantIds[entities.tenantOf[token]!]!,
          tokenId: entities.tokenIds[token]!,
          facet: FACET_NAMES[values.facetOf[value]!]!,
          value: values.texts[value]!,
          days: daysOf(history.values.find(token, value)),
        })).filter(one => one.days > 0),
      )
    },
    usersOf(asked) {
      const found = new Map<string, KnownValue>()
      for (const { tenantId, tokenId, facet, value } of asked) {
        const own = dayOf.get(entities.findToken(tenantId, tokenId))
        const number = own?.values.find(
          one => values.facetOf[one] === FACET[facet] && values.texts[one] === value,
        )
        if (number === undefined) continue
        const key = JSON.stringify([tenantId, facet, value])
        if (found.has(key)) continue
        for (
          let entry = history.values.firstHolder(number);
          entry >= 0;
          entry = history.values.next[entry]!
        ) {
          const token = history.values.table.first[entry]!
          const days = daysOf(entry)
          const tenant = entities.tenantIds[entities.tenantOf[token]!]!
          if (days === 0 || tenant !== tenantId) continue
          const user = { tenantId, tokenId: entities.tokenIds[token]!, facet, value, days }
          found.set(JSON.stringify([tenantId, facet, value, user.tokenId]), user)
        }
      }
      return [...found.values()]
    },
  }
}
