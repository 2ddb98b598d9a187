import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, quoteText } from '../sql/duckdb.ts'
import { listDays, listParquet, partition, publish, type Workspace } from '../sql/workspace.ts'
import type { TokenKind } from './source.ts'

/** What stands for the tokens of each source so far. The same token hashed and kept would be two tokens. */
export type TokenKinds = Readonly<Record<string, TokenKind>>

const kindsFile = (workspace: Workspace) => join(workspace.root, 'data', 'token-kinds.json')

/** Tokens looked at in a workspace that was filled before kinds were remembered. */
const SAMPLE_TOKENS = 1000

/**
 * The kinds that a workspace remembers. One that was filled before they were is asked: ids of our making have 43 characters of
 * base64url, and names have not; "generic" stands for what most logs are.
 */
export async function readTokenKinds(engine: Engine, workspace: Workspace): Promise<TokenKinds> {
  const file = kindsFile(workspace)
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as TokenKinds
  const day = listDays(workspace.events).at(-1)
  const files = day === undefined ? [] : listParquet(partition(workspace.events, day))
  if (files.length === 0) return {}
  const [row] = await engine.rows<{ n: number; hashed: number }>(
    `SELECT count(*) AS n, count(*) FILTER (regexp_full_match(token_id, '[A-Za-z0-9_-]{43}')) AS hashed
FROM (SELECT DISTINCT token_id FROM read_parquet([${files.map(quoteText).join(', ')}], hive_partitioning = false) LIMIT ${SAMPLE_TOKENS})`,
  )
  if (row!.n > 0 && row!.hashed === row!.n) return { generic: 'secret' }
  return row!.n > 0 && row!.hashed === 0 ? { generic: 'identifier' } : {}
}

/** The sources of which tokens would now be of another kind than before: known kind first, then the new one. */
export function otherKinds(known: TokenKinds, now: ReadonlyMap<string, TokenKind>): [string, TokenKind][] {
  return [...now].filter(([source, kind]) => known[source] !== undefined && known[source] !== kind)
}

/** Remembers the kinds of sources that were not known; what is known stays. */
export async function keepTokenKinds(
  workspace: Workspace,
  known: TokenKinds,
  now: ReadonlyMap<string, TokenKind>,
): Promise<void> {
  const kinds = { ...Object.fromEntries(now), ...known }
  const text = `${JSON.stringify(kinds, null, 1)}\n`
  const file = kindsFile(workspace)
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  await publish(file, temporary => writeFileSync(temporary, text))
}
