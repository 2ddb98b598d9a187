/**
 * Median of the first `n` numbers, none of them NaN; they are reordered. The mean of the middle two where n is even. By insertion for
 * few numbers, by selection (Hoare 1961) for many.
 *
 * @example medianOf(Float64Array.of(3, 1, 2), 3) // 2
 */
export function medianOf(values: Float64Array, n: number): number {
  const middle = n >> 1
  const upper = select(values, n, middle)
  if (n % 2 === 1) return upper
  let lower = Number.NEGATIVE_INFINITY
  for (let i = 0; i < middle; i++) if (values[i]! > lower) lower = values[i]!
  return (lower + upper) / 2
}

/** Puts the k-th smallest of the first n numbers in its place, none larger before it, and returns it. */
export function select(values: Float64Array, n: number, k: number): number {
  let left = 0
  let right = n - 1
  while (right - left > 16) {
    const a = values[left]!
    const b = values[(left + right) >> 1]!
    const c = values[right]!
    const pivot = a < b ? (b < c ? b : Math.max(a, c)) : a < c ? a : Math.max(b, c)
    let i = left
    let j = right
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const held = values[i]!
      values[i++] = values[j]!
      values[j--] = held
    }
    if (k <= j) right = j
    else if (k >= i) left = i
    else return values[k]!
  }
  for (let i = left + 1; i <= right; i++) {
    const x = values[i]!
    let j = i - 1
    while (j >= left && values[j]! > x) {
      values[j + 1] = values[j]!
      j--
    }
    values[j + 1] = x
  }
  return values[k]!
}
