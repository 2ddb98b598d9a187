import type { Engine } from '../sql/duckdb.ts'
import { listParquet, partition, type Workspace } from '../sql/workspace.ts'
import { parquet, type WindowBatch } from './batch.ts'

/** Features, evidence columns and client facts of one token-hour, by name. */
export type Facts = Readonly<Record<string, number | string | null>>

/** The facts of chosen rows of a batch, in the order of `rows`: for reasons and the filter, never for a whole table. */
export async function readFacts(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  { keys }: WindowBatch,
  rows: readonly number[],
): Promise<Facts[]> {
  if (rows.length === 0) return []
  const files = (folder: string) => parquet(days.flatMap(day => listParquet(partition(folder, day))))
  await engine.load('asked', {
    number: Float64Array.from(rows.keys()),
    tenant_id: rows.map(row => keys.tenantId[row]!),
    token_id: rows.map(row => keys.tokenId[row]!),
    start: Float64Array.from(rows, row => keys.windowStart[row]!),
  })
  await engine.run(`
CREATE OR REPLACE TEMP TABLE asked_devices AS
SELECT number, mode(device_type) AS device_type, mode(network_type) AS network_type
FROM ${files(workspace.events)} e JOIN asked a
  ON e.tenant_id = a.tenant_id AND e.token_id = a.token_id AND epoch_ms(date_trunc('hour', e.time)) = a.start
GROUP BY number`)
  const facts = await engine.rows<Record<string, number | string | null>>(`
SELECT f.* EXCLUDE (tenant_id, principal_id, token_id, window_start), strftime(f.window_start, '%H:00 UTC') AS hour, dayname(f.window_start) AS weekday, d.device_type, d.network_type, a.number
FROM asked a JOIN ${files(workspace.features)} f
  ON f.tenant_id = a.tenant_id AND f.token_id = a.token_id AND epoch_ms(f.window_start) = a.start
LEFT JOIN asked_devices d USING (number) ORDER BY a.number`)
  await engine.run('DROP TABLE asked; DROP TABLE asked_devices')
  return facts
}
