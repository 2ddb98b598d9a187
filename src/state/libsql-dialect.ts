import type { Client, InValue, Transaction } from '@libsql/client'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'

/** The query builder's way to the embedded database: its SQLite compiler over a libsql client, which closing destroys. */
export function libsqlDialect(client: Client, file: string): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: db => new SqliteIntrospector(db),
    createDriver: () => new LibsqlDriver(client, file),
  }
}

/**
 * Tails of the queues of this process for each database file. The embedded database waits for a writer by blocking the whole
 * process; were that writer a transaction of the same process, it could never go on. So within one process queries take turns.
 */
const TURNS = new Map<string, Promise<void>>()

/** Waits for the turn at a file; the answer gives it on. */
async function takeTurn(file: string): Promise<() => void> {
  const before = TURNS.get(file)
  let end!: () => void
  const turn = new Promise<void>(resolve => {
    end = resolve
  })
  TURNS.set(file, turn)
  await before
  return () => {
    if (TURNS.get(file) === turn) TURNS.delete(file)
    end()
  }
}

class LibsqlDriver implements Driver {
  readonly #client: Client
  readonly #file: string

  constructor(client: Client, file: string) {
    this.#client = client
    this.#file = file
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<LibsqlConnection> {
    return new LibsqlConnection(this.#client, await takeTurn(this.#file))
  }

  /** Takes the write lock at once: a reader that becomes a writer half-way may be refused by SQLite. */
  async beginTransaction(connection: LibsqlConnection): Promise<void> {
    connection.transaction = await this.#client.transaction('write')
  }

  async commitTransaction(connection: LibsqlConnection): Promise<void> {
    await connection.transaction!.commit()
    connection.transaction = undefined
  }

  async rollbackTransaction(connection: LibsqlConnection): Promise<void> {
    await connection.transaction?.rollback()
    connection.transaction = undefined
  }

  async releaseConnection(connection: LibsqlConnection): Promise<void> {
    connection.giveTurn()
  }

  async destroy(): Promise<void> {
    this.#client.close()
  }
}

class LibsqlConnection implements DatabaseConnection {
  transaction: Transaction | undefined
  readonly giveTurn: () => void
  readonly #client: Client

  constructor(client: Client, giveTurn: () => void) {
    this.#client = client
    this.giveTurn = giveTurn
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, rowsAffected } = await (this.transaction ?? this.#client).execute({
      sql,
      args: parameters as InValue[],
    })
    return { rows: rows as R[], numAffectedRows: BigInt(rowsAffected) }
  }

  // biome-ignore lint/correctness/useYield: refuses; nothing here reads so much that it must stream
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('the embedded state database does not stream')
  }
}
