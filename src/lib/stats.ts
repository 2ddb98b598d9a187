import { selectNth, sortFloats } from './selection.ts'

/** Quantile of values sorted ascending, linear between order statistics (Hyndman & Fan 1996, type 7, as NumPy). NaN if empty. */
export function quantileSorted(sorted: ArrayLike<number>, p: number): number {
  const n = sorted.length
  if (n === 0) return Number.NaN
  const at = (n - 1) * Math.min(1, Math.max(0, p))
  const low = Math.floor(at)
  const high = Math.min(n - 1, low + 1)
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!)
}

/** The finite values, as a fresh array in their order. */
export function finiteOf(values: ArrayLike<number>): Float64Array {
  const finite = new Float64Array(values.length)
  let count = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    // The difference of what is not finite with itself is NaN.
    if (value - value === 0) finite[count++] = value
  }
  return finite.subarray(0, count)
}

/** The finite values, sorted ascending, as a fresh array. */
export function sortedFinite(values: ArrayLike<number>): Float64Array {
  const finite = finiteOf(values)
  if (!isSingle(finite)) return finite.sort()
  finite.set(sortFloats(Float32Array.from(finite)))
  return finite
}

/** Whether single precision holds the values without loss, as those of features. */
function isSingle(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (Math.fround(values[i]!) !== values[i]) return false
  return true
}

/** Quantile of the finite values as {@link quantileSorted} gives it, by selection: a median of 30,000 values eight times faster. */
export function quantile(values: ArrayLike<number>, p: number): number {
  return takeQuantile(finiteOf(values), p)
}

/** The same of values that are all finite and may be put in another order. */
export function takeQuantile(finite: Float64Array, p: number): number {
  if (finite.length === 0) return Number.NaN
  const at = (finite.length - 1) * clamp(p, 0, 1)
  const low = Math.floor(at)
  const below = selectNth(finite, low)
  const above = at === low ? below : smallest(finite.subarray(low + 1))
  return below + (at - low) * (above - below)
}

function smallest(values: ArrayLike<number>): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < values.length; i++) if (values[i]! < least) least = values[i]!
  return least
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5)
}

/** Median absolute deviation x 1.4826: consistent with the standard deviation of a normal (Rousseeuw & Croux 1993). */
export function robustSd(values: ArrayLike<number>): number {
  const centre = median(values)
  return 1.4826 * median(Float64Array.from(values as ArrayLike<number>, v => Math.abs(v - centre)))
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return values.length === 0 ? Number.NaN : sum / values.length
}

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : Math.min(value, high)
}

/** 1 / (1 + e^-x). */
export function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** First index whose value is >= key, in values sorted ascending (length if none). */
export function lowerBound(sorted: ArrayLike<number>, key: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}
