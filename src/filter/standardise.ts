import type { Matrix } from '../lib/matrix.ts'
import { median, quantileSorted, sortedFinite } from '../lib/stats.ts'

/** How raw columns become inputs of the net. Learned on training rows only. */
export interface Standardisation {
  /** Columns in the net's order. */
  readonly columns: readonly string[]
  /** Median of the known values of each column. */
  readonly centre: Float64Array
  /** Spread of the known values, > 0. */
  readonly scale: Float64Array
  /** Columns (indices) with unknown values in training: each has an input that is 1 where the value is unknown. */
  readonly indicators: Uint32Array
}

/** Interquartile range of a normal with standard deviation 1. */
const NORMAL_IQR = 1.349

/**
 * Medians and robust spreads: the interquartile range over 1.349, or the standard deviation where more than half the values are
 * equal (flags, counts that are mostly 0). A column that never varied says nothing of what a change of it would mean: left out.
 */
export function fitStandardisation(table: Matrix): Standardisation {
  const columns: string[] = []
  const centre: number[] = []
  const scale: number[] = []
  const indicators: number[] = []
  const column = new Float64Array(table.rows)
  table.names.forEach((name, c) => {
    for (let r = 0; r < table.rows; r++) column[r] = table.data[r * table.cols + c]!
    const known = sortedFinite(column)
    const hasGaps = known.length > 0 && known.length < table.rows
    const spread = known.length === 0 ? 0 : spreadOf(known)
    if (!hasGaps && !(spread > 0)) return
    if (hasGaps) indicators.push(columns.length)
    columns.push(name)
    centre.push(median(known))
    scale.push(spread || 1)
  })
  return {
    columns,
    centre: Float64Array.from(centre),
    scale: Float64Array.from(scale),
    indicators: Uint32Array.from(indicators),
  }
}

function spreadOf(sorted: Float64Array): number {
  const iqr = (quantileSorted(sorted, 0.75) - quantileSorted(sorted, 0.25)) / NORMAL_IQR
  if (iqr > 0) return iqr
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length
  return Math.sqrt(sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sorted.length)
}

/** Number of inputs of the net. */
export function inputsOf(standardisation: Standardisation): number {
  return standardisation.columns.length + standardisation.indicators.length
}

/**
 * Inputs of the net, (rows, inputs): asinh((x - centre) / scale), which is linear near the centre and logarithmic far out, so one
 * extreme value cannot drown the rest; unknown values at the centre; then the indicators. Columns are found by name: further ones
 * are ignored, absent ones are unknown throughout.
 */
export function standardise(standardisation: Standardisation, table: Matrix): Float32Array {
  const { columns, centre, scale, indicators } = standardisation
  const inputs = inputsOf(standardisation)
  const from = columns.map(name => table.names.indexOf(name))
  const out = new Float32Array(table.rows * inputs)
  for (let r = 0; r < table.rows; r++) {
    const base = r * inputs
    for (let c = 0; c < columns.length; c++) {
      const value = from[c]! < 0 ? Number.NaN : table.data[r * table.cols + from[c]!]!
      if (Number.isFinite(value)) out[base + c] = Math.asinh((value - centre[c]!) / scale[c]!)
    }
    for (let i = 0; i < indicators.length; i++) {
      const at = from[indicators[i]!]!
      const known = at >= 0 && Number.isFinite(table.data[r * table.cols + at]!)
      out[base + columns.length + i] = known ? 0 : 1
    }
  }
  return out
}
