import { join } from 'node:path'
import { KeyhoundError } from '../../lib/errors.ts'
import { compareModels } from '../../pipeline/compare-models.ts'
import type { Context } from '../../pipeline/context.ts'
import { loadFeatures } from '../../pipeline/own-features.ts'
import { promoteModel } from '../../pipeline/promote.ts'
import { replay } from '../../pipeline/replay.ts'
import { parseChange } from '../../schema/change.ts'
import { type Config, parseConfig } from '../../schema/config.ts'
import type { Progress } from '../../schema/run.ts'
import { openEngine } from '../../sql/duckdb.ts'
import { openWorkspace } from '../../sql/workspace.ts'
import type { JobFrame, JobProgress, JobTask } from './task.ts'

/** Does a task in this process, with an engine of its own; answers the result as JSON, in which moments are texts. */
export async function doTask(
  task: JobTask,
  frame: JobFrame,
  onProgress: (progress: JobProgress) => void,
): Promise<string> {
  const { root, stateDatabase, scratch, owner, actor } = frame
  const config = configOf(frame)
  const catalogue = await loadFeatures(config)
  const engine = await openEngine({ temporaryFolder: join(scratch, 'spill') })
  try {
    const context: Context = {
      engine,
      workspace: openWorkspace(root, stateDatabase ?? undefined),
      config,
      catalogue,
      progress: reporting(onProgress),
      now: new Date(frame.now),
      actor,
    }
    const period = {
      ...(task.from !== null && { from: new Date(task.from) }),
      ...(task.to !== null && { to: new Date(task.to) }),
    }
    const options = { ...period, scratch, owner }
    if (task.kind === 'replay') {
      return JSON.stringify({ replay: await replay(context, { ...options, change: changeOf(task.change) }) })
    }
    if (task.kind === 'compare') {
      const { champion, challenger } = task
      return JSON.stringify({
        comparison: await compareModels(context, { ...options, champion, challenger }),
      })
    }
    const { model, because } = task
    const force = because === null ? {} : { force: { because } }
    return JSON.stringify(await promoteModel(context, { ...options, model, who: owner, ...force }))
  } finally {
    engine.close()
  }
}

function configOf({ config }: JobFrame): Config {
  const result = parseConfig(config)
  if (result.ok) return result.config
  throw new KeyhoundError('bad-input', result.problems.map(one => `${one.path}: ${one.problem}`).join('; '))
}

function changeOf(value: unknown) {
  const result = parseChange(value)
  if (result.ok) return result.change
  throw new KeyhoundError('bad-input', result.problems.map(one => `${one.path}: ${one.problem}`).join('; '))
}

function reporting(tell: (progress: JobProgress) => void): Progress {
  let at: JobProgress = { stage: '', done: 0, total: 0, note: null }
  const now = (next: Partial<JobProgress>) => {
    at = { ...at, ...next }
    tell(at)
  }
  return {
    start: (stage, total) => now({ stage, total, done: 0, note: null }),
    step: (count = 1, note) => now({ done: at.done + count, ...(note !== undefined && { note }) }),
    done() {},
    say() {},
  }
}
