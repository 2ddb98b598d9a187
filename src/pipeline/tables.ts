import { join } from 'node:path'
import { ensureFacets } from '../engine/facets.ts'
import { HISTORY_COLUMNS, publishHistory } from '../engine/history-table.ts'
import { staleFeatureDays } from '../engine/stamps.ts'
import { DAY_MS } from '../kernel/memory.ts'
import { KeyhoundError } from '../lib/errors.ts'
import type { MadeTable } from '../schema/tables.ts'
import { quoteText, timestampLiteral } from '../sql/duckdb.ts'
import { createView, dayOf, listDays, partition, publish } from '../sql/workspace.ts'
import type { Context } from './context.ts'
import { readRulings } from './held.ts'
import { catalogueOf } from './own-features.ts'
import { TABLES } from './views.ts'

export interface TableOptions {
  /** UTC, inclusive. @default the first day made */
  readonly from?: Date
  /** UTC, exclusive. @default the last day made */
  readonly to?: Date
  /** A folder for work in progress; whoever made it removes it. */
  readonly scratch: string
}

/** What was written. */
export interface TableFile {
  readonly table: MadeTable
  readonly file: string
  readonly rows: number
  /** UTC days with rows, ascending. */
  readonly days: readonly string[]
  /** Days of the period whose features are not up to date with the events: the file has them as they were made last, or not at all. */
  readonly behind: readonly string[]
}

/**
 * Writes a table of a period to one Parquet file, in order of time, tenant and token: features, activity and history as of the days that
 * `train` and `score` have made, facets of all days of events. Throws `not-found` where the period has no day.
 */
export async function writeTable(
  context: Context,
  table: MadeTable,
  file: string,
  { from, to, scratch }: TableOptions,
): Promise<TableFile> {
  const { engine, workspace } = context
  const isAsked = (day: string) =>
    (from === undefined || day >= dayOf(from)) &&
    (to === undefined || day < dayOf(new Date(to.getTime() + DAY_MS - 1)))
  const days = listDays(table === 'facets' ? workspace.events : workspace.features).filter(isAsked)
  if (days.length === 0) throw nothingMade(context, table)
  const behind =
    table === 'facets'
      ? []
      : staleFeatureDays(workspace, await readRulings(context), catalogueOf(context)).filter(isAsked)
  let folder: string
  let columns = HISTORY_COLUMNS
  if (table === 'history') {
    folder = join(scratch, 'history')
    await publishHistory(workspace, days, day => join(partition(folder, day), 'history.parquet'))
  } else {
    if (table === 'facets') await ensureFacets(engine, workspace, days)
    const known = TABLES[table]!
    folder = known.folder(workspace)
    columns = known.columns
  }
  await createView(engine, 'made_table', folder, columns, days)
  const bounds = [
    from && `window_start >= ${timestampLiteral(from)}`,
    to && `window_start < ${timestampLiteral(to)}`,
  ].filter(bound => bound !== undefined)
  const rows = `made_table${bounds.length === 0 ? '' : ` WHERE ${bounds.join(' AND ')}`}`
  await publish(file, temporary =>
    engine.run(
      `COPY (SELECT * FROM ${rows} ORDER BY window_start, tenant_id, token_id${table === 'facets' ? ', facet, value' : ''})
TO ${quoteText(temporary)} (FORMAT parquet, COMPRESSION zstd)`,
    ),
  )
  const found = await engine.rows<{ day: string; n: number }>(
    `SELECT strftime(window_start, '%Y-%m-%d') AS day, count(*)::DOUBLE AS n FROM ${rows} GROUP BY day ORDER BY day`,
  )
  return {
    table,
    file,
    rows: found.reduce((sum, { n }) => sum + n, 0),
    days: found.map(({ day }) => day),
    behind,
  }
}

function nothingMade({ workspace }: Context, table: MadeTable): KeyhoundError {
  const made = listDays(table === 'facets' ? workspace.events : workspace.features)
  const known = made.length === 0 ? 'none is' : `${made[0]} to ${made.at(-1)} are`
  return new KeyhoundError(
    'not-found',
    `no day of this period is made, ${known}. Bring logs in (keyhound ingest PATH), then make their features: keyhound score`,
    { where: table === 'facets' ? workspace.events : workspace.features },
  )
}
