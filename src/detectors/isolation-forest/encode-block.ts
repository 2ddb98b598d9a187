import { codePlace } from './encode-rows.ts'
import { CATEGORY_ORDERS } from './forest.ts'
import { BLOCK_ROWS } from './path-lengths.ts'

/** A table's cells, row after row, and which of its columns feeds which column of the forest. */
export interface Rows {
  readonly data: Float32Array | Float64Array
  readonly cols: number
  /** (forest's columns) */
  readonly source: Int32Array
}

/**
 * Writes rows [start, start + count) to `cells`, (slots, BLOCK_ROWS), as {@link encodeRow} has them. True when a cell is NaN
 * (or, harmlessly, when infinities cancel): one addition a cell finds it.
 */
export function encodeBlock(
  { data, cols, source }: Rows,
  start: number,
  count: number,
  isCategorical: Uint8Array,
  cells: Float32Array,
): boolean {
  // Within the block numbers are small, and `| 0` spares the tests for overflow.
  const block = data.subarray(start * cols, (start + count) * cols)
  let sum = 0
  let r = 0
  // Eight rows at a time: what is read and what is written lie near each other.
  for (; r + 8 <= count; r += 8) {
    let slot = 0
    for (let i = 0; i < source.length; i++) {
      const from = (r * cols + source[i]!) | 0
      const to = (slot * BLOCK_ROWS + r) | 0
      if (isCategorical[i] === 1) {
        for (let k = 0; k < 8; k++) sum += encodeCode(block[from + k * cols]!, cells, to + k)
        slot = (slot + CATEGORY_ORDERS) | 0
        continue
      }
      const from2 = (from + 2 * cols) | 0
      const from4 = (from2 + 2 * cols) | 0
      const from6 = (from4 + 2 * cols) | 0
      const x0 = block[from]!
      const x1 = block[(from + cols) | 0]!
      const x2 = block[from2]!
      const x3 = block[(from2 + cols) | 0]!
      const x4 = block[from4]!
      const x5 = block[(from4 + cols) | 0]!
      const x6 = block[from6]!
      const x7 = block[(from6 + cols) | 0]!
      cells[to] = x0
      cells[(to + 1) | 0] = x1
      cells[(to + 2) | 0] = x2
      cells[(to + 3) | 0] = x3
      cells[(to + 4) | 0] = x4
      cells[(to + 5) | 0] = x5
      cells[(to + 6) | 0] = x6
      cells[(to + 7) | 0] = x7
      sum += x0 + x1 + (x2 + x3) + (x4 + x5 + (x6 + x7))
      slot = (slot + 1) | 0
    }
  }
  for (; r < count; r++) {
    let slot = 0
    for (let i = 0; i < source.length; i++) {
      const value = block[r * cols + source[i]!]!
      const to = slot * BLOCK_ROWS + r
      if (isCategorical[i] === 1) {
        sum += encodeCode(value, cells, to)
        slot += CATEGORY_ORDERS
      } else {
        cells[to] = value
        sum += value
        slot++
      }
    }
  }
  return Number.isNaN(sum)
}

/** A code's places in all orders, one slot each; returns the code. */
function encodeCode(code: number, cells: Float32Array, to: number): number {
  for (let order = 0; order < CATEGORY_ORDERS; order++)
    cells[to + order * BLOCK_ROWS] = Number.isNaN(code) ? Number.NaN : codePlace(code, order)
  return code
}

/**
 * Lays the block's `width` slots out twice, missing as -Infinity in the first half and as +Infinity in the second: a node
 * whose missing values go right reads the second half, and the descent itself needs no test for NaN.
 */
export function splitMissing(cells: Float32Array, width: number): void {
  const half = width * BLOCK_ROWS
  for (let i = 0; i < half; i++) {
    const value = cells[i]!
    const missing = Number.isNaN(value)
    cells[i] = missing ? Number.NEGATIVE_INFINITY : value
    cells[half + i] = missing ? Number.POSITIVE_INFINITY : value
  }
}
