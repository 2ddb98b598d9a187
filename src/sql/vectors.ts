import {
  type DuckDBDataChunk,
  DuckDBDoubleVector,
  DuckDBFloatVector,
  DuckDBIntegerVector,
  DuckDBSmallIntVector,
  DuckDBTinyIntVector,
  DuckDBUIntegerVector,
  DuckDBUSmallIntVector,
  DuckDBUTinyIntVector,
  type DuckDBVector,
} from '@duckdb/node-api'

/** Vectors whose buffer holds the numbers as they are: reading it costs a hundredth of asking for cell after cell. */
const PLAIN_VECTORS = [
  DuckDBFloatVector,
  DuckDBDoubleVector,
  DuckDBTinyIntVector,
  DuckDBSmallIntVector,
  DuckDBIntegerVector,
  DuckDBUTinyIntVector,
  DuckDBUSmallIntVector,
  DuckDBUIntegerVector,
] as const

/** What such a vector keeps to itself: its numbers, and the bits of the rows that have one; no bits where all have. */
interface PlainVector {
  readonly items: Float32Array | Float64Array | Int32Array
  readonly validity: { readonly data: BigUint64Array | null }
}

/** Where the cells of a column go: row r to `data[start + r * stride]`. */
export interface Cells {
  readonly data: Float32Array | Float64Array
  readonly start: number
  readonly stride: number
}

/** Copies a numeric column of a chunk; null becomes NaN. */
export function copyColumn(chunk: DuckDBDataChunk, column: number, cells: Cells): void {
  const vector = chunk.getColumnVector(column)
  if (PLAIN_VECTORS.some(kind => vector instanceof kind)) copyBuffer(vector, cells)
  else copyItems(vector, cells)
}

function copyBuffer(vector: DuckDBVector, { data, start, stride }: Cells): void {
  const { items, validity } = vector as unknown as PlainVector
  for (let r = 0, at = start; r < items.length; r++, at += stride) data[at] = items[r]!
  if (validity.data === null) return
  const bits = new Uint32Array(validity.data.buffer, validity.data.byteOffset, 2 * validity.data.length)
  for (let r = 0, at = start; r < items.length; r++, at += stride)
    if ((bits[r >> 5]! & (1 << (r & 31))) === 0) data[at] = Number.NaN
}

/** Big integers, decimals, booleans: one by one. */
function copyItems(vector: DuckDBVector, { data, start, stride }: Cells): void {
  for (let r = 0; r < vector.itemCount; r++) {
    const value = vector.getItem(r)
    data[start + r * stride] = value === null ? Number.NaN : Number(value)
  }
}

/** Fills a DOUBLE column of a chunk with the numbers from `first` on; NaN becomes null. */
export function fillDoubles(
  chunk: DuckDBDataChunk,
  column: number,
  values: ArrayLike<number>,
  first: number,
): void {
  const vector = chunk.getColumnVector(column)
  const { items } = vector as unknown as PlainVector
  for (let r = 0; r < items.length; r++) {
    const value = values[first + r]!
    if (Number.isNaN(value)) vector.setItem(r, null)
    else items[r] = value
  }
  vector.flush()
}

/** Fills a VARCHAR column of a chunk with the texts from `first` on. */
export function fillTexts(
  chunk: DuckDBDataChunk,
  column: number,
  values: ArrayLike<string | null | undefined>,
  first: number,
): void {
  const vector = chunk.getColumnVector(column)
  for (let r = 0; r < vector.itemCount; r++) vector.setItem(r, values[first + r] ?? null)
  vector.flush()
}
