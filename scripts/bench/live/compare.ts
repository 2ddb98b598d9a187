import { ingest } from '../../../src/pipeline/ingest.ts'
import { score } from '../../../src/pipeline/score.ts'
import { defaultConfig } from '../../../src/schema/config.ts'
import { openEngine, quoteText } from '../../../src/sql/duckdb.ts'
import { listDays, listParquet, openWorkspace, partition } from '../../../src/sql/workspace.ts'
import type { Stage } from './stage.ts'

/** The log all at once. */
export async function ingestAndScore(root: string, log: string, stage: Stage): Promise<void> {
  const workspace = openWorkspace(root)
  const context = { ...stage.context, workspace, config: defaultConfig() }
  await ingest(context, { paths: [log], tokens: 'identifier' })
  await score(context, { from: stage.context.now })
}

/** Rows of events, scores and alerts that only one of two workspaces has. */
export async function compareTables(a: string, b: string): Promise<Record<string, number>> {
  const engine = await openEngine()
  try {
    const [one, other] = [openWorkspace(a), openWorkspace(b)]
    const differing: Record<string, number> = {}
    for (const table of ['events', 'scores', 'alerts'] as const) {
      const read = (folder: string) =>
        `SELECT * FROM read_parquet([${listDays(folder)
          .flatMap(day => listParquet(partition(folder, day)))
          .map(quoteText)
          .join(', ')}], union_by_name = true, hive_partitioning = false)`
      const [left, right] = [read(one[table]), read(other[table])]
      const [row] = await engine.rows<{ n: number }>(
        `SELECT (SELECT count(*) FROM (${left} EXCEPT ALL ${right})) + (SELECT count(*) FROM (${right} EXCEPT ALL ${left})) AS n`,
      )
      differing[table] = row!.n
    }
    return differing
  } finally {
    engine.close()
  }
}
