import type { Selectable } from 'kysely'
import type { RunCommand, RunFigures, RunRecord } from '../schema/run.ts'
import type { State } from './state.ts'
import type { RunsTable } from './tables.ts'

/** A run that begins. */
export interface NewRun {
  readonly command: RunCommand
  readonly actor: string
  readonly host: string
  readonly pid: number
}

/** Notes that a run began; answers its number. */
export async function beginRun(state: State, run: NewRun, at: Date): Promise<number> {
  const { run_id } = await state.db
    .insertInto('runs')
    .values({ ...run, started_at: at.getTime(), status: 'running' })
    .returning('run_id')
    .executeTakeFirstOrThrow()
  return Number(run_id)
}

/** How a run ended. */
export interface RunEnd {
  readonly status: 'done' | 'failed'
  readonly figures: RunFigures
  /** What went wrong, null when nothing did. */
  readonly error: string | null
}

export async function endRun(
  state: State,
  runId: number,
  { status, figures, error }: RunEnd,
  at: Date,
): Promise<void> {
  await state.db
    .updateTable('runs')
    .set({ status, figures: JSON.stringify(figures), error, ended_at: at.getTime() })
    .where('run_id', '=', runId)
    .execute()
}

/** Whether runs of a command before this one never ended; to be asked by whoever has taken over their lease. */
export async function areUnended(
  state: State,
  commands: readonly RunCommand[],
  before: number,
): Promise<boolean> {
  const row = await state.db
    .selectFrom('runs')
    .select('run_id')
    .where('status', '=', 'running')
    .where('command', 'in', [...commands])
    .where('run_id', '<', before)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Runs of a command that never ended, marked as killed; to be called by whoever has taken over their lease. */
export async function markKilled(
  state: State,
  commands: readonly RunCommand[],
  before: number,
): Promise<void> {
  await state.db
    .updateTable('runs')
    .set({ status: 'killed' })
    .where('status', '=', 'running')
    .where('command', 'in', [...commands])
    .where('run_id', '<', before)
    .execute()
}

/** Forgets what an actor's runs did that began before a moment: those that are made by the thousand a day. */
export async function forgetRuns(state: State, actor: string, before: Date): Promise<void> {
  await state.db
    .deleteFrom('runs')
    .where('actor', '=', actor)
    .where('started_at', '<', before.getTime())
    .execute()
}

export interface RunFilter {
  readonly command?: RunCommand
  readonly status?: RunRecord['status']
  /** Older than this run: where the next page begins. */
  readonly before?: number
  /** @default 50 */
  readonly limit?: number
}

/** Runs, newest first. */
export async function listRuns(state: State, filter: RunFilter = {}): Promise<RunRecord[]> {
  let query = state.db
    .selectFrom('runs')
    .selectAll()
    .orderBy('run_id', 'desc')
    .limit(filter.limit ?? 50)
  if (filter.command !== undefined) query = query.where('command', '=', filter.command)
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  if (filter.before !== undefined) query = query.where('run_id', '<', filter.before)
  return (await query.execute()).map(runOf)
}

/** The newest run of a command that ended so, or null. */
export async function newestRun(
  state: State,
  command: RunCommand,
  status: RunRecord['status'],
): Promise<RunRecord | null> {
  const [run] = await listRuns(state, { command, status, limit: 1 })
  return run ?? null
}

export async function countRuns(
  state: State,
): Promise<{ command: string; status: RunRecord['status']; count: number }[]> {
  const rows = await state.db
    .selectFrom('runs')
    .select(({ fn }) => ['command', 'status', fn.countAll().as('count')])
    .groupBy(['command', 'status'])
    .orderBy('command')
    .orderBy('status')
    .execute()
  return rows.map(row => ({ ...row, count: Number(row.count) }))
}

function runOf(row: Selectable<RunsTable>): RunRecord {
  return {
    runId: Number(row.run_id),
    command: row.command as RunCommand,
    actor: row.actor,
    host: row.host,
    pid: Number(row.pid),
    startedAt: new Date(Number(row.started_at)),
    endedAt: row.ended_at === null ? null : new Date(Number(row.ended_at)),
    status: row.status,
    figures: row.figures === null ? null : (JSON.parse(row.figures) as RunFigures),
    error: row.error,
  }
}
