import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import type { Progress, RunCommand, RunFigures } from '../schema/run.ts'
import { removeLeftovers, type Workspace } from '../sql/workspace.ts'
import { claimLease, type Lease, releaseLease, renewLease } from '../state/leases.ts'
import { areUnended, beginRun, endRun, markKilled } from '../state/runs.ts'
import { type State, withState } from '../state/state.ts'
import type { Context } from './context.ts'

/** What a run needs of a context. */
export type RunContext = Pick<Context, 'workspace' | 'progress' | 'now' | 'clock' | 'waitMs' | 'actor'>

/** Stages that write the same files share a lease: features are made by training and scoring alike. */
const LEASES: Readonly<Record<RunCommand, string>> = {
  ingest: 'ingest',
  train: 'score',
  score: 'score',
  watch: 'watch',
}

/** A lease outlives two renewals that were late: a machine that sleeps longer loses it. */
const LEASE_MS = 60_000
const RENEW_MS = 20_000
/** How often one that waits looks again. */
const POLL_MS = 200

/**
 * Does the work of a stage as one run: alone on the workspace, and recorded with its figures, its times by stage and its end. A
 * second run waits as long as the context says, then fails with `busy`. A run that was killed lets go at once on the same machine, else when
 * its lease ends.
 */
export async function asRun<C extends RunContext, T>(
  context: C,
  command: RunCommand,
  work: (context: C) => Promise<T>,
  figuresOf: (result: T, endedAt: Date) => RunFigures,
): Promise<T> {
  const clock = clockOf(context)
  return withState(context.workspace, async state => {
    const lease = await waitForLease(state, command, context.waitMs ?? 0, clock)
    const stages = timeStages(context.progress, clock)
    const actor = context.actor ?? 'library'
    const runId = await beginRun(state, { command, actor, host: lease.host, pid: lease.pid }, clock())
    await clearUp(context.workspace, state, lease.name, runId)
    const renewal = keepRenewing(state, lease, clock)
    const end = async (status: 'done' | 'failed', figures: RunFigures, error: string | null) =>
      endRun(state, runId, { status, figures: { ...figures, seconds: stages.seconds() }, error }, clock())
    try {
      const result = await work({ ...context, progress: stages.progress })
      await end('done', figuresOf(result, clock()), null)
      return result
    } catch (error) {
      // What was kept all the same is with the error: `IngestError`.
      const kept = error instanceof Error && 'summary' in error ? (error.summary as T) : undefined
      await end('failed', kept === undefined ? {} : figuresOf(kept, clock()), messageOf(error))
      throw error
    } finally {
      await renewal.stop()
      await releaseLease(state, lease)
    }
  })
}

/** The context's clock, or its `now` carried on by the machine's. */
export function clockOf({ now, clock }: Pick<Context, 'now' | 'clock'>): () => Date {
  const begun = performance.now()
  return clock ?? (() => new Date(now.getTime() + performance.now() - begun))
}

/** Removes what runs before this one left half-written, then marks them as killed: one that is killed meanwhile is followed by another. */
async function clearUp(workspace: Workspace, state: State, lease: string, runId: number): Promise<void> {
  const commands = commandsOf(lease)
  if (!(await areUnended(state, commands, runId))) return
  const { root, events, rejects, models } = workspace
  const data = join(root, 'data')
  if (lease === LEASES.ingest) {
    removeLeftovers(data, false)
    for (const folder of [events, rejects]) removeLeftovers(folder, true)
  } else {
    for (const name of existsSync(data) ? readdirSync(data) : []) {
      const folder = join(data, name)
      if (folder !== events && folder !== rejects && statSync(folder).isDirectory())
        removeLeftovers(folder, true)
    }
    removeLeftovers(models, true)
  }
  await markKilled(state, commands, runId)
}

function commandsOf(lease: string): RunCommand[] {
  return (Object.keys(LEASES) as RunCommand[]).filter(command => LEASES[command] === lease)
}

async function waitForLease(
  state: State,
  command: RunCommand,
  waitMs: number,
  clock: () => Date,
): Promise<Lease> {
  const deadline = clock().getTime() + waitMs
  for (;;) {
    const wanted = { name: LEASES[command], purpose: command, since: clock(), ms: LEASE_MS }
    const claim = await claimLease(state, wanted)
    if ('lease' in claim) return claim.lease
    if (clock().getTime() >= deadline) throw busy(command, claim.heldBy, waitMs)
    await setTimeout(POLL_MS)
  }
}

function busy(command: RunCommand, holder: Lease | null, waitMs: number): KeyhoundError {
  const who =
    holder === null
      ? 'another run'
      : `${holder.purpose} (process ${holder.pid} on ${holder.host}, since ${holder.since.toISOString()})`
  const waited = waitMs === 0 ? '' : ` after ${waitMs / 1000} s`
  return new KeyhoundError(
    'busy',
    `${who} is still at work on this workspace${waited}, and ${command} would write the same files. Run it again later, or let it wait: --wait 600`,
  )
}

function keepRenewing(state: State, lease: Lease, clock: () => Date): { stop: () => Promise<void> } {
  let renewing: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    // A renewal that fails is tried again before the lease ends; the work itself goes on.
    renewing = renewLease(state, lease, new Date(clock().getTime() + LEASE_MS)).catch(() => false)
  }, RENEW_MS)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await renewing
    },
  }
}

/** A progress that notes how long each of its stages took, in seconds; the same stage again is added up. */
function timeStages(progress: Progress, clock: () => Date) {
  const seconds: Record<string, number> = {}
  let current: { stage: string; since: number } | null = null
  const close = () => {
    if (current === null) return
    const passed = (clock().getTime() - current.since) / 1000
    seconds[current.stage] = (seconds[current.stage] ?? 0) + passed
    current = null
  }
  return {
    seconds() {
      close()
      return seconds
    },
    progress: {
      start(stage: string, total: number) {
        close()
        current = { stage, since: clock().getTime() }
        progress.start(stage, total)
      },
      step: (count?: number, note?: string) => progress.step(count, note),
      done() {
        close()
        progress.done()
      },
      say: (line: string) => progress.say(line),
    } satisfies Progress,
  }
}
