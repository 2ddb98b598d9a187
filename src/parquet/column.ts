/** A column of a table. NaN is null, and so is the code -1 of a text; every other code has its text. */
export type Column =
  | { readonly type: 'FLOAT'; readonly values: Float32Array }
  | { readonly type: NumberType; readonly values: Float64Array }
  | { readonly type: 'VARCHAR'; readonly codes: Int32Array; readonly texts: readonly (string | undefined)[] }

/** Types whose values come as doubles. Integers are of 32 bits; times are whole milliseconds since the epoch. */
export type NumberType = 'DOUBLE' | 'INTEGER' | 'TIMESTAMP_MS'

/** Rows of a column as Parquet stores them: which are null, and the others as words, as plain as they lie on disk. */
export interface Rows {
  /** 1 where there is a value, 0 where null. */
  readonly levels: Uint8Array
  /** Values that are not null. */
  count: number
  /** Words a value: 1 of 32 bits, or 2 of 64. A text is one word, its code. */
  size: 1 | 2
  readonly words: Int32Array
  /** Of numbers; infinities where there are none. */
  least: number
  most: number
}

export function createRows(room: number): Rows {
  return {
    levels: new Uint8Array(room),
    count: 0,
    size: 1,
    words: new Int32Array(2 * room),
    least: Number.POSITIVE_INFINITY,
    most: Number.NEGATIVE_INFINITY,
  }
}

/** Reads the rows `from` to `to` of a column. */
export function readRows(column: Column, from: number, to: number, out: Rows): void {
  out.least = Number.POSITIVE_INFINITY
  out.most = Number.NEGATIVE_INFINITY
  out.size = column.type === 'DOUBLE' || column.type === 'TIMESTAMP_MS' ? 2 : 1
  if (column.type === 'VARCHAR') readCodes(column.codes, from, to, out)
  else if (column.type === 'FLOAT') readFloats(column.values, from, to, out)
  else readNumbers(column.type, column.values, from, to, out)
}

function readCodes(codes: Int32Array, from: number, to: number, out: Rows): void {
  const { levels, words } = out
  let count = 0
  for (let i = from; i < to; i++) {
    const code = codes[i]!
    levels[i - from] = code < 0 ? 0 : 1
    if (code >= 0) words[count++] = code
  }
  out.count = count
}

function readFloats(values: Float32Array, from: number, to: number, out: Rows): void {
  const { levels, words } = out
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length)
  let { least, most } = out
  let count = 0
  for (let i = from; i < to; i++) {
    const value = values[i]!
    const isKnown = value === value
    levels[i - from] = isKnown ? 1 : 0
    if (!isKnown) continue
    words[count++] = bits[i]!
    if (value < least) least = value
    if (value > most) most = value
  }
  out.count = count
  out.least = least
  out.most = most
}

function readNumbers(type: NumberType, values: Float64Array, from: number, to: number, out: Rows): void {
  const { levels, words } = out
  const bits = new Int32Array(values.buffer, values.byteOffset, 2 * values.length)
  let { least, most } = out
  let count = 0
  for (let i = from; i < to; i++) {
    const value = values[i]!
    const isKnown = value === value
    levels[i - from] = isKnown ? 1 : 0
    if (!isKnown) continue
    if (type === 'INTEGER') words[count] = value
    else if (type === 'DOUBLE') {
      words[2 * count] = bits[2 * i]!
      words[2 * count + 1] = bits[2 * i + 1]!
    } else {
      words[2 * count] = value
      words[2 * count + 1] = Math.floor(value / 2 ** 32)
    }
    count++
    if (value < least) least = value
    if (value > most) most = value
  }
  out.count = count
  out.least = least
  out.most = most
}
