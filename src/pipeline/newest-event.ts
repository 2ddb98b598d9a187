import { dayOf, listParquet, partition } from '../sql/workspace.ts'
import { parquet } from './batch.ts'
import type { Context } from './context.ts'
import { clockOf } from './run.ts'

const DAY_MS = 86_400_000

/** The time of the newest event of a log that can be believed; `days` are those that the log holds, ascending. */
export async function newestEvent(context: Context, days: readonly string[]): Promise<Date> {
  const files = listParquet(partition(context.workspace.events, lastDay(days, clockOf(context)())))
  const [row] = await context.engine.rows<{ last: Date }>(`SELECT max(time) AS last FROM ${parquet(files)}`)
  return row!.last
}

/**
 * The last day of a log that can be believed: one stray event of the year 2038 does not make all hours until then count as scored. A
 * log that lies in the future as a whole is another clock's.
 */
function lastDay(days: readonly string[], now: Date): string {
  const tomorrow = dayOf(new Date(now.getTime() + DAY_MS))
  return days.filter(day => day <= tomorrow).at(-1) ?? days.at(-1)!
}
