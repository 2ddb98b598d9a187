import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  FLOAT,
  INTEGER,
} from '@duckdb/node-api'

/** A column of numbers without nulls, as the engine holds it. */
export type NumberBuffer =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Uint8Array
  | BigInt64Array
  | BigUint64Array

/** Rows of a query of numeric columns, none of them null. */
export interface Buffers {
  readonly rows: number
  /** One a column, `rows` long; valid until the next ones are asked for. */
  readonly columns: readonly NumberBuffer[]
}

/** Columns to load: floating NaN becomes null, Int32 -1 stays what it is. */
export type TypedColumn = Float64Array | Float32Array | Int32Array

/** DuckDB's vectors hold 2,048 rows; a chunk cannot be larger. */
const CHUNK_ROWS = 2048

/** The result of a query as typed arrays, chunk after chunk: no cell becomes an object. */
export async function* streamBuffers(connection: DuckDBConnection, sql: string): AsyncGenerator<Buffers> {
  const result = await connection.stream(sql)
  const width = result.columnCount
  for (
    let chunk = await result.fetchChunk();
    chunk && chunk.rowCount > 0;
    chunk = await result.fetchChunk()
  ) {
    const columns: NumberBuffer[] = []
    for (let c = 0; c < width; c++)
      columns.push((chunk.getColumnVector(c) as unknown as { items: NumberBuffer }).items)
    yield { rows: chunk.rowCount, columns }
  }
}

/** Appends the first `rows` values of each column to a table whose columns are DOUBLE, FLOAT or INTEGER in the same order. */
export async function appendTyped(
  connection: DuckDBConnection,
  table: string,
  columns: readonly TypedColumn[],
  rows: number,
): Promise<void> {
  const types: DuckDBType[] = columns.map(column =>
    column instanceof Float64Array ? DOUBLE : column instanceof Float32Array ? FLOAT : INTEGER,
  )
  const appender = await connection.createAppender(table)
  for (let start = 0; start < rows; start += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, rows - start)
    const chunk = DuckDBDataChunk.create(types, count)
    columns.forEach((column, c) => {
      fillVector(chunk.getColumnVector(c) as unknown as RawVector, column.subarray(start, start + count))
    })
    appender.appendDataChunk(chunk)
  }
  appender.flushSync()
  appender.closeSync()
}

/** What of the library's vectors is written to directly: its setters cost a big integer a cell. */
interface RawVector {
  readonly items: TypedColumn
  readonly validity: { data: BigUint64Array | null }
  flush(): void
}

function fillVector(vector: RawVector, values: TypedColumn): void {
  vector.items.set(values)
  if (!(values instanceof Int32Array)) {
    let bits: Uint8Array | null = null
    for (let i = 0; i < values.length; i++) {
      // NaN alone is unlike itself.
      const value = values[i]!
      if (value === value) continue
      bits ??= new Uint8Array(CHUNK_ROWS / 8).fill(255)
      bits[i >> 3]! &= ~(1 << (i & 7))
    }
    if (bits !== null)
      vector.validity.data = new BigUint64Array(bits.buffer, 0, Math.ceil(values.length / 64))
  }
  vector.flush()
}
