/** A dense table of numbers, row-major: cell (r, c) is `data[r * cols + c]`. NaN means missing. */
export interface Matrix {
  readonly data: Float32Array | Float64Array
  readonly rows: number
  readonly cols: number
  /** Column names, length cols. */
  readonly names: readonly string[]
}

/** A zeroed matrix of float64. */
export function createMatrix(rows: number, names: readonly string[]): Matrix & { data: Float64Array } {
  return { data: new Float64Array(rows * names.length), rows, cols: names.length, names }
}

/** Builds a matrix from equally long columns, in the order of the record's keys. */
export function fromColumns(columns: Record<string, ArrayLike<number>>): Matrix & { data: Float64Array } {
  const names = Object.keys(columns)
  const rows = names.length === 0 ? 0 : columns[names[0]!]!.length
  const matrix = createMatrix(rows, names)
  for (let c = 0; c < names.length; c++) {
    const column = columns[names[c]!]!
    for (let r = 0; r < rows; r++) matrix.data[r * names.length + c] = column[r]!
  }
  return matrix
}

/** One column as a fresh array, length rows. */
export function columnOf(matrix: Matrix, index: number): Float64Array {
  const out = new Float64Array(matrix.rows)
  for (let r = 0; r < matrix.rows; r++) out[r] = matrix.data[r * matrix.cols + index]!
  return out
}

/** Overwrites the named column with as many values as there are rows. Throws RangeError where it is absent. */
export function setColumn(matrix: Matrix, name: string, values: ArrayLike<number>): void {
  const index = matrix.names.indexOf(name)
  if (index < 0) throw new RangeError(`column "${name}" is not in the matrix`)
  for (let r = 0; r < matrix.rows; r++) matrix.data[r * matrix.cols + index] = values[r]!
}

/** The named columns, in the order given. Throws RangeError naming the first that is absent. */
export function selectColumns(matrix: Matrix, names: readonly string[]): Matrix & { data: Float64Array } {
  const from = names.map(name => {
    const index = matrix.names.indexOf(name)
    if (index < 0)
      throw new RangeError(`column "${name}" is not in the matrix; it has: ${matrix.names.join(', ')}`)
    return index
  })
  const out = createMatrix(matrix.rows, names)
  for (let r = 0; r < matrix.rows; r++) {
    for (let c = 0; c < from.length; c++)
      out.data[r * from.length + c] = matrix.data[r * matrix.cols + from[c]!]!
  }
  return out
}

/** The rows at the given indices, in that order. */
export function selectRows(matrix: Matrix, rows: ArrayLike<number>): Matrix & { data: Float64Array } {
  const out = createMatrix(rows.length, matrix.names)
  for (let i = 0; i < rows.length; i++) {
    const start = rows[i]! * matrix.cols
    for (let c = 0; c < matrix.cols; c++) out.data[i * matrix.cols + c] = matrix.data[start + c]!
  }
  return out
}
