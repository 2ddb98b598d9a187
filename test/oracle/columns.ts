import { type Engine, quoteName, quoteText } from '../../src/sql/duckdb.ts'

/** A number or a text a row; null, or NaN in a typed array, where it is unknown. */
export type ColumnCells = ArrayLike<number | null> | readonly (string | null)[]

/** A table, column by column; moments are ms since the epoch. */
export interface Columns {
  readonly names: readonly string[]
  /** By name, each of `rows` cells. */
  readonly columns: ReadonlyMap<string, ColumnCells>
  readonly rows: number
}

/** Reads Parquet files that have the same columns, as they lie. */
export async function readColumns(engine: Engine, files: readonly string[]): Promise<Columns> {
  const table = `read_parquet([${files.map(quoteText).join(', ')}], hive_partitioning = false)`
  const described = await engine.describe(`SELECT * FROM ${table}`)
  const list = described.map(({ name, type }) => {
    const column = quoteName(name)
    if (type === 'VARCHAR') return column
    return `${type.startsWith('TIMESTAMP') ? `epoch_ms(${column})` : column}::DOUBLE AS ${column}`
  })
  const cells: unknown[][] = described.map(() => [])
  for await (const chunk of engine.stream(`SELECT ${list.join(', ')} FROM ${table}`))
    for (const [i, column] of chunk.columns.entries()) for (const cell of column) cells[i]!.push(cell)
  const names = described.map(({ name }) => name)
  return {
    names,
    columns: new Map(names.map((name, i) => [name, cells[i] as (string | null)[]])),
    rows: cells[0]?.length ?? 0,
  }
}
