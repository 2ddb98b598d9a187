import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { count, keyhound } from '../keyhound.ts'
import { type ChildRun, runChild } from '../lib.ts'
import { ingestArguments, type Logs, UNTIL } from '../logs.ts'

/** One process of a contender: what it did and what it cost, from start to exit. */
export interface Stage extends Omit<ChildRun, 'stdout'> {
  readonly name: string
}

/** From events to scores, once. */
export interface PipelineRun {
  readonly stages: readonly Stage[]
  readonly events: number
  /** Token-hours scored. */
  readonly tokenHours: number
}

/** Goes from the logs to scores in a folder that it may fill, and that is emptied afterwards. */
export type Contender = (logs: Logs, scratch: string) => Promise<PipelineRun>

/** All in one process. */
export const asRun: Contender = (logs, scratch) =>
  ours(scratch, [['run', ...ingestArguments(logs), '--until', UNTIL, '--from', UNTIL]])

/** A process for each command. */
export const asCommands: Contender = (logs, scratch) =>
  ours(scratch, [
    ['ingest', ...ingestArguments(logs)],
    ['train', '--until', UNTIL],
    ['score', '--from', UNTIL],
  ])

async function ours(scratch: string, commands: readonly string[][]): Promise<PipelineRun> {
  const workspace = join(scratch, 'workspace')
  const stages: Stage[] = []
  for (const command of commands)
    stages.push(stageOf(command[0]!, await keyhound([...command, '--workspace', workspace])))
  const [events, tokenHours, withFeatures] = [
    await count(workspace, 'SELECT count(*) AS n FROM events'),
    await count(workspace, 'SELECT count(*) AS n FROM scores'),
    await count(workspace, `SELECT count(*) AS n FROM features WHERE window_start >= TIMESTAMP '${UNTIL}'`),
  ]
  rmSync(workspace, { recursive: true, force: true })
  if (withFeatures !== tokenHours)
    throw new Error(`${tokenHours} token-hours were scored, but features were written of ${withFeatures}`)
  return { stages, events, tokenHours }
}

const SCRIPT = fileURLToPath(new URL('../peers/seed_pipeline.py', import.meta.url))

/** pandas and scikit-learn: 22 features of the hour, a forest of the same days, the same hours scored. */
export function asPeer(python: string): Contender {
  return async (logs, scratch) => {
    const scores = join(scratch, 'peer-scores.csv')
    const child = await runChild(python, [SCRIPT, logs.events, UNTIL, scores])
    rmSync(scores)
    const { events, tokenHours } = JSON.parse(child.stdout) as { events: number; tokenHours: number }
    return { stages: [stageOf('whole', child)], events, tokenHours }
  }
}

function stageOf(name: string, { stdout: _, ...cost }: ChildRun): Stage {
  return { name, ...cost }
}
