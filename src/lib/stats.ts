/** Quantile of values sorted ascending, linear between order statistics (Hyndman & Fan 1996, type 7, as NumPy). NaN if empty. */
export function quantileSorted(sorted: ArrayLike<number>, p: number): number {
  const n = sorted.length
  if (n === 0) return Number.NaN
  const at = (n - 1) * Math.min(1, Math.max(0, p))
  const low = Math.floor(at)
  const high = Math.min(n - 1, low + 1)
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!)
}

/** The finite values, sorted ascending, as a fresh array. */
export function sortedFinite(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values as ArrayLike<number>)
    .filter(Number.isFinite)
    .sort()
}

export function quantile(values: ArrayLike<number>, p: number): number {
  return quantileSorted(sortedFinite(values), p)
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
