import { finiteOf, takeQuantile } from '../../lib/stats.ts'
import type { Frame } from '../../schema/scores.ts'
import type { ExplainedHour } from './hour.ts'
import { largestOf, lastKnown, type PastHours, type PastRows, rowsOf } from './past-hours.ts'

/** What is usual of a number. */
export interface Usual {
  readonly typical: number
  readonly highest: number
}

/** Median and largest of a metric under a frame, over the rows of the past; null where the past says nothing. */
export function usualOf(
  past: PastHours,
  rows: PastRows,
  metric: string,
  frame: Frame,
  { tenantId, tokenId }: Pick<ExplainedHour, 'tenantId' | 'tokenId'>,
): Usual | null {
  const column = rows.values.get(metric)!
  const number = past.numberOf(tenantId, tokenId)
  const own = number < 0 ? ([0, 0] as const) : rowsOf(rows, number, number + 1)
  const values =
    frame === 'self'
      ? finiteOf(column.subarray(...own))
      : valuesOfOthers(
          rows,
          column,
          rowsOf(rows, ...past.tokensOf(tenantId)),
          own,
          roleWanted(past, number, frame),
        )
  if (values.length === 0) return null
  const highest = largestOf(values)
  return { typical: takeQuantile(values, 0.5), highest }
}

/** The role that others must have to be compared with: none matters to the tenant's frame; NaN, which equals nothing, where it is unknown. */
function roleWanted(past: PastHours, number: number, frame: Frame): number | undefined {
  if (frame === 'tenant') return undefined
  return number < 0 ? Number.NaN : lastKnown(past.role.subarray(...rowsOf(past, number, number + 1)))
}

function valuesOfOthers(
  { role }: PastRows,
  column: Float64Array,
  [first, end]: readonly [number, number],
  [ownFirst, ownEnd]: readonly [number, number],
  wanted: number | undefined,
): Float64Array {
  const values = new Float64Array(end - first)
  let count = 0
  for (let row = first; row < end; row++) {
    if (row >= ownFirst && row < ownEnd) continue
    if (wanted !== undefined && role[row] !== wanted) continue
    if (Number.isFinite(column[row])) values[count++] = column[row]!
  }
  return values.subarray(0, count)
}
