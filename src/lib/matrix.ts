/** A dense table of numbers, row-major: cell (r, c) is `data[r * cols + c]`. NaN means missing. */
export interface Matrix {
  readonly data: Float32Array | Float64Array
  readonly rows: number
  readonly cols: number
  /** Column names, length cols. */
  readonly names: readonly string[]
}

/** A matrix of float64. */
export type DoubleMatrix = Matrix & { readonly data: Float64Array }

/** A matrix of float32. */
export type FloatMatrix = Matrix & { readonly data: Float32Array }

/** A zeroed matrix of float64. */
export function createMatrix(rows: number, names: readonly string[]): DoubleMatrix {
  return { data: new Float64Array(rows * names.length), rows, cols: names.length, names }
}

/** Builds a matrix from equally long columns, in the order of the record's keys. */
export function fromColumns(columns: Record<string, ArrayLike<number>>): DoubleMatrix {
  const names = Object.keys(columns)
  const rows = names.length === 0 ? 0 : columns[names[0]!]!.length
  const matrix = createMatrix(rows, names)
  for (let c = 0; c < names.length; c++) {
    const column = columns[names[c]!]!
    for (let r = 0; r < rows; r++) matrix.data[r * names.length + c] = column[r]!
  }
  return matrix
}

/** A zeroed matrix as precise as another's cells. */
function createLike<T extends Matrix>({ data }: T, rows: number, names: readonly string[]): Like<T> {
  const length = rows * names.length
  const cells = data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)
  return { data: cells as T['data'], rows, cols: names.length, names }
}

/** A matrix of the same precision. */
type Like<T extends Matrix> = Matrix & { readonly data: T['data'] }

/** One column as a fresh array, length rows, as precise as the matrix. */
export function columnOf<T extends Matrix>(matrix: T, index: number): T['data'] {
  const { data, rows, cols } = matrix
  const out = createLike(matrix, rows, ['']).data
  for (let r = 0, at = index; r < rows; r++, at += cols) out[r] = data[at]!
  return out
}

/** Columns read in one pass: so many cells of single precision share a line of the processor's cache. */
const COLUMNS_AT_ONCE = 16

/** Hands over each column in turn, length rows, as precise as the matrix; the array is used again for later ones. */
export function eachColumn<T extends Matrix>(
  matrix: T,
  use: (column: T['data'], index: number) => void,
): void {
  const { data, rows, cols } = matrix
  const columns = Array.from(
    { length: Math.min(COLUMNS_AT_ONCE, cols) },
    () => createLike(matrix, rows, ['']).data,
  )
  for (let first = 0; first < cols; first += COLUMNS_AT_ONCE) {
    const count = Math.min(COLUMNS_AT_ONCE, cols - first)
    for (let r = 0, at = first; r < rows; r++, at += cols)
      for (let c = 0; c < count; c++) columns[c]![r] = data[at + c]!
    for (let c = 0; c < count; c++) use(columns[c]!, first + c)
  }
}

/** Overwrites the named column with as many values as there are rows. Throws RangeError where it is absent. */
export function setColumn(matrix: Matrix, name: string, values: ArrayLike<number>): void {
  const index = matrix.names.indexOf(name)
  if (index < 0) throw new RangeError(`column "${name}" is not in the matrix`)
  for (let r = 0; r < matrix.rows; r++) matrix.data[r * matrix.cols + index] = values[r]!
}

/** The named columns, in the order given. Throws RangeError naming the first that is absent. */
export function selectColumns<T extends Matrix>(matrix: T, names: readonly string[]): Like<T> {
  const from = Int32Array.from(names, name => {
    const index = matrix.names.indexOf(name)
    if (index < 0)
      throw new RangeError(`column "${name}" is not in the matrix; it has: ${matrix.names.join(', ')}`)
    return index
  })
  const out = createLike(matrix, matrix.rows, names)
  for (let r = 0, at = 0, row = 0; r < matrix.rows; r++, row += matrix.cols) {
    for (let c = 0; c < from.length; c++) out.data[at++] = matrix.data[row + from[c]!]!
  }
  return out
}

/** The rows at the given indices, in that order. */
export function selectRows<T extends Matrix>(matrix: T, rows: ArrayLike<number>): Like<T> {
  const { cols, data } = matrix
  const out = createLike(matrix, rows.length, matrix.names)
  for (let i = 0; i < rows.length; i++)
    out.data.set(data.subarray(rows[i]! * cols, (rows[i]! + 1) * cols), i * cols)
  return out
}
