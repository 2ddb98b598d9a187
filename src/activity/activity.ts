import { join } from 'node:path'
import { type Engine, quoteText, timestampLiteral } from '../sql/duckdb.ts'
import { readStamp, stampOf, writeStamp } from '../sql/stamp.ts'
import { listDays, listParquet, partition, publishQuery, type Workspace } from '../sql/workspace.ts'
import { countsSql, mergedSlotsSql, slotsSql } from './counts.sql.ts'
import { dayEventsSql } from './day-events.sql.ts'
import { facetsSql, mergedFacetsSql } from './facets.sql.ts'
import { forgetMade, growthOf, hasAllTables, noteMade, versionsOf } from './growth.ts'
import { mergedTailsSql, tailsBeforeSql, tailsSql } from './tails.sql.ts'

/** Where the tables of a day lie. */
interface DayTables {
  readonly facets: string
  readonly slots: string
  readonly counts: string
  readonly tails: string
}

/** Days whose events changed since their counts and facets were made, ascending. */
export function staleActivityDays(workspace: Workspace): string[] {
  return listDays(workspace.events).filter(
    day =>
      !hasAllTables(workspace, day) ||
      readStamp(partition(workspace.activity, day)) !== stampOf(versionsOf(partition(workspace.events, day))),
  )
}

/**
 * Makes the counts and facets of one UTC day from its events and publishes both. Where files only came to those that the day was made
 * from, their events are added to what is there: a batch costs what its events cost, whatever the hour and the day hold.
 */
export async function buildActivity(engine: Engine, workspace: Workspace, day: string): Promise<void> {
  const versions = versionsOf(partition(workspace.events, day))
  const tables: DayTables = {
    facets: join(partition(workspace.facets, day), 'facets.parquet'),
    slots: join(partition(workspace.slots, day), 'slots.parquet'),
    counts: join(partition(workspace.activity, day), 'counts.parquet'),
    tails: join(partition(workspace.tails, day), 'tails.parquet'),
  }
  const growth = await growthOf(engine, workspace, day)
  if (growth === undefined) {
    forgetMade(workspace, day)
    await engine.run(dayEventsSql([{ files: listParquet(partition(workspace.events, day)) }]))
    await publishTables(engine, tables, { facets: facetsSql(), slots: slotsSql(), tails: tailsSql() })
  } else if (growth.since !== null) {
    await noteMade(workspace, day, growth.files, growth.since)
    await grow(engine, listParquet(partition(workspace.events, day)), tables, {
      ...growth,
      since: growth.since,
    })
  }
  await noteMade(workspace, day, versions, null)
  await writeStamp(partition(workspace.activity, day), stampOf(versions))
  await engine.run('DROP TABLE IF EXISTS day_events; DROP TABLE IF EXISTS recounted')
}

/**
 * Adds new events to the tables. Counts look at the event before: tokens whose new events all come after those already counted go on
 * from their tails; the hours of all others are counted again, from the first new event on.
 */
async function grow(
  engine: Engine,
  files: readonly string[],
  tables: DayTables,
  { since, added, isSure }: { since: Date; added: readonly string[]; isSure: boolean },
): Promise<void> {
  const moment = timestampLiteral(since)
  if (isSure)
    await engine.run(`CREATE OR REPLACE TEMP TABLE recounted AS
SELECT DISTINCT tenant_id, token_id FROM read_parquet([${added.map(quoteText).join(', ')}], hive_partitioning = false) e
JOIN (SELECT tenant_id, token_id, max((time, event_id)) AS last FROM (${tableOf(tables.tails)}) GROUP BY ALL) t USING (tenant_id, token_id)
WHERE (e.time, e.event_id) <= t.last`)
  const isRecounted = isSure
    ? '(tenant_id, token_id) IN (SELECT (tenant_id, token_id) FROM recounted)'
    : 'true'
  const follow = { files: added, where: `NOT ${isRecounted}`, before: tailsBeforeSql(tableOf(tables.tails)) }
  const recount = { files, where: isRecounted, since, before: tailsBeforeSql(tableOf(tables.tails), moment) }
  const isInOrder = isSure && (await isEmpty(engine, 'recounted'))
  await engine.run(dayEventsSql([...(isSure ? [follow] : []), ...(isInOrder ? [] : [recount])]))
  const kept = (path: string) => `${tableOf(path)} WHERE NOT (window_start >= ${moment} AND ${isRecounted})`
  const grown = (path: string, fresh: string) => `${kept(path)} UNION ALL BY NAME (${fresh})`
  await publishTables(engine, tables, {
    facets: mergedFacetsSql(grown(tables.facets, facetsSql())),
    slots: mergedSlotsSql(grown(tables.slots, slotsSql())),
    tails: mergedTailsSql(grown(tables.tails, tailsSql())),
  })
}

/** Without the date of its folder, which is no column of it. */
function tableOf(path: string): string {
  return `SELECT * FROM read_parquet(${quoteText(path)}, hive_partitioning = false)`
}

async function isEmpty(engine: Engine, table: string): Promise<boolean> {
  return (await engine.rows(`SELECT 1 FROM ${table} LIMIT 1`)).length === 0
}

async function publishTables(
  engine: Engine,
  tables: DayTables,
  sql: { readonly facets: string; readonly slots: string; readonly tails: string },
): Promise<void> {
  const key = 'ORDER BY window_start, tenant_id, token_id'
  await publishQuery(engine, `${sql.facets} ${key}, facet, value`, tables.facets)
  await publishQuery(engine, `${sql.slots} ${key}, slot`, tables.slots)
  await publishQuery(engine, `${countsSql(tableOf(tables.slots))} ${key}`, tables.counts)
  await publishQuery(engine, `${sql.tails} ${key}, time, event_id`, tables.tails)
}
