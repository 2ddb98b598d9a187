import { existsSync } from 'node:fs'
import type { Kysely } from 'kysely'
import { KeyhoundError } from '../lib/errors.ts'
import type { StateDatabase } from '../schema/config.ts'
import { openLibsql } from './libsql.ts'
import { openPostgres } from './postgres.ts'
import type { StateTables } from './tables.ts'

/**
 * The open state of one workspace: verdicts, suppressions, checkpoints, keys, audit trail. Safe to open in several processes,
 * and, where it is a PostgreSQL database, on several machines.
 */
export interface State {
  readonly db: Kysely<StateTables>
}

/** Where a workspace keeps its state: in the database when one is named, else in the file. */
export interface StatePlace {
  readonly stateFile: string
  readonly stateDatabase?: StateDatabase
}

/** Who changes the state, and when. */
export interface By {
  /** As the audit trail names them: `cli:ann`, `key:4f1c09d2`, `playbook:takeover`. */
  readonly actor: string
  readonly at: Date
}

/**
 * Opens (and creates or upgrades) the state of a workspace. Throws `corrupt-artefact` when it is no database of ours,
 * `unavailable` when its server cannot be reached.
 */
export async function openState({ stateFile, stateDatabase }: StatePlace): Promise<State> {
  if (stateDatabase === undefined) return { db: await openLibsql(stateFile) }
  if (!/^postgres(ql)?:\/\//.test(stateDatabase.url)) {
    throw new KeyhoundError(
      'usage',
      'the address of the state database must begin with postgres:// (state.url in the configuration or KEYHOUND_STATE_URL); leave it out to keep the state in a file',
    )
  }
  return { db: await openPostgres(stateDatabase) }
}

/** True when the workspace has a state; reading nothing from none needs no file. */
export function hasState({ stateFile, stateDatabase }: StatePlace): boolean {
  return stateDatabase !== undefined || existsSync(stateFile)
}

/** Closes the connections of a state; it cannot be used after. */
export async function closeState(state: State): Promise<void> {
  await state.db.destroy()
}

/** Opens the state, lends it to `use` and closes it, whatever happens. */
export async function withState<T>(place: StatePlace, use: (state: State) => Promise<T>): Promise<T> {
  const state = await openState(place)
  try {
    return await use(state)
  } finally {
    await closeState(state)
  }
}

/**
 * What `use` does to the state that it is lent happens altogether or not at all; within a transaction it joins that one. Inside,
 * use nothing but the state lent: in the embedded database anything else of this process waits until the end.
 */
export async function inTransaction<T>(state: State, use: (state: State) => Promise<T>): Promise<T> {
  if (state.db.isTransaction) return use(state)
  return state.db.transaction().execute(db => use({ ...state, db }))
}
