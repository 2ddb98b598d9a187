import { join } from 'node:path'
import { KeyhoundError } from '../../lib/errors.ts'
import type { Change } from '../../schema/change.ts'
import { parseConfig } from '../../schema/config.ts'
import {
  listDays,
  listParquet,
  openWorkspace,
  partition,
  publishQuery,
  type Workspace,
} from '../../sql/workspace.ts'
import { parquet } from '../batch.ts'
import type { Context } from '../context.ts'
import { loadModel, type Model } from '../models.ts'
import { prepare } from '../prepare.ts'
import { train } from '../train.ts'

/** The workspace with a folder of models elsewhere: training in it publishes nothing in the real one. */
export function withModelsAside(workspace: Workspace, scratch: string): Workspace {
  return { ...workspace, models: join(scratch, 'models') }
}

/**
 * A workspace in `scratch` in which every event belongs to its principal instead of its token, with activity and features made anew:
 * the baselines are then those of principals.
 */
export async function rekeyed(context: Context, scratch: string): Promise<Context> {
  const { engine, workspace } = context
  const aside = openWorkspace(join(scratch, 'principals'))
  for (const day of listDays(workspace.events)) {
    const files = listParquet(partition(workspace.events, day))
    await publishQuery(
      engine,
      `SELECT * REPLACE (principal_id AS token_id) FROM ${parquet(files)}`,
      join(partition(aside.events, day), 'events.parquet'),
    )
  }
  const rekeyedContext = { ...context, workspace: aside }
  await prepare(rekeyedContext)
  return rekeyedContext
}

/**
 * The model trained again on its own period, with its own seed and settings but for what the change says. Its filter
 * learns from the labels file, if one is given, and from the verdicts of today: a manifest keeps neither.
 */
export async function retrained(
  context: Context,
  model: Model,
  change: Change,
  options: { leaveOut: readonly string[]; labels: string | undefined },
): Promise<Model> {
  const { manifest } = model
  const config = mergeConfig(manifest.config, change.config)
  const seed = (change.config?.seed as number | undefined) ?? manifest.seed
  const { training } = manifest
  await train(
    { ...context, config },
    {
      from: new Date(training.from),
      until: new Date(training.until),
      name: manifest.name,
      seed,
      leaveOut: options.leaveOut,
      ...(options.labels !== undefined && { labels: options.labels }),
    },
  )
  return loadModel(context.workspace, manifest.name)
}

/** A configuration with some of its values replaced, group by group. */
export function mergeConfig<T extends object>(config: T, part: Change['config'] = {}): T {
  const merged = Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      const given = part[name]
      if (given === undefined) return [name, value]
      return [name, typeof value === 'object' ? { ...value, ...(given as object) } : given]
    }),
  )
  const result = parseConfig(merged)
  if (!result.ok) {
    const problems = result.problems.map(({ path, problem }) => `config.${path}: ${problem}`)
    throw new KeyhoundError('bad-input', problems.join('; '))
  }
  return result.config as unknown as T
}
