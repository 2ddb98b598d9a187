import { join } from 'node:path'
import type { Context } from '../../../src/pipeline/context.ts'
import { ingest } from '../../../src/pipeline/ingest.ts'
import { train } from '../../../src/pipeline/train.ts'
import { silentProgress } from '../../../src/schema/run.ts'
import { DEFAULTS, simulate } from '../../../src/simulate/simulate.ts'
import { type Engine, openEngine, quoteText } from '../../../src/sql/duckdb.ts'
import {
  listDays,
  listParquet,
  openWorkspace,
  partition,
  type Workspace,
} from '../../../src/sql/workspace.ts'

/** From a Tuesday to a Monday: the live day is a Tuesday again. */
const DAYS = 14

/** A workspace with history and a trained model, and what to look at in it. */
export interface Stage {
  readonly workspace: Workspace
  readonly context: Context
  readonly historyEvents: number
  /** Records of the last working day, as the log has them, in random order. */
  readonly pool: readonly Record<string, unknown>[]
  /** The day after the history, at ten in the morning. */
  readonly liveFrom: Date
  storedEvents(): Promise<number>
  /** Whether there is an alert of the token that says one of these among its reasons. */
  hasAlert(token: string, because: readonly string[]): Promise<boolean>
  close(): void
}

/** Records kept of the last working day. */
const POOL = 50_000

export async function createStage(
  folder: string,
  { tokens, events, seed }: { tokens: number; events: number; seed: number },
): Promise<Stage> {
  const engine = await openEngine()
  const start = new Date('2026-09-01T00:00:00Z')
  const log = join(folder, 'log')
  const now = new Date(start.getTime() + DAYS * 86_400_000)
  // No attacks in the history: the one that begins live is the only one.
  const world = {
    ...DEFAULTS,
    tokens,
    events,
    seed,
    start,
    days: DAYS,
    attackFromDay: DAYS - 1,
    incidents: 0,
  }
  await simulate(engine, log, world, silentProgress)
  const workspace = openWorkspace(join(folder, 'workspace'))
  const context: Context = { engine, workspace, progress: silentProgress, now }
  await ingest(context, {
    paths: [join(log, 'events')],
    inventory: join(log, 'tokens.csv'),
    tokens: 'identifier',
  })
  await train(context)
  const storedEvents = () => countEvents(engine, workspace)
  const lastDay = new Date(now.getTime() - 86_400_000).toISOString().slice(0, 10)
  const pool = await engine.rows<Record<string, unknown>>(
    `SELECT * EXCLUDE (time) FROM read_parquet(${quoteText(join(log, 'events', `events-${lastDay}.parquet`))})
     ORDER BY hash(path, latency_ms, token_id) LIMIT ${POOL}`,
  )
  return {
    workspace,
    context,
    historyEvents: await storedEvents(),
    pool,
    liveFrom: new Date(now.getTime() + 10 * 3_600_000),
    storedEvents,
    async hasAlert(token, because) {
      const files = listDays(workspace.alerts).flatMap(day => listParquet(partition(workspace.alerts, day)))
      if (files.length === 0) return false
      const [row] = await engine.rows<{ n: number }>(
        `SELECT count(*) AS n FROM read_parquet([${files.map(quoteText).join(', ')}], union_by_name = true) a
         WHERE token_id = ${quoteText(token)} AND (${because.map(mark => `contains(reasons, ${quoteText(mark)})`).join(' OR ')})`,
      )
      return row!.n > 0
    },
    close: () => engine.close(),
  }
}

async function countEvents(engine: Engine, workspace: Workspace): Promise<number> {
  const files = listDays(workspace.events).flatMap(day => listParquet(partition(workspace.events, day)))
  const [row] = await engine.rows<{ n: number }>(
    `SELECT sum(num_rows)::DOUBLE AS n FROM parquet_file_metadata([${files.map(quoteText).join(', ')}])`,
  )
  return row!.n
}
