import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { type Client, createClient, LibsqlError } from '@libsql/client'
import { Kysely } from 'kysely'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import { libsqlDialect } from './libsql-dialect.ts'
import { checkVersion, LIBSQL_WORDS, MIGRATIONS } from './migrations.ts'
import type { StateTables } from './tables.ts'

/**
 * Milliseconds a writer waits for another process. Writes take well under a millisecond; ten seconds outlast a writer
 * that is descheduled on a busy machine, and still end.
 */
const BUSY_TIMEOUT_MS = 10_000

/** Opens (and creates or upgrades) a state file. Throws `corrupt-artefact` when it is no database of ours. */
export async function openLibsql(file: string): Promise<Kysely<StateTables>> {
  mkdirSync(dirname(file), { recursive: true })
  let client: Client | undefined
  try {
    client = createClient({ url: pathToFileURL(file).href, timeout: BUSY_TIMEOUT_MS })
    await useWriteAheadLog(client)
    await migrate(client, file)
    return new Kysely({ dialect: libsqlDialect(client, file) })
  } catch (error) {
    client?.close()
    if (error instanceof KeyhoundError) throw error
    throw new KeyhoundError(
      'corrupt-artefact',
      `the state database ${file} cannot be opened: ${messageOf(error)}. Move it away to begin a new one; verdicts and suppressions in it would be lost.`,
      { where: file, cause: error },
    )
  }
}

async function versionOf(client: Pick<Client, 'execute'>): Promise<number> {
  const { rows } = await client.execute('PRAGMA user_version')
  return Number(rows[0]!.user_version)
}

async function migrate(client: Client, file: string): Promise<void> {
  let version = await versionOf(client)
  checkVersion(version, file)
  while (version < MIGRATIONS.length) {
    // One batch is one write transaction that nothing interleaves. Its first statement fails (json() of no JSON) when
    // another opener has raised the version in between, which rolls the batch back; then we look again.
    const guard = `SELECT CASE user_version WHEN ${version} THEN 1 ELSE json('version moved') END FROM pragma_user_version()`
    try {
      const steps = MIGRATIONS[version]!(LIBSQL_WORDS)
      await client.batch([guard, ...steps, `PRAGMA user_version = ${version + 1}`], 'write')
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
