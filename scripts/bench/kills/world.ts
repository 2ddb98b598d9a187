import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ingest } from '../../../src/pipeline/ingest.ts'
import { train } from '../../../src/pipeline/train.ts'
import { silentProgress } from '../../../src/schema/run.ts'
import { DEFAULTS, simulate } from '../../../src/simulate/simulate.ts'
import { type Engine, quoteText, timestampLiteral } from '../../../src/sql/duckdb.ts'
import { openWorkspace, type Workspace } from '../../../src/sql/workspace.ts'
import { withState } from '../../../src/state/state.ts'
import { addSuppression } from '../../../src/state/suppressions.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Ahead of any clock: runs go by the last hour of the log, as a scheduled job does by the last hour of the day. */
const START = new Date('2040-01-02T00:00:00Z')
/** Runs are of the machine's own time: a suppression must be in force by then. */
const LONG_AGO = new Date('2020-01-01T00:00:00Z')
/** A shipper that starts anew sends the last part again: so long is in two slices. */
const OVERLAP_MS = 10 * 60_000

export interface KillWorldOptions {
  readonly tokens: number
  /** Events over all days, about. */
  readonly events: number
  /** Days of log that are ingested and trained on before, and days that come in slices after. */
  readonly trainedDays: number
  readonly slicedDays: number
  readonly slicesPerDay: number
  readonly seed: number
}

/** A trained workspace, and the log that is still to come to it. */
export interface KillWorld {
  readonly folder: string
  readonly workspace: Workspace
  /** Files of each slice, in order of time. */
  readonly slices: readonly (readonly string[])[]
}

/**
 * Simulates a log below `folder` and trains on its first days; the days after are cut into slices of two files each, which overlap,
 * arrive in part a slice late, and hold rows that cannot be used. A third of the principals are suppressed.
 */
export async function makeKillWorld(
  engine: Engine,
  folder: string,
  { tokens, events, trainedDays, slicedDays, slicesPerDay, seed }: KillWorldOptions,
): Promise<KillWorld> {
  const logs = join(folder, 'logs')
  const days = trainedDays + slicedDays
  const options = { ...DEFAULTS, tokens, events, days, seed, start: START, incidents: 2 * slicedDays }
  const { files } = await simulate(
    engine,
    logs,
    { ...options, attackFromDay: trainedDays, format: 'parquet' },
    silentProgress,
  )
  const workspace = openWorkspace(join(folder, 'trained'))
  const context = { engine, workspace, progress: silentProgress, now: START }
  const trainedUntil = new Date(START.getTime() + trainedDays * DAY_MS)
  await ingest(context, {
    paths: files.slice(0, trainedDays),
    inventory: join(logs, 'tokens.csv'),
    tokens: 'identifier',
  })
  await train(context, { until: trainedUntil })
  await suppressSome(engine, workspace, files)
  const slices: string[][] = []
  const sliceMs = DAY_MS / slicesPerDay
  for (let i = 0; i < slicedDays * slicesPerDay; i++) {
    const from = trainedUntil.getTime() + i * sliceMs
    slices.push(await writeSlice(engine, join(folder, 'slices'), files, i, from, sliceMs))
  }
  return { folder, workspace, slices }
}

/** Every third principal: alerts of theirs are held back, and counted. */
async function suppressSome(engine: Engine, workspace: Workspace, files: readonly string[]): Promise<void> {
  const rows = await engine.rows<{ user_id: string; tenant_id: string }>(
    `SELECT DISTINCT user_id, tenant_id FROM ${logsSql(files)} ORDER BY ALL`,
  )
  const expiresAt = new Date(START.getTime() + 1000 * DAY_MS)
  await withState(workspace, async state => {
    for (const row of rows.filter((_, i) => i % 3 === 0)) {
      const scope = { tenantId: row.tenant_id, principalId: row.user_id }
      await addSuppression(state, {
        ...scope,
        because: 'load test',
        owner: 'bench',
        createdAt: LONG_AGO,
        expiresAt,
      })
    }
  })
}

/** One event in twenty comes a slice late. */
const IS_LATE = 'hash(event_id) % 20 = 0'

async function writeSlice(
  engine: Engine,
  folder: string,
  logs: readonly string[],
  index: number,
  from: number,
  sliceMs: number,
): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  const between = (low: number, high: number) =>
    `time >= ${timestampLiteral(new Date(low))} AND time < ${timestampLiteral(new Date(high))}`
  const inTime = `${between(from - (index === 0 ? 0 : OVERLAP_MS), from + sliceMs)} AND NOT ${IS_LATE}`
  const late = index === 0 ? 'false' : `${between(from - sliceMs, from)} AND ${IS_LATE}`
  const columns = `* REPLACE (CASE WHEN hash(event_id) % 50 = 1 THEN NULL ELSE token_id END AS token_id)`
  const paths: string[] = []
  for (const half of [0, 1]) {
    const path = join(folder, `${String(index).padStart(3, '0')}-${half}.csv`)
    await engine.run(
      `COPY (SELECT ${columns} FROM ${logsSql(logs)} WHERE ((${inTime}) OR (${late})) AND hash(event_id, 'half') % 2 = ${half}
         ORDER BY time, event_id) TO ${quoteText(path)} (HEADER)`,
    )
    paths.push(path)
  }
  return paths
}

function logsSql(files: readonly string[]): string {
  return `read_parquet([${files.map(quoteText).join(', ')}])`
}

/** A copy of the trained workspace of its own. */
export function copyWorkspace(world: KillWorld, name: string): Workspace {
  const root = join(world.folder, name)
  cpSync(world.workspace.root, root, { recursive: true })
  return openWorkspace(root)
}
