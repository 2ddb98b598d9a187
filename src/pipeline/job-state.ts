import { REJECT_COLUMNS } from '../schema/event.ts'
import { RUN_COMMANDS, type RunCommand, type RunRecord } from '../schema/run.ts'
import { createView } from '../sql/workspace.ts'
import { countRuns, newestRun } from '../state/runs.ts'
import type { State } from '../state/state.ts'
import type { Context } from './context.ts'

/** How one kind of job stands. */
export interface CommandState {
  readonly command: RunCommand
  /** Runs on record, by how they ended. */
  readonly counts: Readonly<Record<RunRecord['status'], number>>
  /** The newest that was done. */
  readonly done: RunRecord | null
  /** The newest that failed, if none was done since. */
  readonly failed: RunRecord | null
}

export interface JobState {
  /** End of the last hour scored, and how long ago that was; null before the first. */
  readonly scoredTo: Date | null
  readonly lagSeconds: number | null
  readonly commands: readonly CommandState[]
}

/** How the jobs of a workspace stand. */
export async function readJobState(state: State, now: Date): Promise<JobState> {
  const counted = await countRuns(state)
  const commands = await Promise.all(
    RUN_COMMANDS.map(async command => {
      const countOf = (status: RunRecord['status']) =>
        counted.find(one => one.command === command && one.status === status)?.count ?? 0
      const done = await newestRun(state, command, 'done')
      const failed = await newestRun(state, command, 'failed')
      return {
        command,
        counts: {
          running: countOf('running'),
          done: countOf('done'),
          failed: countOf('failed'),
          killed: countOf('killed'),
        },
        done,
        failed: failed !== null && failed.runId > (done?.runId ?? 0) ? failed : null,
      }
    }),
  )
  const ends = commands.flatMap(({ done }) => done?.figures?.scoredTo ?? []).map(Date.parse)
  const scoredTo = ends.length === 0 ? null : new Date(Math.max(...ends))
  return {
    scoredTo,
    lagSeconds: scoredTo === null ? null : (now.getTime() - scoredTo.getTime()) / 1000,
    commands,
  }
}

/** Rows that could not become events, by why. */
export interface RejectReason {
  readonly reason: string
  readonly rows: number
  readonly files: number
  readonly batches: number
}

/** What ingest rejected so far, most rows first. */
export async function countRejects({ engine, workspace }: Context): Promise<RejectReason[]> {
  await createView(engine, 'rejects', workspace.rejects, REJECT_COLUMNS)
  return engine.rows<RejectReason>(
    `SELECT reason, count(*) AS rows, count(DISTINCT file) AS files, count(DISTINCT batch) AS batches FROM rejects
     GROUP BY reason ORDER BY rows DESC, reason`,
  )
}
