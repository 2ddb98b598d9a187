import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ingest } from '../../../src/pipeline/ingest.ts'
import { silentProgress } from '../../../src/schema/run.ts'
import { DEFAULTS, simulate } from '../../../src/simulate/simulate.ts'
import { quoteText } from '../../../src/sql/duckdb.ts'
import { listDays, listParquet, partition, publishQuery } from '../../../src/sql/workspace.ts'
import type { TinyWorld } from '../../../test/activity/tiny-world.ts'
import type { OracleWorld } from '../world.ts'

const START = new Date('2026-09-07T00:00:00Z')

/** A simulated log with attacks and benign surprises, of two tenants, as ingest reads it. */
export const everyday: OracleWorld = { name: 'everyday', hasCounts: true, write }

async function write({ engine, workspace }: TinyWorld): Promise<void> {
  const logs = join(workspace.root, 'logs')
  const options = { tokens: 26, days: 14, events: 4000, incidents: 6, attackFromDay: 8, seed: 11 }
  await simulate(engine, logs, { ...DEFAULTS, ...options, start: START }, silentProgress)
  await ingest(
    { engine, workspace, progress: silentProgress, now: START },
    { paths: [join(logs, 'events')], inventory: join(logs, 'tokens.csv'), tokens: 'identifier' },
  )
  for (const day of listDays(workspace.events)) {
    // Ingest names its files after the folder that it read, which is another one in each run.
    const folder = partition(workspace.events, day)
    for (const file of listParquet(folder)) {
      const sorted = `FROM read_parquet(${quoteText(file)}, hive_partitioning = false) ORDER BY time, event_id`
      await publishQuery(engine, sorted, join(folder, 'part-1.parquet'))
      rmSync(file)
    }
  }
}
