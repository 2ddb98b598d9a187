import { KeyhoundError } from '../../lib/errors.ts'
import type { Matrix } from '../../lib/matrix.ts'
import { CATEGORY_ORDERS } from './forest.ts'

/** Which column of a table feeds which column of the forest, (cols). */
export function resolveColumns(names: readonly string[], table: Matrix): Int32Array {
  const source = new Int32Array(names.length)
  let places: Map<string, number> | undefined
  for (let c = 0; c < names.length; c++) {
    // Nearly always the same order: look the name up only when it is not where it was at training.
    if (table.names[c] === names[c]) {
      source[c] = c
      continue
    }
    places ??= new Map(table.names.map((name, i) => [name, i]))
    const place = places.get(names[c]!)
    if (place === undefined)
      throw new KeyhoundError(
        'bad-input',
        `column "${names[c]}" that the forest was trained on is missing; found: ${table.names.join(', ')}`,
        { where: names[c]! },
      )
    source[c] = place
  }
  return source
}

/**
 * Writes one row's slots to `out` at `outStart` as float32: a number as it is, a code as its places in
 * {@link CATEGORY_ORDERS} random orders; missing stays NaN.
 */
export function encodeRow(
  data: ArrayLike<number>,
  start: number,
  source: Int32Array,
  isCategorical: Uint8Array,
  out: Float32Array,
  outStart: number,
): void {
  let slot = outStart
  for (let c = 0; c < source.length; c++) {
    const value = data[start + source[c]!]!
    if (isCategorical[c] === 0) {
      out[slot++] = value
    } else {
      for (let order = 0; order < CATEGORY_ORDERS; order++)
        out[slot++] = Number.isNaN(value) ? Number.NaN : codePlace(value, order)
    }
  }
}

/**
 * Lays each row of `width` slots out twice, missing as -Infinity in the first half and as +Infinity in the second: a
 * node whose missing values go right reads the second half, and the descent itself needs no test for NaN.
 */
export function encodeMissing(rows: Float32Array, count: number, width: number, out: Float32Array): void {
  for (let r = 0, from = 0; r < count; r++) {
    const low = 2 * r * width
    const high = low + width
    for (let s = 0; s < width; s++, from++) {
      const value = rows[from]!
      const missing = Number.isNaN(value)
      out[low + s] = missing ? Number.NEGATIVE_INFINITY : value
      out[high + s] = missing ? Number.POSITIVE_INFINITY : value
    }
  }
}

/** Place of a code in a random order of all codes, in [0, 1): the finaliser of MurmurHash3 over code and order. */
export function codePlace(code: number, order: number): number {
  let h = Math.imul((code | 0) * CATEGORY_ORDERS + order + 1, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296
}
