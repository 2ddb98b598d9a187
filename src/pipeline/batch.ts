import type { WindowUse } from '../detectors/permission-clusters/use-table.ts'
import { FEATURES } from '../features/catalogue.ts'
import { type Matrix, selectRows } from '../lib/matrix.ts'
import type { Feature } from '../schema/features.ts'
import { type Engine, quoteName, quoteText } from '../sql/duckdb.ts'
import { listParquet, partition, type Workspace } from '../sql/workspace.ts'

/** Token-hours with their features and the permissions used, row for row. */
export interface WindowBatch {
  readonly keys: WindowKeys
  /** (rows, features) in the order of the catalogue, own features last. */
  readonly features: Matrix
  /** Own features among them. */
  readonly own: readonly Feature[]
  readonly use: WindowUse
  /** The evidence columns of a row by name, where they are at hand: else they are read from the files. */
  readonly evidence?: (row: number) => Readonly<Record<string, number | string | null>>
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
  /** Own features that are read beside the built-in ones. @default none */
  own?: readonly Feature[] | undefined
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
  const { share = 1, where = 'true', leaveOut = [], own = [] } = options
  const files = (folder: string) => parquet(days.flatMap(day => listParquet(partition(folder, day))))
  const chosen =
    share < 1
      ? `hash(tenant_id, token_id, window_start::DATE) % 1000000 < ${Math.round(share * 1_000_000)}`
      : 'true'
  const hours = `${files(workspace.features)} WHERE ${chosen} AND ${where}`
  const columns = [...FEATURES, ...own].map(({ name }) =>
    leaveOut.includes(name) ? `NULL::FLOAT AS ${quoteName(name)}` : quoteName(name),
  )
  const features = await engine.floats(
    `SELECT ${columns.join(', ')} FROM ${hours} ORDER BY window_start, tenant_id, token_id`,
  )
  const { token, ...keys } = await readKeys(engine, hours)
  const use = await readWindowUse(engine, files(workspace.use), features.rows)
  await engine.run('DROP TABLE batch_rows')
  return { keys, features, own, use: { token, group: keys.role, ...use } }
}

/** Whose each token-hour is, and when. Leaves `batch_rows`: the number of each row by tenant, token and hour. */
async function readKeys(engine: Engine, hours: string): Promise<WindowKeys & { token: string[] }> {
  await engine.run(`
CREATE OR REPLACE TEMP TABLE batch_cast AS
SELECT row_number() OVER () - 1 AS number, * FROM (SELECT DISTINCT tenant_id, principal_id, token_id, role FROM ${hours});
CREATE OR REPLACE TEMP TABLE batch_rows AS
SELECT row_number() OVER (ORDER BY h.window_start, h.tenant_id, h.token_id) - 1 AS row, h.tenant_id, h.token_id, h.window_start, c.number
FROM (FROM ${hours}) h JOIN batch_cast c
  ON c.tenant_id = h.tenant_id AND c.principal_id IS NOT DISTINCT FROM h.principal_id AND c.token_id = h.token_id AND c.role IS NOT DISTINCT FROM h.role`)
  // Texts are read once for all hours of a token, not cell by cell.
  const { columns } = await engine.texts(
    `SELECT tenant_id, principal_id, token_id, ${TOKEN_KEY_SQL}, role FROM batch_cast ORDER BY number`,
  )
  const [number, windowStart] = await engine.numbers(
    'SELECT number::INTEGER, epoch_ms(window_start)::DOUBLE FROM batch_rows ORDER BY row',
  )
  await engine.run('DROP TABLE batch_cast')
  const texts = columns.map(column => Array.from(number!, one => column[one]!))
  const [tenantId, principalId, tokenId, token] = texts as string[][]
  return {
    tenantId: tenantId!,
    principalId: principalId!,
    tokenId: tokenId!,
    role: texts[4]!,
    token: token!,
    windowStart: windowStart!,
  }
}

/** The operations and scopes of each row of `batch_rows`, as compressed sparse rows. */
async function readWindowUse(
  engine: Engine,
  facets: string,
  rows: number,
): Promise<Pick<WindowUse, 'items' | 'offsets' | 'item' | 'n'>> {
  await engine.run(`
CREATE OR REPLACE TEMP TABLE batch_use AS
SELECT row, ${ITEM_SQL} AS item, n FROM ${facets} f
JOIN batch_rows USING (tenant_id, token_id, window_start) WHERE facet IN ('operation', 'scope');
CREATE OR REPLACE TEMP TABLE batch_items AS
SELECT item, row_number() OVER (ORDER BY item) - 1 AS number FROM (SELECT DISTINCT item FROM batch_use)`)
  const { columns } = await engine.texts('SELECT item FROM batch_items ORDER BY number')
  const [row, item, n] = await engine.numbers(
    'SELECT row::INTEGER, number::INTEGER, n::FLOAT FROM batch_use JOIN batch_items USING (item) ORDER BY row, number',
  )
  await engine.run('DROP TABLE batch_use; DROP TABLE batch_items')
  const offsets = new Uint32Array(rows + 1)
  for (const one of row!) offsets[one + 1]!++
  for (let r = 0; r < rows; r++) offsets[r + 1]! += offsets[r]!
  return { items: columns[0] as string[], offsets, item: Uint32Array.from(item!), n: Float32Array.from(n!) }
}

export function parquet(files: readonly string[]): string {
  return `read_parquet([${files.map(quoteText).join(', ')}], union_by_name = true, hive_partitioning = false)`
}

/** The windows of a batch that satisfy a condition, as a batch. */
export function selectWindows(batch: WindowBatch, isWanted: (row: number) => boolean): WindowBatch {
  const all = Uint32Array.from({ length: batch.features.rows }, (_, row) => row)
  const rows = all.filter(isWanted)
  if (rows.length === all.length) return batch
  const pick = <T>(values: readonly T[]) => Array.from(rows, row => values[row]!)
  const { keys, use, evidence } = batch
  return {
    ...(evidence && { evidence: (at: number) => evidence(rows[at]!) }),
    keys: {
      tenantId: pick(keys.tenantId),
      principalId: pick(keys.principalId),
      tokenId: pick(keys.tokenId),
      role: pick(keys.role),
      windowStart: Float64Array.from(rows, row => keys.windowStart[row]!),
    },
    features: selectRows(batch.features, rows),
    own: batch.own,
    use: { token: pick(use.token), group: pick(use.group), items: use.items, ...selectEntries(use, rows) },
  }
}

function selectEntries(use: WindowUse, rows: Uint32Array): Pick<WindowUse, 'offsets' | 'item' | 'n'> {
  const offsets = new Uint32Array(rows.length + 1)
  rows.forEach((row, at) => {
    offsets[at + 1] = offsets[at]! + use.offsets[row + 1]! - use.offsets[row]!
  })
  const item = new Uint32Array(offsets[rows.length]!)
  const n = new Float32Array(item.length)
  rows.forEach((row, at) => {
    for (let e = use.offsets[row]!, to = offsets[at]!; e < use.offsets[row + 1]!; e++, to++) {
      item[to] = use.item[e]!
      n[to] = use.n[e]!
    }
  })
  return { offsets, item, n }
}
