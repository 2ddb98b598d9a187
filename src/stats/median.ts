import { selectNth } from '../lib/selection.ts'

/**
 * Median of the first `n` numbers, none of them NaN; they are reordered. The mean of the middle two where n is even.
 *
 * @example medianOf(Float64Array.of(3, 1, 2), 3) // 2
 */
export function medianOf(values: Float64Array, n: number): number {
  const middle = n >> 1
  const upper = selectNth(values.subarray(0, n), middle)
  if (n % 2 === 1) return upper
  let lower = Number.NEGATIVE_INFINITY
  for (let i = 0; i < middle; i++) if (values[i]! > lower) lower = values[i]!
  return (lower + upper) / 2
}
