import type { WindowUse } from '../detectors/permission-clusters/use-table.ts'
import { FEATURES } from '../features/catalogue.ts'
import { type Matrix, selectRows } from '../lib/matrix.ts'
import { type Engine, quoteText } from '../sql/duckdb.ts'
import { listParquet, partition, type Workspace } from '../sql/workspace.ts'

/** Token-hours with their features and the permissions used, row for row. */
export interface WindowBatch {
  readonly keys: WindowKeys
  /** (rows, features) in the order of the catalogue. */
  readonly features: Matrix
  readonly use: WindowUse
}

export interface WindowKeys {
  readonly tenantId: readonly string[]
  readonly principalId: readonly string[]
  readonly tokenId: readonly string[]
  readonly role: readonly (string | null)[]
  /** Milliseconds since the epoch, UTC. */
  readonly windowStart: Float64Array
}

export interface BatchOptions {
  /** Take about this share of the token-days, whole, chosen by a hash: the same ones each time. @default 1 */
  share?: number
  /** Further condition over the features' key columns. */
  where?: string
  /** Features that are read as unknown. @default none */
  leaveOut?: readonly string[]
}

/** Permissions are told apart by kind, since a scope and an operation may bear one name. */
export const ITEM_SQL = `CASE facet WHEN 'operation' THEN 'op:' ELSE 'scope:' END || value`

/** A token of one tenant is another than the same id elsewhere. */
export const TOKEN_KEY_SQL = `tenant_id || '/' || token_id`

/** Reads the token-hours of the given days, ordered by time, tenant and token. */
export async function readBatch(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  options: BatchOptions = {},
): Promise<WindowBatch> {
  const { share = 1, where = 'true', leaveOut = [] } = options
  const columns = FEATURES.map(({ name }) => (leaveOut.includes(name) ? `NULL::FLOAT AS ${name}` : name))
  const featureFiles = days.flatMap(day => listParquet(partition(workspace.features, day)))
  const facetFiles = days.flatMap(day => listParquet(partition(workspace.use, day)))
  const chosen =
    share < 1
      ? `hash(tenant_id, token_id, window_start::DATE) % 1000000 < ${Math.round(share * 1_000_000)}`
      : 'true'
  await engine.run(`
CREATE OR REPLACE TEMP TABLE batch AS
SELECT row_number() OVER (ORDER BY window_start, tenant_id, token_id) - 1 AS row,
  tenant_id, principal_id, token_id, window_start, role, ${columns.join(', ')}
FROM ${parquet(featureFiles)} WHERE ${chosen} AND ${where}`)
  const features = await engine.matrix(
    `SELECT ${FEATURES.map(f => f.name).join(', ')} FROM batch ORDER BY row`,
  )
  const times = await engine.matrix('SELECT epoch_ms(window_start)::DOUBLE AS t FROM batch ORDER BY row')
  const texts = await engine.texts(
    `SELECT tenant_id, principal_id, token_id, role, ${TOKEN_KEY_SQL} AS key FROM batch ORDER BY row`,
  )
  const [tenantId, principalId, tokenId, role, key] = texts.columns as [
    string[],
    string[],
    string[],
    (string | null)[],
    string[],
  ]
  await engine.run(`
CREATE OR REPLACE TEMP TABLE batch_use AS
SELECT row, ${ITEM_SQL} AS item, n FROM ${parquet(facetFiles)} f
JOIN batch USING (tenant_id, token_id, window_start) WHERE facet IN ('operation', 'scope')`)
  const items = (await engine.texts('SELECT DISTINCT item FROM batch_use ORDER BY item'))
    .columns[0] as string[]
  await engine.load('batch_items', { item: items, number: Float64Array.from(items.keys()) })
  const entries = await engine.matrix(
    'SELECT row::DOUBLE, number, n::DOUBLE FROM batch_use JOIN batch_items USING (item) ORDER BY row, number',
  )
  await engine.run('DROP TABLE batch_use; DROP TABLE batch_items; DROP TABLE batch')
  return {
    keys: { tenantId, principalId, tokenId, role, windowStart: times.data },
    features,
    use: { token: key, group: role, items, ...compressRows(entries, features.rows) },
  }
}

/** (entries, [row, item, n]) ordered by row -> compressed sparse rows. */
function compressRows(entries: Matrix, rows: number): Pick<WindowUse, 'offsets' | 'item' | 'n'> {
  const offsets = new Uint32Array(rows + 1)
  const item = new Uint32Array(entries.rows)
  const n = new Float32Array(entries.rows)
  for (let e = 0; e < entries.rows; e++) {
    offsets[entries.data[e * 3]! + 1]!++
    item[e] = entries.data[e * 3 + 1]!
    n[e] = entries.data[e * 3 + 2]!
  }
  for (let r = 0; r < rows; r++) offsets[r + 1]! += offsets[r]!
  return { offsets, item, n }
}

export function parquet(files: readonly string[]): string {
  return `read_parquet([${files.map(quoteText).join(', ')}], union_by_name = true, hive_partitioning = false)`
}

/** The windows of a batch that satisfy a condition, as a batch. */
export function selectWindows(batch: WindowBatch, isWanted: (row: number) => boolean): WindowBatch {
  const rows = Uint32Array.from([...Array(batch.features.rows).keys()].filter(isWanted))
  if (rows.length === batch.features.rows) return batch
  const pick = <T>(values: readonly T[]) => Array.from(rows, row => values[row]!)
  const { keys, use } = batch
  const offsets = new Uint32Array(rows.length + 1)
  const entries: number[] = []
  rows.forEach((row, i) => {
    for (let e = use.offsets[row]!; e < use.offsets[row + 1]!; e++) entries.push(e)
    offsets[i + 1] = entries.length
  })
  return {
    keys: {
      tenantId: pick(keys.tenantId),
      principalId: pick(keys.principalId),
      tokenId: pick(keys.tokenId),
      role: pick(keys.role),
      windowStart: Float64Array.from(rows, row => keys.windowStart[row]!),
    },
    features: selectRows(batch.features, rows),
    use: {
      token: pick(use.token),
      group: pick(use.group),
      items: use.items,
      offsets,
      item: Uint32Array.from(entries, e => use.item[e]!),
      n: Float32Array.from(entries, e => use.n[e]!),
    },
  }
}
