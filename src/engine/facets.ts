import { join } from 'node:path'
import { DayCounter } from '../kernel/count-day.ts'
import { FACET_NAMES } from '../kernel/facets.ts'
import { DAY_MS, dayNumber, HOUR_MS } from '../kernel/memory.ts'
import { DayReader } from '../kernel/read-day.ts'
import type { TokenDay } from '../kernel/token-day.ts'
import { Tuples } from '../kernel/tuples.ts'
import { dropTables, type Engine } from '../sql/duckdb.ts'
import { readStamp, writeStamp } from '../sql/stamp.ts'
import { listDays, listParquet, partition, publishQuery, type Workspace } from '../sql/workspace.ts'
import { TextHash } from '../stats/text-hash.ts'
import { eventStamp } from './stamps.ts'

/**
 * Makes the table of facets for the given days where it is missing or of other events. Nothing on the way from events to scores reads it,
 * so it is made when somebody asks.
 */
export async function ensureFacets(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[] = listDays(workspace.events),
): Promise<void> {
  const known = new Set(listDays(workspace.events))
  const stale = days.filter(
    day => known.has(day) && readStamp(partition(workspace.facets, day)) !== eventStamp(workspace, day),
  )
  for (const day of stale) {
    // Numbers of one day: they mean nothing beyond it.
    const tuples = new Tuples(new TextHash([0, 0]))
    const events = await new DayReader(tuples).read(engine, listParquet(partition(workspace.events, day)))
    const tokenDays = new DayCounter(tuples).countDay(events, dayNumber(day) * DAY_MS)
    await publishFacets(engine, workspace, day, tokenDays, tuples)
    await writeStamp(partition(workspace.facets, day), eventStamp(workspace, day))
  }
}

async function publishFacets(
  engine: Engine,
  workspace: Workspace,
  date: string,
  tokenDays: readonly TokenDay[],
  { entities, values }: Tuples,
): Promise<void> {
  const rows = tokenDays.reduce((sum, day) => sum + day.at.length, 0)
  const columns = {
    token: new Int32Array(rows),
    start: new Float64Array(rows),
    value: new Int32Array(rows),
    n: new Int32Array(rows),
  }
  let row = 0
  for (const day of tokenDays) {
    for (let h = 0; h < day.hours.length; h++) {
      for (let i = day.offsets[h]!; i < day.offsets[h + 1]!; i++) {
        columns.token[row] = day.token
        columns.start[row] = dayNumber(date) * DAY_MS + day.hours[h]! * HOUR_MS
        columns.value[row] = day.values[day.at[i]!]!
        columns.n[row++] = day.events[i]!
      }
    }
  }
  await engine.loadTyped('day_facets', columns, rows)
  await engine.load('facet_values', {
    value: Float64Array.from({ length: values.count }, (_, value) => value),
    facet: Array.from({ length: values.count }, (_, value) => FACET_NAMES[values.facetOf[value]!]!),
    text: Array.from({ length: values.count }, (_, value) => values.texts[value]!),
  })
  await engine.load('facet_tokens', {
    token: Float64Array.from(entities.tokenIds.keys()),
    tenant_id: Array.from(entities.tokenIds, (_, token) => entities.tenantIds[entities.tenantOf[token]!]!),
    token_id: entities.tokenIds,
  })
  await publishQuery(
    engine,
    `SELECT t.tenant_id, t.token_id, epoch_ms(f.start::BIGINT)::TIMESTAMP_MS AS window_start, v.facet, v.text AS value, f.n
FROM day_facets f JOIN facet_values v USING (value) JOIN facet_tokens t USING (token)
ORDER BY window_start, tenant_id, token_id, facet, value`,
    join(partition(workspace.facets, date), 'facets.parquet'),
  )
  await engine.run(dropTables('day_facets', 'facet_values', 'facet_tokens'))
}
