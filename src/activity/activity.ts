import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Engine } from '../engine/duckdb.ts'
import { readStamp, stampOf, writeStamp } from '../engine/stamp.ts'
import { listDays, listParquet, partition, publishQuery, type Workspace } from '../engine/workspace.ts'
import { countsSql } from './counts.sql.ts'
import { dayEventsSql } from './day-events.sql.ts'
import { facetsSql } from './facets.sql.ts'

/** Days whose events changed since their counts and facets were made, ascending. */
export function staleActivityDays(workspace: Workspace): string[] {
  return listDays(workspace.events).filter(day => {
    const events = partition(workspace.events, day)
    return readStamp(partition(workspace.activity, day)) !== eventsStamp(events)
  })
}

/** Makes the counts and facets of one UTC day from its events and publishes both. */
export async function buildActivity(engine: Engine, workspace: Workspace, day: string): Promise<void> {
  const folder = partition(workspace.events, day)
  const stamp = eventsStamp(folder)
  await engine.run(dayEventsSql(listParquet(folder)))
  const key = 'ORDER BY window_start, tenant_id, token_id'
  await publishQuery(
    engine,
    `${facetsSql()} ${key}, facet, value`,
    join(partition(workspace.facets, day), 'facets.parquet'),
  )
  await publishQuery(
    engine,
    `${countsSql()} ${key}`,
    join(partition(workspace.activity, day), 'counts.parquet'),
  )
  await writeStamp(partition(workspace.activity, day), stamp)
  await engine.run('DROP TABLE day_events')
}

function eventsStamp(folder: string): string {
  return stampOf(listParquet(folder).map(file => `${basename(file)} ${statSync(file).size}`))
}
