import {
  type Data,
  type DataType,
  Field,
  Float32,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMillisecond,
  tableToIPC,
  Utf8,
} from 'apache-arrow'

/** A column of a table. NaN is null, and so is the code -1 of a text; every other code has its text. */
export type FileColumn =
  | { readonly type: 'FLOAT'; readonly values: Float32Array }
  | { readonly type: NumberType; readonly values: Float64Array }
  | { readonly type: 'VARCHAR'; readonly codes: Int32Array; readonly texts: readonly (string | undefined)[] }

/** Types whose values come as doubles. Integers have 32 bits; times are whole milliseconds since the epoch. */
export type NumberType = 'DOUBLE' | 'INTEGER' | 'TIMESTAMP_MS'

/** DuckDB hands so many rows to one thread. */
const GROUP_ROWS = 122_880

/**
 * A table as the bytes of a Parquet file: a third of the time that SQL takes for a few thousand rows of hundreds of numbers. All columns
 * may be null.
 *
 * @param columns by name, in the order of the file, each at least `rows` long
 * @param groupRows most rows of a group
 *
 * @example
 * writeFileSync('x.parquet', await parquetOf({ x: { type: 'FLOAT', values: Float32Array.of(1, Number.NaN) } }, 2))
 */
export async function parquetOf(
  columns: Readonly<Record<string, FileColumn>>,
  rows: number,
  groupRows = GROUP_ROWS,
): Promise<Uint8Array> {
  // Its WebAssembly is compiled when it is loaded: only processes that write tables pay for that.
  const wasm = await import('parquet-wasm/node')
  const properties = new wasm.WriterPropertiesBuilder()
    .setCompression(wasm.Compression.SNAPPY)
    .setDictionaryEnabled(false)
    .setMaxRowGroupSize(groupRows)
    .setCreatedBy('keyhound')
    .build()
  const table = wasm.Table.fromIPCStream(tableToIPC(arrowOf(columns, rows), 'stream'))
  return wasm.writeParquet(table, properties)
}

function arrowOf(columns: Readonly<Record<string, FileColumn>>, rows: number): Table {
  const children = Object.values(columns).map(column => dataOf(column, rows))
  const fields = Object.keys(columns).map((name, c) => new Field(name, children[c]!.type, true))
  const data = makeData({ type: new Struct(fields), length: rows, nullCount: 0, children })
  return new Table(new RecordBatch(new Schema(fields), data))
}

function dataOf(column: FileColumn, length: number): Data<DataType> {
  if (column.type === 'VARCHAR') return textData(column.codes, column.texts, length)
  const values = column.values.subarray(0, length)
  const nulls = nullsOf(length, i => values[i] !== values[i])
  switch (column.type) {
    case 'FLOAT':
      return makeData({ type: new Float32(), length, ...nulls, data: values })
    case 'DOUBLE':
      return makeData({ type: new Float64(), length, ...nulls, data: values })
    case 'INTEGER':
      return makeData({ type: new Int32(), length, ...nulls, data: Int32Array.from(values) })
    case 'TIMESTAMP_MS': {
      const times = BigInt64Array.from(values, value => BigInt(value === value ? value : 0))
      return makeData({ type: new TimestampMillisecond(), length, ...nulls, data: times })
    }
  }
}

/** Texts come many times: each is encoded once. */
function textData(codes: Int32Array, texts: readonly (string | undefined)[], length: number): Data<DataType> {
  const encoder = new TextEncoder()
  const encoded = new Map<number, Uint8Array>()
  const valueOffsets = new Int32Array(length + 1)
  for (let i = 0; i < length; i++) {
    const code = codes[i]!
    if (code >= 0 && !encoded.has(code)) encoded.set(code, encoder.encode(texts[code]))
    valueOffsets[i + 1] = valueOffsets[i]! + (encoded.get(code)?.length ?? 0)
  }
  const data = new Uint8Array(valueOffsets[length]!)
  for (let i = 0; i < length; i++) data.set(encoded.get(codes[i]!) ?? NO_BYTES, valueOffsets[i])
  return makeData({ type: new Utf8(), length, ...nullsOf(length, i => codes[i]! < 0), valueOffsets, data })
}

const NO_BYTES = new Uint8Array()

/** Bit i of the map is 1 where row i has a value; no map where all rows have one. */
function nullsOf(
  length: number,
  isNull: (row: number) => boolean,
): { nullCount: number; nullBitmap?: Uint8Array } {
  let nullBitmap: Uint8Array | undefined
  let nullCount = 0
  for (let i = 0; i < length; i++) {
    if (!isNull(i)) continue
    nullBitmap ??= new Uint8Array((length + 7) >> 3).fill(255)
    nullBitmap[i >> 3]! &= ~(1 << (i & 7))
    nullCount++
  }
  return nullBitmap === undefined ? { nullCount } : { nullCount, nullBitmap }
}
