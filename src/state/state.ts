import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { type Client, createClient, LibsqlError, type Row } from '@libsql/client'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import { MIGRATIONS } from './migrations.ts'

/** An open state database: verdicts, suppressions and checkpoints of one workspace. Safe to open in several processes. */
export interface State {
  readonly client: Client
}

/**
 * Milliseconds a writer waits for another process. Writes take well under a millisecond; ten seconds outlast a writer
 * that is descheduled on a busy machine, and still end.
 */
const BUSY_TIMEOUT_MS = 10_000

/** Opens (and creates or upgrades) the state database of a workspace. Throws `corrupt-artefact` when it is no database of ours. */
export async function openState(workspace: { readonly stateFile: string }): Promise<State> {
  mkdirSync(dirname(workspace.stateFile), { recursive: true })
  let client: Client | undefined
  try {
    client = createClient({ url: pathToFileURL(workspace.stateFile).href, timeout: BUSY_TIMEOUT_MS })
    await useWriteAheadLog(client)
    await migrate(client, workspace.stateFile)
    return { client }
  } catch (error) {
    client?.close()
    if (error instanceof KeyhoundError) throw error
    throw new KeyhoundError(
      'corrupt-artefact',
      `the state database ${workspace.stateFile} cannot be opened: ${messageOf(error)}. Move it away to begin a new one; verdicts and suppressions in it would be lost.`,
      { where: workspace.stateFile, cause: error },
    )
  }
}

/** True when the workspace has a state database; reading nothing from none needs no file. */
export function hasState(workspace: { readonly stateFile: string }): boolean {
  return existsSync(workspace.stateFile)
}

export function closeState(state: State): void {
  state.client.close()
}

/** Opens the state, lends it to `use` and closes it, whatever happens. */
export async function withState<T>(
  workspace: { readonly stateFile: string },
  use: (state: State) => Promise<T>,
): Promise<T> {
  const state = await openState(workspace)
  try {
    return await use(state)
  } finally {
    closeState(state)
  }
}

async function versionOf(client: Pick<Client, 'execute'>): Promise<number> {
  const { rows } = await client.execute('PRAGMA user_version')
  return Number(rows[0]!.user_version)
}

async function migrate(client: Client, file: string): Promise<void> {
  let version = await versionOf(client)
  if (version > MIGRATIONS.length) {
    throw new KeyhoundError(
      'corrupt-artefact',
      `the state database ${file} is of version ${version}; this Keyhound knows versions up to ${MIGRATIONS.length}. Use the newer Keyhound that wrote it.`,
      { where: file },
    )
  }
  while (version < MIGRATIONS.length) {
    // One batch is one write transaction that nothing interleaves. Its first statement fails (json() of no JSON) when
    // another opener has raised the version in between, which rolls the batch back; then we look again.
    const guard = `SELECT CASE user_version WHEN ${version} THEN 1 ELSE json('version moved') END FROM pragma_user_version()`
    try {
      await client.batch([guard, ...MIGRATIONS[version]!, `PRAGMA user_version = ${version + 1}`], 'write')
      version++
    } catch (error) {
      const found = await versionOf(client)
      if (found <= version) throw error
      version = found
    }
  }
}

/** Write-ahead logging lets readers go on beside a writer. SQLite refuses the switch at once, without waiting, while others look. */
async function useWriteAheadLog(client: Client): Promise<void> {
  for (let waitedMs = 0, pauseMs = 5; ; pauseMs = Math.min(2 * pauseMs, 200)) {
    try {
      await client.execute('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (!(error instanceof LibsqlError) || error.code !== 'SQLITE_BUSY' || waitedMs >= BUSY_TIMEOUT_MS)
        throw error
      await setTimeout(pauseMs)
      waitedMs += pauseMs
    }
  }
}

export function textOrNull(row: Row, column: string): string | null {
  const value = row[column]
  return value === null || value === undefined ? null : String(value)
}

export function dateOf(row: Row, column: string): Date {
  return new Date(Number(row[column]))
}
