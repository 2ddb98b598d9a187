import { type OpenDay, withOpenDay } from '../../engine/open-day.ts'
import { workspaceKey } from '../../ingest/identity.ts'
import { FACET, FACET_NAMES } from '../../kernel/facets.ts'
import { daysBefore } from '../../kernel/midnight/midnight.ts'
import { ownDaysOf } from '../../kernel/midnight/token-past.ts'
import type { FacetName } from '../../schema/activity.ts'
import type { Context } from '../context.ts'
import { readRulings } from '../held.ts'
import type { ExplainedHour } from './hour.ts'

/** A value that a token showed on days before the day at hand. */
export interface KnownValue {
  readonly tenantId: string
  readonly tokenId: string
  readonly facet: FacetName
  readonly value: string
  readonly days: number
}

/** A value that an hour showed, and that is asked about. */
export interface AskedValue {
  readonly tenantId: string
  readonly tokenId: string
  readonly facet: FacetName
  readonly value: string
}

/** What tokens showed on the days before one, as its history has it: withheld days are left out. */
export interface KnownValues {
  /** Of the values that the hours' tokens show on the day, those that they showed before. */
  readonly shownBefore: readonly KnownValue[]
  /** Tokens of the same tenant that showed an asked value before. */
  readonly users: readonly KnownValue[]
  /** Days on which the hours' tokens were active before. */
  readonly activeDays: readonly {
    readonly tenantId: string
    readonly tokenId: string
    readonly days: number
  }[]
}

/** Reads both from the history of a day; undefined where that is not on disk as it should be. */
export async function readKnownValues(
  context: Context,
  day: string,
  hours: readonly ExplainedHour[],
  asked: readonly AskedValue[],
): Promise<KnownValues | undefined> {
  const { engine, workspace } = context
  const options = { key: workspaceKey(workspace), rulings: await readRulings(context, day) }
  return withOpenDay(engine, workspace, day, options, async opened =>
    opened === undefined ? undefined : knownValues(opened, hours, asked),
  )
}

function knownValues(
  { kernel, tokenDays, day }: OpenDay,
  hours: readonly ExplainedHour[],
  asked: readonly AskedValue[],
): KnownValues {
  const { history, tuples } = kernel
  const { entities, values } = tuples
  const bits = daysBefore(day)
  const daysOf = (entry: number) =>
    entry < 0 ? 0 : bits.count(history.values.lo[entry]!, history.values.hi[entry]!)
  const dayOf = new Map(tokenDays.map(one => [one.token, one]))
  const known = (token: number, value: number, days: number): KnownValue => ({
    tenantId: entities.tenantIds[entities.tenantOf[token]!]!,
    tokenId: entities.tokenIds[token]!,
    facet: FACET_NAMES[values.facetOf[value]!]!,
    value: values.texts[value]!,
    days,
  })
  const tokens = new Set(hours.map(hour => entities.findToken(hour.tenantId, hour.tokenId)))
  const shownBefore = [...tokens].flatMap(token =>
    Array.from(dayOf.get(token)?.values ?? [], value => ({
      value,
      days: daysOf(history.values.find(token, value)),
    }))
      .filter(({ days }) => days > 0)
      .map(({ value, days }) => known(token, value, days)),
  )
  const numbers = new Map<string, { tenantId: string; value: number }>()
  for (const { tenantId, tokenId, facet, value } of asked) {
    const own = dayOf.get(entities.findToken(tenantId, tokenId))
    const number = own?.values.find(
      one => values.facetOf[one] === FACET[facet] && values.texts[one] === value,
    )
    if (number !== undefined) numbers.set(`${number} ${tenantId}`, { tenantId, value: number })
  }
  const users: KnownValue[] = []
  for (const { tenantId, value } of numbers.values()) {
    for (let entry = history.values.firstHolder(value); entry >= 0; entry = history.values.next[entry]!) {
      const token = history.values.table.first[entry]!
      const days = daysOf(entry)
      if (days > 0 && entities.tenantIds[entities.tenantOf[token]!] === tenantId)
        users.push(known(token, value, days))
    }
  }
  const activeDays = [...tokens]
    .filter(token => token >= 0)
    .map(token => ({
      tenantId: entities.tenantIds[entities.tenantOf[token]!]!,
      tokenId: entities.tokenIds[token]!,
      days: ownDaysOf(history, day, token),
    }))
  return { shownBefore, users, activeDays }
}
