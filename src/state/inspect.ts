import { pathToFileURL } from 'node:url'
import { createClient } from '@libsql/client'
import { Kysely } from 'kysely'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import { libsqlDialect } from './libsql-dialect.ts'
import { MIGRATIONS } from './migrations.ts'
import { connectPostgres, reasonOf, versionOf } from './postgres.ts'
import type { State, StatePlace } from './state.ts'
import type { StateTables } from './tables.ts'

/** A state as it is found: neither created nor upgraded. */
export interface InspectedState {
  /** Version of its tables, and the newest that this Keyhound knows. */
  readonly version: number
  readonly known: number
  /** To read from; its tables are those of `version`. */
  readonly state: State
}

/**
 * Opens a state that is there, for looking only, and lends it to `use`. Throws `corrupt-artefact` when the file is no database, `unavailable` when
 * the server does not let us in.
 */
export async function inspectState<T>(
  place: StatePlace,
  use: (inspected: InspectedState) => Promise<T>,
): Promise<T> {
  const known = MIGRATIONS.length
  if (place.stateDatabase !== undefined) {
    const { db, schema, shown } = connectPostgres(place.stateDatabase)
    try {
      const version = await versionOf(db, schema)
      return await use({ version, known, state: { db: db.withSchema(schema) } })
    } catch (error) {
      if (error instanceof KeyhoundError) throw error
      throw new KeyhoundError(
        'unavailable',
        `the state database ${shown} cannot be used: ${reasonOf(error)}`,
        {
          cause: error,
        },
      )
    } finally {
      await db.destroy()
    }
  }
  const { stateFile } = place
  const client = createClient({ url: pathToFileURL(stateFile).href })
  const db = new Kysely<StateTables>({ dialect: libsqlDialect(client, stateFile) })
  try {
    const { rows } = await client.execute('PRAGMA user_version')
    const sound = await client.execute('PRAGMA quick_check(1)')
    if (sound.rows[0]?.[0] !== 'ok') throw new Error(String(sound.rows[0]?.[0]))
    return await use({ version: Number(rows[0]!.user_version), known, state: { db } })
  } catch (error) {
    if (error instanceof KeyhoundError) throw error
    throw new KeyhoundError('corrupt-artefact', `the state database is damaged: ${messageOf(error)}`, {
      where: stateFile,
      cause: error,
    })
  } finally {
    await db.destroy()
  }
}
