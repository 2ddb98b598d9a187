import { Kysely, PostgresDialect, sql } from 'kysely'
import { Pool, types } from 'pg'
import { KeyhoundError } from '../lib/errors.ts'
import type { StateDatabase } from '../schema/config.ts'
import { checkVersion, MIGRATIONS, POSTGRES_WORDS } from './migrations.ts'
import type { StateTables } from './tables.ts'

/** Connections of one process: a job uses one at a time, a server a few; PostgreSQL's default limit is 100 for everybody. */
const MOST_CONNECTIONS = 4

/** Milliseconds until a server that does not answer counts as down; as long as a writer waits for the state file. */
const CONNECT_TIMEOUT_MS = 10_000

/** OID of bigint. Ours are counts and milliseconds, far below 2^53, where numbers are exact. */
const BIGINT_OID = 20

/**
 * Opens (and creates or upgrades) the state in a schema of a PostgreSQL database. Throws `unavailable` when the server does not
 * let us in, `corrupt-artefact` when the schema is of a newer Keyhound. Errors never show a password.
 */
export async function openPostgres(database: StateDatabase): Promise<Kysely<StateTables>> {
  const { db, schema, shown } = connectPostgres(database)
  try {
    await migrate(db, schema, shown)
    return db.withSchema(schema)
  } catch (error) {
    await db.destroy()
    if (error instanceof KeyhoundError) throw error
    throw new KeyhoundError(
      'unavailable',
      `the state database ${shown} cannot be used: ${reasonOf(error)}. Is the server up, and are state.url or KEYHOUND_STATE_URL and the password right?`,
      { where: withoutPassword(database.url), cause: error },
    )
  }
}

/** Connections to a database, made when they are used; `shown` is what it may be called. */
export function connectPostgres({ url, schema }: StateDatabase): {
  db: Kysely<StateTables>
  schema: string
  shown: string
} {
  const shown = `${withoutPassword(url)} (schema ${schema})`
  const pool = new Pool({
    connectionString: url,
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'keyhound',
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === BIGINT_OID ? Number : types.getTypeParser(oid, format),
    } as typeof types,
  })
  // An idle connection that the server ends must not end the process; the next query connects anew or says what is wrong.
  pool.on('error', () => {})
  return { db: new Kysely<StateTables>({ dialect: new PostgresDialect({ pool }) }), schema, shown }
}

/** The address as it may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:@/?]*):[^@/]*@/, '$1@').replace(/([?&]password=)[^&]*/g, '$1...')
}

/** What went wrong; a refused connection to a name with several addresses has no message of its own. */
export function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string }
  return message || code || String(error)
}

async function migrate(db: Kysely<StateTables>, schema: string, shown: string): Promise<void> {
  if (checked(await versionOf(db, schema), shown) === MIGRATIONS.length) return
  await db.transaction().execute(async transaction => {
    // Whoever comes second waits here until the first has committed, and then finds nothing to do.
    await sql`SELECT pg_advisory_xact_lock(hashtext(${`keyhound state ${schema}`}))`.execute(transaction)
    const { rows } = await sql`SELECT 1 WHERE to_regnamespace(quote_ident(${schema})) IS NOT NULL`.execute(
      transaction,
    )
    if (rows.length === 0) await sql`CREATE SCHEMA ${sql.id(schema)}`.execute(transaction)
    await sql`SET LOCAL search_path TO ${sql.id(schema)}`.execute(transaction)
    const version = checked(await versionOf(transaction, schema), shown)
    if (version === 0) await sql`CREATE TABLE state_version (version INTEGER NOT NULL)`.execute(transaction)
    for (const step of MIGRATIONS.slice(version))
      for (const statement of step(POSTGRES_WORDS)) await sql.raw(statement).execute(transaction)
    await sql`DELETE FROM state_version`.execute(transaction)
    await sql`INSERT INTO state_version VALUES (${MIGRATIONS.length})`.execute(transaction)
  })
}

/** Version of the tables in a schema; 0 where there is nothing yet. */
export async function versionOf(db: Kysely<StateTables>, schema: string): Promise<number> {
  const known =
    await sql`SELECT 1 WHERE to_regclass(quote_ident(${schema}) || '.state_version') IS NOT NULL`.execute(db)
  if (known.rows.length === 0) return 0
  const table = sql.table(`${schema}.state_version`)
  const { rows } = await sql<{ version: number }>`SELECT version FROM ${table}`.execute(db)
  return rows[0]!.version
}

function checked(version: number, shown: string): number {
  checkVersion(version, shown)
  return version
}
