import { Bytes } from './bytes.ts'
import { type Scratch, TYPE, writeChunk } from './chunk.ts'
import { type Column, createRows } from './column.ts'
import { Distinct } from './distinct.ts'
import { type Struct, writeStruct } from './thrift.ts'

/** As many rows as DuckDB hands to one thread. */
const GROUP_ROWS = 122_880

const OPTIONAL = 1
const UTF8 = 0
const TIMESTAMP_MILLIS = 9
const MAGIC = new TextEncoder().encode('PAR1')

/**
 * A table as the bytes of a Parquet file (format version 1, one page a column and group of rows, dictionaries, statistics, no compression):
 * a tenth of the time that SQL takes for a few thousand rows of hundreds of numbers. All columns may be null.
 *
 * @param columns by name, in the order of the file, each at least `rows` long
 * @param groupRows most rows of a group
 *
 * @example
 * writeFileSync('x.parquet', parquetOf({ x: { type: 'FLOAT', values: Float32Array.of(1, Number.NaN) } }, 2))
 */
export function parquetOf(
  columns: Readonly<Record<string, Column>>,
  rows: number,
  groupRows = GROUP_ROWS,
): Uint8Array {
  const out = new Bytes(1 << 20)
  out.put(MAGIC)
  const named = Object.entries(columns)
  const scratch: Scratch = {
    rows: createRows(Math.min(rows, groupRows)),
    distinct: new Distinct(),
    page: new Bytes(),
    levels: new Bytes(),
  }
  const groups: Struct[] = []
  for (let from = 0; from < rows; from += groupRows) {
    const to = Math.min(rows, from + groupRows)
    const start = out.length
    const chunks = named.map(([name, column]) => writeChunk(out, name, column, from, to, scratch))
    groups.push({
      1: { structs: chunks.map(chunk => ({ 2: { i64: 0 }, 3: { struct: chunk } })) },
      2: { i64: out.length - start },
      3: { i64: to - from },
    })
  }
  const footer = out.length
  writeStruct(out, {
    1: { i32: 1 },
    2: { structs: [rootOf(named.length), ...named.map(([name, { type }]) => elementOf(name, type))] },
    3: { i64: rows },
    4: { structs: groups },
    6: { text: 'keyhound' },
    // Bounds are in the order of each column's type.
    7: { structs: named.map(() => ({ 1: { struct: {} } })) },
  })
  out.word(out.length - footer)
  out.put(MAGIC)
  return out.written
}

function rootOf(columns: number): Struct {
  return { 4: { text: 'schema' }, 5: { i32: columns } }
}

function elementOf(name: string, type: Column['type']): Struct {
  const element: Struct = { 1: { i32: TYPE[type] }, 3: { i32: OPTIONAL }, 4: { text: name } }
  if (type === 'VARCHAR') return { ...element, 6: { i32: UTF8 }, 10: { struct: { 1: { struct: {} } } } }
  if (type !== 'TIMESTAMP_MS') return element
  // Milliseconds of a clock without a zone.
  const milliseconds: Struct = { 1: { is: false }, 2: { struct: { 1: { struct: {} } } } }
  return { ...element, 6: { i32: TIMESTAMP_MILLIS }, 10: { struct: { 8: { struct: milliseconds } } } }
}
