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

/** Rows for the hours of token-days, and each token-day's rows. */
export function createDayTable(
  day: number,
  tokenDays: readonly TokenDay[],
  entities: Entities,
  { features, metrics }: Definitions,
): { table: DayTable; rowsOf: Map<TokenDay, Int32Array> } {
  const sorted = [...tokenDays].sort((a, b) => compareTokens(entities, a.token, b.token))
  const rowsOf = new Map(sorted.map(one => [one, new Int32Array(one.hours.length)]))
  const tokenDay: TokenDay[] = []
  const hours: number[] = []
  const next = new Map(sorted.map(one => [one, 0]))
  for (let hour = 0; hour < 24; hour++) {
    for (const one of sorted) {
      const h = next.get(one)!
      if (one.hours[h] !== hour) continue
      rowsOf.get(one)![h] = tokenDay.length
      tokenDay.push(one)
      hours.push(h)
      next.set(one, h + 1)
    }
  }
  const rows = tokenDay.length
  const columns = <T>(count: number, make: () => T) => Array.from({ length: count }, make)
  return {
    table: {
      rows,
      day,
      tokenDay,
      hourOf: Uint8Array.from(hours),
      features: columns(features.length, () => new Float32Array(rows)),
      actual: columns(metrics.length, () => new Float64Array(rows)),
      typical: columns(metrics.length, () => new Float64Array(rows)),
      worst: columns(FACET_COUNT, () => new Int32Array(rows)),
      worstPeers: columns(FACET_COUNT, () => new Float64Array(rows)),
      foreignObject: new Int32Array(rows),
    },
    rowsOf,
  }
}

/** By tenant, then token, as UTF-8 bytes order them: so does the SQL engine. */
function compareTokens({ tenantIds, tokenIds, tenantOf }: Entities, a: number, b: number): number {
  const tenants = compareTexts(tenantIds[tenantOf[a]!]!, tenantIds[tenantOf[b]!]!)
  return tenants === 0 ? compareTexts(tokenIds[a]!, tokenIds[b]!) : tenants
}
