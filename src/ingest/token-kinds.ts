import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { KeyhoundError } from '../lib/errors.ts'
import { type Engine, quoteText } from '../sql/duckdb.ts'
import { listDays, listParquet, partition, publish, type Workspace } from '../sql/workspace.ts'
import type { TokenKind } from './source.ts'

/** What stands for the tokens of each source so far. The same token hashed and kept would be two tokens. */
export type TokenKinds = Readonly<Record<string, TokenKind>>

const kindsFile = (workspace: Workspace) => join(workspace.root, 'data', 'token-kinds.json')

/** Tokens looked at in a workspace that was filled before kinds were remembered. */
const SAMPLE_TOKENS = 1000

const Kinds = z.record(z.string(), z.enum(['secret', 'identifier']))
/** A caller that is bound to a tenant fixes the kinds of that tenant only: others would be refused because of it. */
const KindsFile = z.strictObject({ all: Kinds, tenants: z.record(z.string(), Kinds) })
type KindsFile = z.infer<typeof KindsFile>

function readFile(file: string): KindsFile {
  try {
    return KindsFile.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw new KeyhoundError(
      'corrupt-artefact',
      `${file} is damaged. Remove it: the next ingest writes it again.`,
      { where: file },
    )
  }
}

/**
 * The kinds that a workspace remembers of a tenant's sources, else of all. A workspace that was filled before kinds were remembered is
 * asked: ids of our making have 43 characters of base64url, and names have not; "generic" stands for most logs.
 */
export async function readTokenKinds(
  engine: Engine,
  workspace: Workspace,
  tenant?: string,
): Promise<TokenKinds> {
  const file = kindsFile(workspace)
  if (existsSync(file)) {
    const { all, tenants } = readFile(file)
    return { ...all, ...(tenant !== undefined && tenants[tenant]) }
  }
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

/** Remembers the kinds of sources that were not known, for one tenant or for all; what is known stays. */
export async function keepTokenKinds(
  workspace: Workspace,
  known: TokenKinds,
  now: ReadonlyMap<string, TokenKind>,
  tenant?: string,
): Promise<void> {
  const file = kindsFile(workspace)
  const fresh = Object.fromEntries([...now].filter(([source]) => known[source] === undefined))
  const isThere = existsSync(file)
  if (isThere && Object.keys(fresh).length === 0) return
  // A first file keeps what the events of a workspace of before said.
  const { all, tenants } = isThere ? readFile(file) : { all: known, tenants: {} }
  const kept: KindsFile =
    tenant === undefined
      ? { all: { ...fresh, ...all }, tenants }
      : { all, tenants: { ...tenants, [tenant]: { ...tenants[tenant], ...fresh } } }
  await publish(file, temporary => writeFileSync(temporary, `${JSON.stringify(kept, null, 1)}\n`))
}
