import { EVIDENCE } from '../features/catalogue.ts'
import type { Column, Engine } from '../sql/duckdb.ts'
import { listParquet, partition, type Workspace } from '../sql/workspace.ts'
import { parquet, type WindowBatch } from './batch.ts'

/** Features, evidence columns and client facts of one token-hour, by name. */
export type Facts = Readonly<Record<string, number | string | null>>

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

/** The facts of chosen rows of a batch, in the order of `rows`: for reasons and the filter, never for a whole table. */
export async function readFacts(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  { keys, features }: WindowBatch,
  rows: readonly number[],
): Promise<Facts[]> {
  if (rows.length === 0) return []
  const beside = await readBeside(engine, workspace, days, keys, rows)
  return rows.map((row, i) => {
    const facts: Record<string, number | string | null> = {}
    features.names.forEach((name, c) => {
      facts[name] = known(features.data[row * features.cols + c]!)
    })
    for (const [name, column] of beside) facts[name] = known(column[i]!)
    const start = new Date(keys.windowStart[row]!)
    facts.role = keys.role[row]!
    facts.hour = `${start.toISOString().slice(11, 13)}:00 UTC`
    facts.weekday = WEEKDAYS[start.getUTCDay()]!
    return facts
  })
}

function known(value: number | string | null): number | string | null {
  return typeof value === 'number' && Number.isNaN(value) ? null : value
}

/** Evidence, and the usual device and kind of network: what is known of the rows beside their features, by column. */
async function readBeside(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  keys: WindowBatch['keys'],
  rows: readonly number[],
): Promise<Map<string, Column>> {
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
  const columns = await engine.columns(`
SELECT ${EVIDENCE.map(({ name }) => `f.${name}`).join(', ')}, d.device_type, d.network_type
FROM asked a JOIN ${files(workspace.features)} f
  ON f.tenant_id = a.tenant_id AND f.token_id = a.token_id AND epoch_ms(f.window_start) = a.start
LEFT JOIN asked_devices d USING (number) ORDER BY a.number`)
  await engine.run('DROP TABLE asked; DROP TABLE asked_devices')
  return columns
}
