import { type JudgedTable, judgedAtHand } from '../engine/open-day.ts'
import { FEATURES } from '../features/catalogue.ts'
import { VALUE_FACETS } from '../features/families/values.ts'
import type { DayTable } from '../kernel/day/day-table.ts'
import { FACET } from '../kernel/facets.ts'
import { DAY_MS, HOUR_MS } from '../kernel/memory.ts'
import type { Feature } from '../schema/features.ts'
import { timestampLiteral } from '../sql/duckdb.ts'
import { readBatch, type WindowBatch } from './batch.ts'
import type { Context } from './context.ts'

/** Hours, UTC; the end is exclusive. */
interface Span {
  readonly from: Date
  readonly to: Date
}

/** The token-hours of a day whose features are made, ordered by time, tenant and token: as they were judged just now, else from the files. */
export async function readDayBatch(
  { engine, workspace }: Pick<Context, 'engine' | 'workspace'>,
  day: string,
  span: Span,
  own: readonly Feature[] = [],
): Promise<WindowBatch> {
  const judged = judgedAtHand(engine, workspace, day)
  if (judged !== undefined) {
    const isWithin = (row: number) => {
      const start = startOf(judged.table, row)
      return start >= span.from.getTime() && start < span.to.getTime()
    }
    return batchOf(judged, isWithin, own)
  }
  const where = `window_start >= ${timestampLiteral(span.from)} AND window_start < ${timestampLiteral(span.to)}`
  return readBatch(engine, workspace, [day], { where, own })
}

/** Start of the hour of a row, milliseconds since the epoch. */
export function startOf({ day, tokenDay, hourOf }: DayTable, row: number): number {
  return day * DAY_MS + tokenDay[row]!.hours[hourOf[row]!]! * HOUR_MS
}

/**
 * The token-hours of a judged day that are wanted, in the order of the table.
 *
 * @param own what the model reads of the day's own features: all of them or none
 */
export function batchOf(
  judged: JudgedTable,
  isWanted: (row: number) => boolean,
  own: readonly Feature[],
): WindowBatch & Required<Pick<WindowBatch, 'evidence'>> {
  const { table, tuples } = judged
  const { entities, whoPrincipalId } = tuples
  const rows = Int32Array.from({ length: table.rows }, (_, row) => row).filter(isWanted)
  const pick = <T>(of: (token: number, row: number, hour: number) => T) =>
    Array.from(rows, row => of(table.tokenDay[row]!.token, row, table.hourOf[row]!))
  const tenantId = pick(token => entities.tenantIds[entities.tenantOf[token]!]!)
  const tokenId = pick(token => entities.tokenIds[token]!)
  const role = pick((_, row, hour) => table.tokenDay[row]!.role[hour]!)
  const names = [...FEATURES, ...own].map(({ name }) => name)
  const cols = names.length
  const data = new Float32Array(rows.length * cols)
  for (let f = 0; f < cols; f++) {
    const column = table.features[f]!
    for (let r = 0; r < rows.length; r++) data[r * cols + f] = column[rows[r]!]!
  }
  return {
    keys: {
      tenantId,
      tokenId,
      role,
      principalId: pick((_, row, hour) => whoPrincipalId[table.tokenDay[row]!.who[hour]!]!),
      windowStart: Float64Array.from(rows, row => startOf(table, row)),
    },
    features: { data, rows: rows.length, cols, names },
    own,
    use: {
      token: tenantId.map((tenant, r) => `${tenant}/${tokenId[r]!}`),
      group: role,
      ...useOf(judged, rows),
    },
    evidence: r => evidenceOf(judged, rows[r]!),
  }
}

/** The operations and scopes of some rows, as compressed sparse rows. */
function useOf({ table, tuples: { values } }: JudgedTable, rows: Int32Array) {
  const shown = Array.from(rows, row => {
    const { offsets, at, values: own, events } = table.tokenDay[row]!
    const hour = table.hourOf[row]!
    const entries: [value: number, n: number][] = []
    for (let i = offsets[hour]!; i < offsets[hour + 1]!; i++) {
      const value = own[at[i]!]!
      const facet = values.facetOf[value]
      if (facet === FACET.operation || facet === FACET.scope) entries.push([value, events[i]!])
    }
    return entries
  })
  const kinds = { [FACET.operation]: 'op:', [FACET.scope]: 'scope:' } as Readonly<Record<number, string>>
  const distinct = [...new Set(shown.flatMap(entries => entries.map(([value]) => value)))].map(value => {
    const item = kinds[values.facetOf[value]!]! + values.texts[value]!
    return { value, item, bytes: Buffer.from(item) }
  })
  // As UTF-8 bytes order them: so does the SQL engine.
  distinct.sort((a, b) => Buffer.compare(a.bytes, b.bytes))
  const numberOf = new Map(distinct.map(({ value }, number) => [value, number]))
  const offsets = new Uint32Array(rows.length + 1)
  shown.forEach((entries, r) => {
    offsets[r + 1] = offsets[r]! + entries.length
  })
  const item = new Uint32Array(offsets[rows.length]!)
  const n = new Float32Array(item.length)
  shown.forEach((entries, r) => {
    const numbered = entries.map(([value, count]) => [numberOf.get(value)!, count] as const)
    numbered
      .sort((a, b) => a[0] - b[0])
      .forEach(([number, count], i) => {
        item[offsets[r]! + i] = number
        n[offsets[r]! + i] = count
      })
  })
  return { items: distinct.map(one => one.item), offsets, item, n }
}

/** The evidence columns of a row by name. */
function evidenceOf(
  { table, tuples, catalogue }: JudgedTable,
  row: number,
): Record<string, number | string | null> {
  const textOf = (value: number) => (value < 0 ? null : tuples.values.texts[value]!)
  const evidence: Record<string, number | string | null> = {}
  for (const facet of VALUE_FACETS) {
    evidence[`${facet}_worst`] = textOf(table.worst[FACET[facet]]![row]!)
    evidence[`${facet}_worst_peers`] = table.worstPeers[FACET[facet]]![row]!
  }
  catalogue.metrics.forEach(({ name }, m) => {
    evidence[`${name}_actual`] = table.actual[m]![row]!
    evidence[`${name}_typical`] = table.typical[m]![row]!
  })
  evidence.foreign_object = textOf(table.foreignObject[row]!)
  return evidence
}
