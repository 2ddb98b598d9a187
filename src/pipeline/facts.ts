import { evidenceNames } from '../features/catalogue.ts'
import type { Engine } from '../sql/duckdb.ts'
import { listParquet, partition, type Workspace } from '../sql/workspace.ts'
import { parquet, type WindowBatch, type WindowKeys } from './batch.ts'

/** Features, evidence columns, role and time of one token-hour, by name. */
export type Facts = Readonly<Record<string, number | string | null>>

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

/** The facts of chosen rows of a batch, in the order of `rows`: for reasons and the filter, never for a whole table. */
export async function readFacts(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  batch: WindowBatch,
  rows: readonly number[],
): Promise<Facts[]> {
  if (rows.length === 0) return []
  const evidence = batch.evidence ?? (await readEvidence(engine, workspace, days, batch, rows))
  return rows.map(row => factsOf(batch, row, evidence(row)))
}

/** The facts of a row of a batch, of its features and its evidence. */
export function factsOf(
  { keys, features }: Pick<WindowBatch, 'keys' | 'features'>,
  row: number,
  evidence: Facts,
): Facts {
  const facts: Record<string, number | string | null> = {}
  features.names.forEach((name, c) => {
    facts[name] = known(features.data[row * features.cols + c]!)
  })
  for (const [name, value] of Object.entries(evidence)) facts[name] = known(value)
  const start = new Date(keys.windowStart[row]!)
  facts.role = keys.role[row]!
  facts.hour = `${start.toISOString().slice(11, 13)}:00 UTC`
  facts.weekday = WEEKDAYS[start.getUTCDay()]!
  return facts
}

function known(value: number | string | null): number | string | null {
  return typeof value === 'number' && Number.isNaN(value) ? null : value
}

/** The evidence columns of the rows, from the files. */
async function readEvidence(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  { keys, own }: Pick<WindowBatch, 'keys' | 'own'>,
  rows: readonly number[],
): Promise<NonNullable<WindowBatch['evidence']>> {
  await loadAsked(engine, keys, rows)
  const columns = await engine.columns(`
SELECT ${evidenceNames(own)
    .map(name => `f.${name}`)
    .join(', ')}
FROM asked a JOIN ${parquet(days.flatMap(day => listParquet(partition(workspace.features, day))))} f
  ON f.tenant_id = a.tenant_id AND f.token_id = a.token_id AND epoch_ms(f.window_start) = a.start ORDER BY a.number`)
  await engine.run('DROP TABLE asked')
  const place = new Map(rows.map((row, i) => [row, i]))
  return row => Object.fromEntries([...columns].map(([name, column]) => [name, column[place.get(row)!]!]))
}

/** What the clients of a token-hour mostly were; null where the log does not say. */
export interface Devices {
  readonly deviceType: string | null
  readonly networkType: string | null
}

/** The usual device and kind of network of chosen rows: the filter alone asks for them. */
export async function readDevices(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  keys: WindowKeys,
  rows: readonly number[],
): Promise<Devices[]> {
  if (rows.length === 0) return []
  await loadAsked(engine, keys, rows)
  const columns = await engine.columns(`
SELECT a.number, d.device_type, d.network_type FROM asked a LEFT JOIN (
  SELECT number, mode(device_type) AS device_type, mode(network_type) AS network_type
  FROM ${parquet(days.flatMap(day => listParquet(partition(workspace.events, day))))} e JOIN asked a
    ON e.tenant_id = a.tenant_id AND e.token_id = a.token_id AND epoch_ms(date_trunc('hour', e.time)) = a.start
  GROUP BY number) d USING (number) ORDER BY a.number`)
  await engine.run('DROP TABLE asked')
  const text = (name: string, i: number) => columns.get(name)![i] as string | null
  return rows.map((_, i) => ({ deviceType: text('device_type', i), networkType: text('network_type', i) }))
}

/** Table `asked`: whose each row is, and when, with its place among the rows. */
async function loadAsked(engine: Engine, keys: WindowKeys, rows: readonly number[]): Promise<void> {
  await engine.load('asked', {
    number: Float64Array.from(rows.keys()),
    tenant_id: rows.map(row => keys.tenantId[row]!),
    token_id: rows.map(row => keys.tokenId[row]!),
    start: Float64Array.from(rows, row => keys.windowStart[row]!),
  })
}
