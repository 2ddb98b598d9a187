import { BUDGET_FACETS, DAILY_METRICS } from '../features/metrics.ts'
import { type DayDelta, startOf } from '../kernel/history/delta.ts'
import { DAILY_STEP } from '../kernel/history/token-rings.ts'
import { DAY_MS } from '../kernel/memory.ts'
import { KeyhoundError } from '../lib/errors.ts'
import type { Column as ColumnOf } from '../schema/event.ts'
import type { FileColumn as Column } from '../sql/parquet.ts'
import { readStamp } from '../sql/stamp.ts'
import { listDays, partition, publishColumns, type Workspace } from '../sql/workspace.ts'
import { readRecord, readTokenIds, type TokenIds } from './history-files.ts'

/** What the history keeps of a token's day, as a table: one row a token and UTC day. */
export const HISTORY_COLUMNS: readonly ColumnOf[] = [
  { name: 'tenant_id', type: 'VARCHAR', doc: '' },
  { name: 'token_id', type: 'VARCHAR', doc: '' },
  { name: 'window_start', type: 'TIMESTAMP_MS', doc: 'UTC, start of the day' },
  { name: 'last_time', type: 'TIMESTAMP_MS', doc: 'last event of the day' },
  { name: 'hour_bits', type: 'INTEGER', doc: 'bit h: traffic in hour h' },
  { name: 'distinct_values', type: 'INTEGER', doc: 'facet values shown' },
  {
    name: 'age_class',
    type: 'INTEGER',
    doc: 'by active days before: 0 none, 1 from 1, 2 from 3, 3 from 7, 4 from 14; null while the log is too young',
  },
  ...BUDGET_FACETS.map(facet => ({ name: `new_${facet}s`, type: 'INTEGER', doc: `${facet}s first used` })),
  ...DAILY_METRICS.map(metric => ({ name: metric, type: 'DOUBLE', doc: 'total of the day; 0: none' })),
]

/** Publishes the history of the given days as Parquet files in a folder, one a day. Throws `not-found` where a day's files are missing or damaged. */
export async function publishHistory(
  workspace: Workspace,
  days: readonly string[],
  pathOf: (day: string) => string,
): Promise<void> {
  const ids = readTokenIds(workspace, listDays(workspace.features))
  for (const day of days) {
    const record = readRecord(workspace, day, readStamp(partition(workspace.features, day)) ?? '')
    if (ids === null || record === null)
      throw new KeyhoundError(
        'not-found',
        `the history ${ids === null ? `up to ${days.at(-1)}` : `of ${day}`} is missing or damaged; it is made again from the events when a new day is scored`,
        { where: ids === null ? workspace.history : partition(workspace.history, day) },
      )
    await publishColumns(pathOf(day), columnsOf(record.delta, ids), record.delta.token.length)
  }
}

function columnsOf(delta: DayDelta, ids: TokenIds): Record<string, Column> {
  const { token } = delta
  const whole = (of: (entry: number) => number): Column => ({
    type: 'INTEGER',
    values: Float64Array.from(token, (_, entry) => of(entry)),
  })
  const columns: Record<string, Column> = {
    tenant_id: {
      type: 'VARCHAR',
      codes: Int32Array.from(token, one => ids.tenantOf[one]!),
      texts: ids.tenantIds,
    },
    token_id: { type: 'VARCHAR', codes: token, texts: ids.tokenIds },
    window_start: { type: 'TIMESTAMP_MS', values: new Float64Array(token.length).fill(delta.day * DAY_MS) },
    last_time: { type: 'TIMESTAMP_MS', values: delta.lastTime },
    hour_bits: { type: 'INTEGER', values: Float64Array.from(delta.hourBits) },
    distinct_values: whole(entry => delta.valueEnds[entry]! - startOf(delta.valueEnds, entry)),
    age_class: whole(entry => (delta.noveltyAge[entry]! < 0 ? Number.NaN : delta.noveltyAge[entry]!)),
  }
  BUDGET_FACETS.forEach((facet, f) => {
    columns[`new_${facet}s`] = whole(entry => delta.fresh[entry * BUDGET_FACETS.length + f]!)
  })
  DAILY_METRICS.forEach((metric, m) => {
    const values = Float64Array.from(token, (_, entry) =>
      Math.expm1(delta.daily[entry * DAILY_METRICS.length + m]! * DAILY_STEP),
    )
    columns[metric] = { type: 'DOUBLE', values }
  })
  return columns
}
