import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { scoreTails } from '../../src/detectors/tail-surprise/tail-surprise.ts'
import { columnOf, type Matrix } from '../../src/lib/matrix.ts'
import { readBatch } from '../../src/pipeline/batch.ts'
import type { Context } from '../../src/pipeline/context.ts'
import { fitModels, fitPermissions } from '../../src/pipeline/fit-models.ts'
import { ingest } from '../../src/pipeline/ingest.ts'
import { prepare } from '../../src/pipeline/prepare.ts'
import { openViews } from '../../src/pipeline/views.ts'
import { defaultConfig } from '../../src/schema/config.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { modelOutputs } from '../../src/scoring.ts'
import { DEFAULTS, type SimulateOptions, simulate } from '../../src/simulate/simulate.ts'
import { type Engine, quoteText } from '../../src/sql/duckdb.ts'
import { dayOf, listDays, openWorkspace, publishQuery } from '../../src/sql/workspace.ts'

/** A simulated log to learn from. */
export type WorldOptions = Pick<
  SimulateOptions,
  'difficulty' | 'seed' | 'tokens' | 'events' | 'incidents' | 'surprises'
>

/** Token-hours since the attacks began, as the combination sees them. */
export interface World {
  readonly name: string
  /** (rows, features whose tail is suspicious and MODEL_COLUMNS), nats. */
  readonly surprises: Matrix
  /** (rows): incident that the hour belongs to, the first by name where it belongs to several; null = benign. */
  readonly incident: readonly (string | null)[]
  /** (rows): tenant, token and day. */
  readonly tokenDay: readonly string[]
}

const START = new Date('2026-08-31T00:00:00Z')
const DAYS = 35
const ATTACK_FROM_DAY = 21
/** Days that only feed the history, as in training. */
const WARM_UP_DAYS = 7

export function nameOf({ difficulty, seed, surprises = 1 }: WorldOptions): string {
  return `${difficulty}-${seed}-x${surprises}`
}

/** Whether the folder holds the world's surprises already. */
export function isKept(folder: string, options: WorldOptions): boolean {
  return existsSync(fileOf(folder, options))
}

function fileOf(folder: string, options: WorldOptions): string {
  const { tokens, events, incidents } = options
  return join(folder, `${nameOf(options)}-${tokens}-${events}-${incidents}.parquet`)
}

/** Simulates a log, walks it down the pipeline's road, and keeps the surprises in a Parquet file of the folder. */
export async function makeWorld(engine: Engine, folder: string, options: WorldOptions): Promise<void> {
  const scratch = join(folder, `${nameOf(options)}.tmp`)
  rmSync(scratch, { recursive: true, force: true })
  const logs = join(scratch, 'logs')
  const workspace = openWorkspace(join(scratch, 'workspace'))
  const context: Context = { engine, workspace, progress: silentProgress, now: START }
  await simulate(
    engine,
    logs,
    { ...DEFAULTS, ...options, days: DAYS, start: START, attackFromDay: ATTACK_FROM_DAY },
    silentProgress,
  )
  await ingest(context, {
    paths: [join(logs, 'events')],
    inventory: join(logs, 'tokens.csv'),
    tokens: 'identifier',
  })
  await prepare(context)

  const attacked = dayOf(new Date(START.getTime() + ATTACK_FROM_DAY * 86_400_000))
  const days = listDays(workspace.features)
  const before = days.filter(day => day < attacked)
  const config = defaultConfig()
  const fitDays = before.slice(WARM_UP_DAYS)
  const permissions = await fitPermissions(
    context,
    {
      days: before,
      fitDays,
      where: 'true',
      misuse: { token: [], start: new Float64Array(0), labelledFrom: null, setAside: new Set() },
    },
    config.seed,
  )
  const { forest, clusters, tails } = fitModels(
    await readBatch(engine, workspace, fitDays),
    permissions,
    config,
  )
  const batch = await readBatch(
    engine,
    workspace,
    days.filter(day => day >= attacked),
  )
  const surprises = scoreTails(tails, modelOutputs({ forest, clusters }, batch).table)

  await openViews(engine, workspace)
  await engine.load('world_surprises', {
    tenant_id: batch.keys.tenantId,
    token_id: batch.keys.tokenId,
    start: batch.keys.windowStart,
    ...Object.fromEntries(surprises.names.map((name, c) => [name, columnOf(surprises, c)])),
  })
  await publishQuery(
    engine,
    `SELECT w.*, l.incident FROM world_surprises w LEFT JOIN (
       SELECT tenant_id, token_id, epoch_ms(date_trunc('hour', time)) AS start, min(incident_id) AS incident
       FROM events JOIN read_csv(${quoteText(join(logs, 'labels.csv'))}, all_varchar = true) USING (event_id) GROUP BY ALL
     ) l USING (tenant_id, token_id, start) ORDER BY start, tenant_id, token_id`,
    fileOf(folder, options),
  )
  await engine.run('DROP TABLE world_surprises')
  rmSync(scratch, { recursive: true })
}

export async function readWorld(engine: Engine, folder: string, options: WorldOptions): Promise<World> {
  const source = `read_parquet(${quoteText(fileOf(folder, options))})`
  const order = 'ORDER BY start, tenant_id, token_id'
  const surprises = await engine.matrix(
    `SELECT * EXCLUDE (tenant_id, token_id, start, incident) FROM ${source} ${order}`,
  )
  const texts = await engine.texts(
    `SELECT incident, tenant_id || '/' || token_id || ' ' || (start // 86400000)::INTEGER AS token_day FROM ${source} ${order}`,
  )
  return {
    name: nameOf(options),
    surprises,
    incident: texts.columns[0]!,
    tokenDay: texts.columns[1] as string[],
  }
}
