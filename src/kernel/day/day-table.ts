import { compareTexts } from '../../lib/compare-texts.ts'
import type { Definitions } from '../definitions.ts'
import { FACET_COUNT } from '../facets.ts'
import type { TokenDay } from '../token-day.ts'
import type { Entities } from '../values.ts'

/** The token-hours of a day with their features and evidence, in the order of hour, tenant and token. */
export interface DayTable {
  readonly rows: number
  /** Counted from the epoch. */
  readonly day: number
  /** Token-day of each row, and the hour's place in it. */
  readonly tokenDay: readonly TokenDay[]
  readonly hourOf: Uint8Array
  /** One column a feature, in the order of the catalogue; NaN is unknown. */
  readonly features: readonly Float32Array[]
  /** One column a metric. */
  readonly actual: readonly Float64Array[]
  readonly typical: readonly Float64Array[]
  /** One column a facet: the most surprising value (-1: none), and peers that hold it. */
  readonly worst: readonly Int32Array[]
  readonly worstPeers: readonly Float64Array[]
  /** Object of others, as a value; -1: none. */
  readonly foreignObject: Int32Array
}

/**
 * Room for the hours of token-days, and the row that each of them has in the end. They are judged token-day by token-day: the k-th hour is
 * written to entry k of the columns, so that what is written lies together, and {@link arrange} puts them in their order.
 */
export function createDayTable(
  day: number,
  tokenDays: readonly TokenDay[],
  entities: Entities,
  { features, metrics }: Definitions,
): { table: DayTable; rowOf: Int32Array } {
  const firsts: number[] = []
  let rows = 0
  for (const { hours } of tokenDays) {
    firsts.push(rows)
    rows += hours.length
  }
  const rowOf = new Int32Array(rows)
  const tokenDay: TokenDay[] = []
  const hourOf = new Uint8Array(rows)
  const sorted = [...tokenDays.keys()].sort((a, b) =>
    compareTokens(entities, tokenDays[a]!.token, tokenDays[b]!.token),
  )
  const next = new Uint8Array(tokenDays.length)
  for (let hour = 0; hour < 24; hour++) {
    for (const i of sorted) {
      const h = next[i]!
      if (tokenDays[i]!.hours[h] !== hour) continue
      rowOf[firsts[i]! + h] = tokenDay.length
      hourOf[tokenDay.length] = h
      tokenDay.push(tokenDays[i]!)
      next[i] = h + 1
    }
  }
  const columns = <T>(count: number, make: () => T) => Array.from({ length: count }, make)
  const table: DayTable = {
    rows,
    day,
    tokenDay,
    hourOf,
    features: columns(features.length, () => new Float32Array(rows)),
    actual: columns(metrics.length, () => new Float64Array(rows)),
    typical: columns(metrics.length, () => new Float64Array(rows)),
    worst: columns(FACET_COUNT, () => new Int32Array(rows)),
    worstPeers: columns(FACET_COUNT, () => new Float64Array(rows)),
    foreignObject: new Int32Array(rows),
  }
  return { table, rowOf }
}

/** Moves entry k of every column to row `rowOf[k]`. */
export function arrange(table: DayTable, rowOf: Int32Array): void {
  const { features, actual, typical, worst, worstPeers, foreignObject } = table
  const space = new Float64Array(table.rows)
  for (const column of [features, actual, typical, worst, worstPeers, foreignObject].flat()) {
    // Doubles hold every float and every integer of 32 bits.
    space.set(column)
    for (let k = 0; k < rowOf.length; k++) column[rowOf[k]!] = space[k]!
  }
}

/** By tenant, then token, as UTF-8 bytes order them: so does the SQL engine. */
function compareTokens({ tenantIds, tokenIds, tenantOf }: Entities, a: number, b: number): number {
  const tenants = compareTexts(tenantIds[tenantOf[a]!]!, tenantIds[tenantOf[b]!]!)
  return tenants === 0 ? compareTexts(tokenIds[a]!, tokenIds[b]!) : tenants
}
