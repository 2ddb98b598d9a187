import type { Random } from '../../../src/lib/random.ts'
import type { RunRecord } from '../../../src/schema/run.ts'
import type { Engine } from '../../../src/sql/duckdb.ts'
import type { Workspace } from '../../../src/sql/workspace.ts'
import { listRuns } from '../../../src/state/runs.ts'
import { withState } from '../../../src/state/state.ts'
import { compareWorkspaces, type Difference, leftovers } from './compare.ts'
import { type Ended, type Moment, runUntil } from './kill.ts'
import { copyWorkspace, type KillWorld } from './world.ts'

const COMMANDS = ['ingest', 'score'] as const
type Command = (typeof COMMANDS)[number]

/** What became of the runs of one command. */
export interface CommandTally {
  readonly command: Command
  /** Processes killed before they had come to an end. */
  kills: number
  /** Of those, killed before they had put themselves on record. */
  killedBeforeRecord: number
  /** Runs that came to their end, and what else the records say. */
  finished: number
  recordedDone: number
  recordedKilled: number
  recordedOther: number
}

export interface KilledJobs {
  readonly commands: readonly CommandTally[]
  readonly differences: readonly Difference[]
  readonly leftovers: readonly string[]
}

/** How long an undisturbed run of each step took, and how many changes of files were seen; by `command slice`. */
type Undisturbed = ReadonlyMap<string, Ended>

/** Runs ingest and score over all slices and lets them be. */
export async function runUndisturbed(
  world: KillWorld,
  keyhound: readonly string[],
): Promise<{ workspace: Workspace; ended: Undisturbed }> {
  const workspace = copyWorkspace(world, 'undisturbed')
  const ended = new Map<string, Ended>()
  for (const [i, files] of world.slices.entries())
    for (const command of COMMANDS) {
      const run = await runUntil([...keyhound, ...argvOf(command, files, workspace)], workspace.root)
      refuseFailure(run, command)
      ended.set(`${command} ${i}`, run)
    }
  return { workspace, ended }
}

function argvOf(command: Command, files: readonly string[], { root }: Workspace): string[] {
  return command === 'ingest'
    ? ['ingest', '--new-only', '--tokens', 'identifier', ...files, '--workspace', root]
    : ['score', '--workspace', root]
}

/** A run may be killed; it may not fail. */
function refuseFailure({ exitCode, isKilled, stderr }: Ended, command: Command): void {
  if (!isKilled && exitCode !== 0) throw new Error(`keyhound ${command} ended with ${exitCode}: ${stderr}`)
}

/**
 * Runs ingest and score over all slices, kills `kills` of each at random moments, and goes on with a new run each time; then compares
 * with the workspace that was let be.
 */
export async function killJobs(
  engine: Engine,
  world: KillWorld,
  undisturbed: { workspace: Workspace; ended: Undisturbed },
  options: {
    keyhound: readonly string[]
    kills: number
    random: Random
    name: string
    say?: (line: string) => void
  },
): Promise<KilledJobs> {
  const { keyhound, kills, random, name, say = () => {} } = options
  const workspace = copyWorkspace(world, name)
  const before = await allRuns(workspace)
  const tallies = COMMANDS.map(command => ({ command, kills: 0, finished: 0 }))
  for (const [i, files] of world.slices.entries()) {
    for (const tally of tallies) {
      const { command } = tally
      const usual = undisturbed.ended.get(`${command} ${i}`)!
      let left = Math.ceil((kills - tally.kills) / (world.slices.length - i))
      for (let isDone = false; !isDone; left--) {
        const moment = left > 0 ? drawMoment(random, usual) : undefined
        const run = await runUntil(
          [...keyhound, ...argvOf(command, files, workspace)],
          workspace.root,
          moment,
        )
        refuseFailure(run, command)
        if (run.isKilled) tally.kills++
        else tally.finished++
        isDone = !run.isKilled
      }
    }
    say(
      `slice ${i + 1} of ${world.slices.length}: ${tallies.map(one => `${one.command} killed ${one.kills} times`).join(', ')}`,
    )
  }
  const runs = (await allRuns(workspace)).slice(before.length)
  return {
    commands: tallies.map(tally => ({ ...tally, ...recordedOf(runs, tally) })),
    differences: await compareWorkspaces(engine, undisturbed.workspace, workspace),
    leftovers: leftovers(workspace),
  }
}

/**
 * Half by the clock, half at a change of the files, where publishing goes on. A run that follows a killed one has less to do and is
 * over sooner: three in four are drawn from the first part of the usual time, so that few come too late to kill.
 */
function drawMoment(random: Random, usual: Ended): Moment {
  const part = random.chance(0.25) ? 1 : 0.6
  return random.chance(0.5)
    ? { afterMs: random.uniform(0, part * usual.ms) }
    : { atChange: 1 + random.int(Math.ceil(part * usual.changes)) }
}

/** Oldest first. */
async function allRuns(workspace: Workspace): Promise<RunRecord[]> {
  const runs = await withState(workspace, state => listRuns(state, { limit: 1_000_000 }))
  return runs.reverse()
}

function recordedOf(runs: readonly RunRecord[], { command, kills }: { command: Command; kills: number }) {
  const count = (...statuses: string[]) =>
    runs.filter(run => run.command === command && statuses.includes(run.status)).length
  return {
    killedBeforeRecord: kills - count('killed'),
    recordedDone: count('done'),
    recordedKilled: count('killed'),
    recordedOther: count('running', 'failed'),
  }
}
