import { type Engine, quoteText } from '../sql/duckdb.ts'
import { listDays, listParquet, partition, type Workspace } from '../sql/workspace.ts'

/** Hours without any event of a tenant, or of the whole log, in which it always has some: logging failed, nobody fell silent. */
export interface LoggingGap {
  /** Null for the whole log. */
  readonly tenantId: string | null
  /** UTC, inclusive; the first hour that always had events. */
  readonly start: Date
  /** UTC, exclusive. */
  readonly finish: Date
  readonly hours: number
}

/**
 * Gaps that ended on the given days, in time order; what the whole log lacks is told once, not for each tenant again. In a log of one
 * tenant both are one.
 */
export async function readGaps(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[] = listDays(workspace.history),
): Promise<LoggingGap[]> {
  const files = days
    .flatMap(day => listParquet(partition(workspace.history, day)))
    .filter(file => file.endsWith('/gaps.parquet'))
  if (files.length === 0) return []
  const rows = await engine.rows<{ tenant_id: string | null; start: Date; finish: Date }>(`
WITH gaps AS (FROM read_parquet([${files.map(quoteText).join(', ')}], hive_partitioning = false))
SELECT tenant_id, start, finish FROM gaps g
WHERE tenant_id IS NULL OR NOT EXISTS (FROM gaps o WHERE o.tenant_id IS NULL AND o.start <= g.start AND o.finish >= g.finish)
ORDER BY start, tenant_id NULLS FIRST`)
  return rows.map(({ tenant_id, start, finish }) => ({
    tenantId: tenant_id,
    start,
    finish,
    hours: (finish.getTime() - start.getTime()) / 3_600_000,
  }))
}

/** `gap: 3 h without any event of tenant acme, 2026-03-17 09:00 to 12:00 UTC`. */
export function gapText({ tenantId, start, finish, hours }: LoggingGap): string {
  const minute = (time: Date) => time.toISOString().slice(0, 16).replace('T', ' ')
  const end =
    minute(start).slice(0, 10) === minute(finish).slice(0, 10) ? minute(finish).slice(11) : minute(finish)
  const whose = tenantId === null ? '' : ` of tenant ${tenantId}`
  return `gap: ${hours} h without any event${whose}, ${minute(start)} to ${end} UTC; not taken for silence`
}
