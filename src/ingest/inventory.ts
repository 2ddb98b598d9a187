import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { INVENTORY_COLUMNS } from '../schema/event.ts'
import { type Engine, quoteText } from '../sql/duckdb.ts'
import type { Workspace } from '../sql/workspace.ts'
import { INVENTORY_ALIASES, listNames, matchColumns } from './columns.ts'
import type { OpenLog } from './log.ts'
import { scopesSql } from './normalise.ts'
import { badFile } from './probe.ts'
import type { TokenKind } from './source.ts'
import { loadTokens } from './tokens.ts'

export const inventoryFile = (workspace: Workspace) => join(workspace.root, 'data', 'inventory.parquet')

/** Creates `kh_inventory` from the workspace's inventory, empty where there is none. */
export async function loadInventory(engine: Engine, workspace: Workspace): Promise<void> {
  const file = inventoryFile(workspace)
  const columns = INVENTORY_COLUMNS.map(column => `${column.name}::${column.type} AS ${column.name}`).join(
    ', ',
  )
  const nothing = INVENTORY_COLUMNS.map(column => `NULL::${column.type} AS ${column.name}`).join(', ')
  await engine.run(
    existsSync(file)
      ? `CREATE OR REPLACE TABLE kh_inventory AS SELECT ${columns} FROM read_parquet(${quoteText(file)})`
      : `CREATE OR REPLACE TABLE kh_inventory AS SELECT ${nothing} WHERE false`,
  )
}

/**
 * Merges an inventory file into `kh_inventory`: one row a token; what the new file states wins, what it leaves out
 * stays. Answers how many tokens it names, and how many rows were of no use and why.
 */
export async function mergeInventory(
  engine: Engine,
  log: OpenLog,
  options: { tokens: TokenKind; key: () => Buffer },
): Promise<{ tokens: number; unusable: number }> {
  const matches = matchColumns(log.columns, INVENTORY_ALIASES)
  const token = matches.get('token_id')
  if (token === undefined) {
    throw badFile(
      log.files[0]!,
      `missing columns: no column for "token_id"; found: ${listNames(log.columns)}. Rename the token's column to token_id`,
    )
  }
  const text = (wanted: string) => {
    const column = matches.get(wanted)
    return column === undefined ? 'NULL::VARCHAR' : `kh_text(${log.value(column.name)})`
  }
  const picked = INVENTORY_COLUMNS.filter(column => column.name !== 'token_id')
    .map(column => `${text(column.name)} AS ${column.name}`)
    .join(', ')
  // Every column is asked for before the relation is.
  const given = `(${log.value(token.name)})::VARCHAR AS given`
  const rows = `SELECT * REPLACE (coalesce(kh_row, row_number() OVER ()) AS kh_row) FROM (${log.relation()})`
  const relation = `SELECT kh_row, ${given}, ${picked} FROM (${rows}) WHERE NOT (${log.blank}) AND (${log.broken}) IS NULL`
  await loadTokens(engine, `SELECT DISTINCT given FROM (${relation})`, options.tokens, options.key)
  await engine.run(`
CREATE OR REPLACE TEMP TABLE kh_new_inventory AS
SELECT t.id AS token_id, last(principal_id ORDER BY kh_row) AS principal_id, last(tenant_id ORDER BY kh_row) AS tenant_id,
  last(role ORDER BY kh_row) AS role, last(${scopesSql('granted_scopes')} ORDER BY kh_row) AS granted_scopes,
  last(token_kind ORDER BY kh_row) AS token_kind,
  last(epoch_ms(epoch_ms(kh_moment(token_created_at)))::TIMESTAMP_MS ORDER BY kh_row) AS token_created_at, count(*) AS n
FROM (${relation}) r JOIN kh_tokens t ON t.given = r.given WHERE t.id IS NOT NULL GROUP BY 1`)
  const [counts] = await engine.rows<{ tokens: number; used: number; total: number }>(
    `SELECT (SELECT count(*) FROM kh_new_inventory) AS tokens, (SELECT coalesce(sum(n), 0) FROM kh_new_inventory) AS used, (SELECT count(*) FROM (${relation})) AS total`,
  )
  if (counts!.tokens === 0) {
    throw badFile(
      log.files[0]!,
      'names no usable token: every token_id is empty, or looks like a live credential under --tokens identifier',
    )
  }
  const merged = INVENTORY_COLUMNS.map(column =>
    column.name === 'token_id'
      ? 'coalesce(n.token_id, o.token_id) AS token_id'
      : `coalesce(n.${column.name}, o.${column.name}) AS ${column.name}`,
  ).join(', ')
  await engine.run(`
CREATE OR REPLACE TABLE kh_merged AS
SELECT ${merged} FROM kh_inventory o FULL JOIN kh_new_inventory n ON n.token_id = o.token_id;
DROP TABLE kh_inventory; DROP TABLE kh_new_inventory;
ALTER TABLE kh_merged RENAME TO kh_inventory;`)
  return { tokens: counts!.tokens, unusable: Number(counts!.total) - Number(counts!.used) }
}
