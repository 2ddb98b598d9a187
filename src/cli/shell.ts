import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import pc from 'picocolors'
import { KeyhoundError } from '../lib/errors.ts'
import type { Context } from '../pipeline/context.ts'
import type { Config } from '../schema/config.ts'
import type { Progress } from '../schema/run.ts'
import type { Engine } from '../sql/duckdb.ts'
import type { Workspace } from '../sql/workspace.ts'
import { type Effects, write } from './effects.ts'
import { createProgress } from './progress.ts'

/** Options that every command takes, before or after its name. */
export interface GlobalOptions {
  workspace: string
  config?: string
  json?: boolean
  debug?: boolean
}

/** What the stages work with; here the configuration is always resolved. */
type ResolvedContext = Context & { readonly config: Config }

/** One running command: its options resolved, its output decided, its resources closed at the end. */
export interface Shell {
  readonly effects: Effects
  readonly json: boolean
  /** Who the audit trail names for what the command changes. */
  readonly actor: string
  /** Colours for stdout: none unless it is a terminal. */
  readonly colors: ReturnType<typeof pc.createColors>
  readonly progress: Progress
  /** A path as the user wrote it, made absolute. */
  path(text: string): string
  workspace(): Promise<Workspace>
  config(): Promise<Config>
  /** Opens the engine on first use. With `mustExist`, a workspace folder that is not there is an error, not an empty one. */
  context(options?: {
    mustExist?: boolean
    workspace?: string
    /** Seconds to wait for another run. @default 0 */
    wait?: number
  }): Promise<ResolvedContext>
  /** A private folder that is gone when the command ends. */
  scratch(): string
  /** The command's result: as JSON under --json, else as the text made of it. */
  result(value: unknown, text: () => string): Promise<void>
  /** A remark for a human, on stderr. */
  note(line: string): void
}

/** Runs an action with a shell of its own and closes what it opened. */
export async function withShell(
  effects: Effects,
  command: Command,
  action: (shell: Shell) => Promise<void>,
): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>()
  const progress = createProgress(effects.stderr)
  const path = (text: string) => resolve(effects.cwd, text)
  let engine: Engine | undefined
  let folder: string | undefined
  const scratch = () => {
    folder ??= mkdtempSync(join(tmpdir(), 'keyhound-'))
    return folder
  }
  const removeScratch = () => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
  const workspace = async () => {
    const { openWorkspace } = await import('../sql/workspace.ts')
    return openWorkspace(path(options.workspace), await stateDatabase())
  }
  const stateDatabase = async () => {
    const { state } = await config()
    const url = effects.env.KEYHOUND_STATE_URL || state.url
    return url === null ? undefined : { url, schema: state.schema }
  }
  const config = () => readConfig(options.config === undefined ? undefined : path(options.config))
  const isTerminal = effects.stdout.isTTY === true
  const shell: Shell = {
    effects,
    json: options.json === true,
    actor: `cli:${effects.user}`,
    colors: pc.createColors(isTerminal && !effects.env.NO_COLOR && effects.env.TERM !== 'dumb'),
    progress,
    path,
    workspace,
    config,
    async context({ mustExist = false, workspace: other, wait = 0 } = {}) {
      const { openWorkspace } = await import('../sql/workspace.ts')
      // Another folder than the user's own is scratch: it must not write into a state that is shared.
      const opened = other === undefined ? await workspace() : openWorkspace(other)
      if (mustExist && !existsSync(opened.root)) {
        throw new KeyhoundError('not-found', `no workspace at ${opened.root}; name one with --workspace`, {
          where: opened.root,
        })
      }
      const { openEngine } = await import('../sql/duckdb.ts')
      const resolved = await config()
      const catalogue = await catalogueOf(resolved)
      engine ??= await openEngine({ temporaryFolder: join(scratch(), 'spill') })
      return {
        engine,
        workspace: opened,
        progress,
        config: resolved,
        ...(catalogue !== undefined && { catalogue }),
        now: effects.now(),
        clock: effects.now,
        waitMs: 1000 * wait,
        actor: shell.actor,
      }
    },
    scratch,
    async result(value, text) {
      await write(effects.stdout, shell.json ? `${toJson(value)}\n` : `${text()}\n`)
    },
    note: line => progress.say(line),
  }
  // An interrupted run leaves no scratch behind either.
  process.once('exit', removeScratch)
  try {
    await action(shell)
  } finally {
    progress.close()
    engine?.close()
    removeScratch()
    process.removeListener('exit', removeScratch)
  }
}

/** JSON with dates in ISO form, big integers as numbers and unknown numbers (NaN) as null. */
export function toJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, item) => {
      if (typeof item === 'bigint') return Number(item)
      if (ArrayBuffer.isView(item) && !(item instanceof DataView)) return Array.from(item as Float64Array)
      if (item instanceof Map) return Object.fromEntries(item)
      return item
    },
    2,
  )
}

/** Own features of a configuration; undefined where it names none, so that nothing has to be loaded. */
async function catalogueOf(config: Config) {
  if (config.features.length === 0 && config.detectors.onnx.length === 0) return undefined
  const { loadFeatures } = await import('../pipeline/own-features.ts')
  return loadFeatures(config)
}

async function readConfig(file: string | undefined): Promise<Config> {
  const { defaultConfig, loadConfig } = await import('../schema/config.ts')
  if (file === undefined) return defaultConfig()
  const result = loadConfig(file)
  if (result.ok) return result.config
  const problems = result.problems.map(({ path, problem }) => (path === '' ? problem : `${path}: ${problem}`))
  throw new KeyhoundError('bad-input', `${file}: ${problems.join('; ')}`, { where: file })
}
