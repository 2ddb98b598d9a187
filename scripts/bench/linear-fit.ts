import { mean } from '../../src/lib/stats.ts'

/** The least-squares line y = start + slope x. */
export interface LinearFit {
  readonly start: number
  readonly slope: number
  /** Share of the variance that the line explains; NaN where there is none. */
  readonly r2: number
  /** Largest distance of a point from the line, as a share of the point. */
  readonly farthest: number
}

/** Needs two different x; x and y are equally long. */
export function fitLine(x: readonly number[], y: readonly number[]): LinearFit {
  const [meanX, meanY] = [mean(x), mean(y)]
  const sum = (of: (i: number) => number) => x.reduce((total, _, i) => total + of(i), 0)
  const slope = sum(i => (x[i]! - meanX) * (y[i]! - meanY)) / sum(i => (x[i]! - meanX) ** 2)
  const start = meanY - slope * meanX
  const offs = y.map((value, i) => value - start - slope * x[i]!)
  const r2 = 1 - sum(i => offs[i]! ** 2) / sum(i => (y[i]! - meanY) ** 2)
  return { start, slope, r2, farthest: Math.max(...offs.map((off, i) => Math.abs(off / y[i]!))) }
}
