import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBResult,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api'
import type { DoubleMatrix, FloatMatrix } from '../lib/matrix.ts'
import { appendTyped, type Buffers, streamBuffers, type TypedColumn } from './typed-columns.ts'
import { copyColumn, fillDoubles, fillTexts } from './vectors.ts'

/** Values bound to `$name` in a statement; Dates are bound as UTC timestamps through {@link timestampLiteral} instead. */
export type Bindings = Record<string, string | number | bigint | boolean | null>

/** A row as plain JavaScript: timestamps are Dates, big integers numbers, lists arrays. */
export type Row = Record<string, unknown>

/** Numbers, null as NaN; or texts. */
export type Column = Float64Array | readonly (string | null)[]

/** An open, in-memory SQL engine. Data lives in Parquet; the engine only reads and writes it. */
export interface Engine {
  /** The same object for all connections to one engine: what is to live as long as it does hangs here. */
  readonly home: object
  /** Runs one or more statements; answers nothing. */
  run(sql: string, bindings?: Bindings): Promise<void>
  /** All rows as objects. For results that are small: never on the way of a matrix. */
  rows<T = Row>(sql: string, bindings?: Bindings): Promise<T[]>
  /** Column names and types of a query, without running it. */
  describe(sql: string): Promise<{ name: string; type: string }[]>
  /** A query of numeric columns as a matrix (rows, cols); null becomes NaN. */
  matrix(sql: string, bindings?: Bindings): Promise<DoubleMatrix>
  /** The same in single precision, half the memory: of FLOAT columns nothing is lost. */
  floats(sql: string, bindings?: Bindings): Promise<FloatMatrix>
  /** A query of numeric columns, column by column; null becomes NaN. */
  numbers(sql: string, bindings?: Bindings): Promise<Float64Array[]>
  /** A query of numbers and texts, column by column, by name. */
  columns(sql: string, bindings?: Bindings): Promise<Map<string, Column>>
  /** A query of text columns, column by column; `rowCount` long each. */
  texts(sql: string, bindings?: Bindings): Promise<{ names: string[]; columns: (string | null)[][] }>
  /** Creates (or replaces) a temporary table from equally long columns of numbers or texts; NaN and undefined become null. */
  load(table: string, columns: Record<string, ArrayLike<number> | readonly (string | null)[]>): Promise<void>
  /** A streaming result, chunk after chunk, as arrays of plain values by column. */
  stream(sql: string): AsyncGenerator<{ names: string[]; columns: unknown[][] }>
  /** A query of numeric columns without nulls as typed arrays, chunk after chunk. */
  buffers(sql: string): AsyncGenerator<Buffers>
  /** Creates (or replaces) a temporary table from the first `rows` values of typed columns; NaN becomes null. */
  loadTyped(table: string, columns: Record<string, TypedColumn>, rows: number): Promise<void>
  /**
   * Another connection to the same engine, for work beside this one: they share memory, threads and spill space, and see nothing
   * of each other's tables, views and macros. Closing it leaves the engine open.
   */
  connect(): Promise<Engine>
  /**
   * A second connection for statements at the same time as this one's: it sees the same tables, but for temporary ones, macros
   * and the session's settings. To be closed before this one.
   */
  twin(): Promise<Engine>
  close(): void
}

/** How much of the machine the engine may use. */
export interface EngineOptions {
  /** What the engine may use before it spills. @default 800 MB: measured, the process peaks up to 500 MB above it */
  memoryLimit?: string
  /** @default the processors of the machine */
  threads?: number
  /** Where to spill. @default a folder of this process under the system's temporary folder */
  temporaryFolder?: string
}

/** Opens an embedded DuckDB in memory; data stay in Parquet. Close it when done. Throws the engine's own error for settings that it cannot take. */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const settings: Record<string, string> = {
    memory_limit: options.memoryLimit ?? '800MB',
    preserve_insertion_order: 'false',
    // Nothing is ever downloaded: extensions come with the package or not at all.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  }
  if (options.threads !== undefined) settings.threads = String(options.threads)
  if (options.temporaryFolder !== undefined) settings.temp_directory = options.temporaryFolder
  const instance = await DuckDBInstance.create(':memory:', settings)
  const connection = await instance.connect()
  return engineOver(instance, connection, () => {
    connection.closeSync()
    instance.closeSync()
  })
}

/** A connection whose tables and views live in a database of its own, in memory, which goes with it. */
async function connectTo(instance: DuckDBInstance): Promise<Engine> {
  const connection = await instance.connect()
  const [[name]] = (await connection.runAndReadAll('SELECT uuid()::VARCHAR')).getRowsJS() as [[string]]
  await connection.run(`ATTACH ':memory:' AS ${quoteName(name)}; USE ${quoteName(name)}`)
  return engineOver(instance, connection, () => {
    // Not awaited, and no matter if the engine is closed before: then all of it is gone.
    connection
      .run(`USE memory; DETACH ${quoteName(name)}`)
      .catch(() => {})
      .finally(() => connection.closeSync())
  })
}

function engineOver(instance: DuckDBInstance, connection: DuckDBConnection, close: () => void): Engine {
  const values = (bindings?: Bindings) => bindings as Record<string, DuckDBValue> | undefined
  return {
    home: instance,
    async run(sql, bindings) {
      await connection.run(sql, values(bindings))
    },
    async rows<T>(sql: string, bindings?: Bindings) {
      const reader = await connection.runAndReadAll(sql, values(bindings))
      return reader.getRowObjectsJS().map(plain) as T[]
    },
    async describe(sql) {
      const reader = await connection.runAndReadAll(`DESCRIBE ${sql}`)
      return reader
        .getRowObjectsJS()
        .map(row => ({ name: String(row.column_name), type: String(row.column_type) }))
    },
    async matrix(sql, bindings) {
      const result = await connection.stream(sql, values(bindings))
      return readMatrix(result, length => new Float64Array(length))
    },
    async floats(sql, bindings) {
      const result = await connection.stream(sql, values(bindings))
      return readMatrix(result, length => new Float32Array(length))
    },
    async numbers(sql, bindings) {
      const result = await connection.stream(sql, values(bindings))
      const { chunks, rows } = await fetchAll(result)
      return Array.from({ length: result.columnCount }, (_, c) => readNumbers(chunks, c, rows))
    },
    async columns(sql, bindings) {
      const result = await connection.stream(sql, values(bindings))
      const isText = result.columnTypes().map(type => type.typeId === DuckDBTypeId.VARCHAR)
      const { chunks, rows } = await fetchAll(result)
      const column = (c: number) => (isText[c] ? readTexts(chunks, c) : readNumbers(chunks, c, rows))
      return new Map(result.columnNames().map((name, c) => [name, column(c)]))
    },
    async texts(sql, bindings) {
      const reader = await connection.runAndReadAll(sql, values(bindings))
      const names = reader.columnNames()
      // An empty answer has no chunks, and so no columns: give each an empty one.
      const columns = reader.currentRowCount === 0 ? names.map(() => []) : reader.getColumns()
      return { names, columns: columns as (string | null)[][] }
    },
    async load(table, columns) {
      const names = Object.keys(columns)
      const isText = names.map(name => isTextColumn(columns[name]!))
      const list = names.map((name, i) => `${quoteName(name)} ${isText[i] ? 'VARCHAR' : 'DOUBLE'}`).join(', ')
      await connection.run(`CREATE OR REPLACE TEMP TABLE ${quoteName(table)} (${list})`)
      await appendColumns(
        connection,
        table,
        names.map(name => columns[name]!),
        isText,
      )
    },
    async *stream(sql) {
      const result = await connection.stream(sql)
      const names = result.columnNames()
      for (
        let chunk = await result.fetchChunk();
        chunk && chunk.rowCount > 0;
        chunk = await result.fetchChunk()
      ) {
        yield { names, columns: chunk.getColumns() as unknown[][] }
      }
    },
    buffers: sql => streamBuffers(connection, sql),
    async loadTyped(table, columns, rows) {
      const list = Object.entries(columns).map(([name, column]) => `${quoteName(name)} ${typeOf(column)}`)
      await connection.run(`CREATE OR REPLACE TEMP TABLE ${quoteName(table)} (${list.join(', ')})`)
      await appendTyped(connection, table, Object.values(columns), rows)
    },
    connect: () => connectTo(instance),
    async twin() {
      const [[database, schema]] = (
        await connection.runAndReadAll('SELECT current_database(), current_schema()')
      ).getRowsJS() as [[string, string]]
      const second = await instance.connect()
      await second.run(`USE ${quoteName(database)}.${quoteName(schema)}`)
      return engineOver(instance, second, () => second.closeSync())
    },
    close,
  }
}

function typeOf(column: TypedColumn): string {
  if (column instanceof Float64Array) return 'DOUBLE'
  return column instanceof Float32Array ? 'FLOAT' : 'INTEGER'
}

async function readMatrix<T extends Float32Array | Float64Array>(
  result: DuckDBResult,
  allocate: (length: number) => T,
): Promise<{ data: T; rows: number; cols: number; names: string[] }> {
  const names = result.columnNames()
  const cols = names.length
  const { chunks, rows } = await fetchAll(result)
  const data = allocate(rows * cols)
  let start = 0
  for (const chunk of chunks) {
    for (let c = 0; c < cols; c++) copyColumn(chunk, c, { data, start: start + c, stride: cols })
    start += chunk.rowCount * cols
  }
  return { data, rows, cols, names }
}

function readNumbers(chunks: readonly DuckDBDataChunk[], column: number, rows: number): Float64Array {
  const data = new Float64Array(rows)
  let start = 0
  for (const chunk of chunks) {
    copyColumn(chunk, column, { data, start, stride: 1 })
    start += chunk.rowCount
  }
  return data
}

function readTexts(chunks: readonly DuckDBDataChunk[], column: number): (string | null)[] {
  return chunks.flatMap(chunk => chunk.getColumnValues(column) as (string | null)[])
}

async function fetchAll(result: DuckDBResult): Promise<{ chunks: DuckDBDataChunk[]; rows: number }> {
  const chunks: DuckDBDataChunk[] = []
  let rows = 0
  for (
    let chunk = await result.fetchChunk();
    chunk && chunk.rowCount > 0;
    chunk = await result.fetchChunk()
  ) {
    chunks.push(chunk)
    rows += chunk.rowCount
  }
  return { chunks, rows }
}

function isTextColumn(column: ArrayLike<number> | readonly (string | null)[]): boolean {
  if (!Array.isArray(column)) return false
  return !column.some(value => typeof value === 'number')
}

/** DuckDB's vectors hold 2,048 rows; a chunk cannot be larger. */
const CHUNK_ROWS = 2048

async function appendColumns(
  connection: DuckDBConnection,
  table: string,
  columns: (ArrayLike<number> | readonly (string | null)[])[],
  isText: boolean[],
): Promise<void> {
  const appender = await connection.createAppender(table)
  const types: DuckDBType[] = isText.map(text => (text ? VARCHAR : DOUBLE))
  const rows = columns[0]?.length ?? 0
  for (let start = 0; start < rows; start += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, rows - start)
    const chunk = DuckDBDataChunk.create(types, count)
    columns.forEach((column, c) => {
      if (isText[c]) fillTexts(chunk, c, column as readonly (string | null)[], start)
      else fillDoubles(chunk, c, column as ArrayLike<number>, start)
    })
    appender.appendDataChunk(chunk)
  }
  appender.flushSync()
  appender.closeSync()
}

/** bigint -> number, deep enough for lists. Counts stay far under 2^53. */
function plain(row: Record<string, unknown>): Row {
  for (const key of Object.keys(row)) {
    const value = row[key]
    if (typeof value === 'bigint') row[key] = Number(value)
    else if (Array.isArray(value))
      row[key] = value.map(item => (typeof item === 'bigint' ? Number(item) : item))
  }
  return row
}

/** The one place where a name becomes part of a statement. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as an SQL literal, for the few places that take no bound value (COPY targets, read_parquet lists in views). */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Statements that drop tables which nothing reads any more: they would count towards the engine's memory until replaced. */
export function dropTables(...names: readonly string[]): string {
  return names.map(name => `DROP TABLE ${quoteName(name)}`).join('; ')
}

/** A moment as an SQL literal of type TIMESTAMP_MS, UTC. */
export function timestampLiteral(time: Date): string {
  return `TIMESTAMP_MS '${time.toISOString().replace('T', ' ').replace('Z', '')}'`
}
