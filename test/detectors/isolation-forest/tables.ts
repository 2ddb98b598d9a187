import { fromColumns, type Matrix } from '../../../src/lib/matrix.ts'
import { createRandom } from '../../../src/lib/random.ts'

/** Standard normal numbers (rows, cols) with the last row far out in every column. */
export function normalTable(rows: number, cols: number, seed = 1): Matrix & { data: Float64Array } {
  const random = createRandom(seed)
  const table = fromColumns(
    Object.fromEntries(
      Array.from({ length: cols }, (_, c) => [
        `x${c}`,
        Float64Array.from({ length: rows }, () => random.normal()),
      ]),
    ),
  )
  table.data.fill(8, (rows - 1) * cols)
  return table
}

/** The table's columns in another order, with their names. */
export function reorderColumns(table: Matrix, order: readonly number[]): Matrix {
  const data = new Float64Array(table.data.length)
  for (let r = 0; r < table.rows; r++) {
    for (let c = 0; c < order.length; c++) data[r * table.cols + c] = table.data[r * table.cols + order[c]!]!
  }
  return { data, rows: table.rows, cols: table.cols, names: order.map(c => table.names[c]!) }
}

export function toFloat32(table: Matrix): Matrix {
  return { ...table, data: Float32Array.from(table.data) }
}
