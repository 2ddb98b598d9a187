import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildActivity } from '../../src/activity/activity.ts'
import { buildFeatures } from '../../src/features/features.ts'
import { readGaps } from '../../src/features/gaps.ts'
import { createRandom } from '../../src/lib/random.ts'
import { type Engine, quoteText } from '../../src/sql/duckdb.ts'
import { listDays, listParquet, partition, publishQuery, type Workspace } from '../../src/sql/workspace.ts'
import { openTinyWorld } from '../../test/activity/tiny-world.ts'
import type { OracleWorld } from './world.ts'

const SEED = 1

/** What a frozen world holds. */
export interface Frozen {
  readonly events: number
  readonly days: number
  readonly tokens: number
  readonly rows: number
}

/** Makes a world in one pass over its days, and its goldens in place of those that the folder held. */
export async function freeze(world: OracleWorld, folder: string): Promise<Frozen> {
  // One thread: sums of doubles must not depend on who was first.
  const tiny = await openTinyWorld(1)
  const { engine, workspace } = tiny
  try {
    await world.write(tiny, createRandom(SEED).fork(world.name))
    const days = listDays(workspace.events)
    for (const day of days) await buildActivity(engine, workspace, day)
    await buildFeatures(engine, workspace, days, () => {}, world.rulings)

    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    cpSync(workspace.events, join(folder, 'events'), { recursive: true })
    await copyRows(engine, workspace.features, join(folder, 'features.parquet'))
    if (world.hasCounts) await copyRows(engine, workspace.activity, join(folder, 'activity.parquet'))
    const { held = [], links = [] } = world.rulings ?? {}
    writeJson(join(folder, 'rulings.json'), { held, links })
    writeJson(join(folder, 'gaps.json'), await readGaps(engine, workspace))
    writeJson(join(folder, 'links.json'), await readLinks(engine, workspace))
    return await measure(engine, workspace)
  } finally {
    tiny.close()
  }
}

/** All days in one file, by hour, tenant and token: files of their own, 280 columns each, would take four times the space. */
async function copyRows(engine: Engine, from: string, to: string): Promise<void> {
  await publishQuery(engine, `FROM ${tableOf(filesOf(from))} ORDER BY window_start, tenant_id, token_id`, to)
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}

/** Rows of the history's log of links, with the names of tokens in place of their hashes. */
async function readLinks(engine: Engine, workspace: Workspace): Promise<unknown[]> {
  const logs = filesOf(workspace.history).filter(file => file.endsWith('/links.parquet'))
  return await engine.rows(`
WITH names AS (SELECT DISTINCT hash(tenant_id, token_id) AS tok, tenant_id, token_id FROM ${tableOf(filesOf(workspace.events))})
SELECT day::VARCHAR AS day, kind, t.tenant_id AS "tenantId", t.token_id AS "tokenId", p.token_id AS "previousId", since, confidence, reason
FROM ${tableOf(logs)} l LEFT JOIN names t ON t.tok = l.tok LEFT JOIN names p ON p.tok = l.prev
ORDER BY ALL`)
}

async function measure(engine: Engine, workspace: Workspace): Promise<Frozen> {
  const [events] = await engine.rows<Omit<Frozen, 'rows'>>(`
SELECT count(*) AS events, count(DISTINCT time::DATE) AS days, count(DISTINCT (tenant_id, token_id)) AS tokens
FROM ${tableOf(filesOf(workspace.events))}`)
  const [features] = await engine.rows<Pick<Frozen, 'rows'>>(
    `SELECT count(*) AS rows FROM ${tableOf(filesOf(workspace.features))}`,
  )
  return { ...events!, ...features! }
}

function filesOf(folder: string): string[] {
  return listDays(folder).flatMap(day => listParquet(partition(folder, day)))
}

function tableOf(files: readonly string[]): string {
  return `read_parquet([${files.map(quoteText).join(', ')}], hive_partitioning = false)`
}
