/**
 * A distribution as counts between fixed knots: exact to merge, a few hundred bytes, the same whatever the order of rows. The
 * stability index compares shares of equal bins, so bins that are fixed once (at the quantiles of training) serve it better
 * than a t-digest or KLL sketch, whose centroids move: those answer any quantile, but two of them share no bins.
 */
import { quantileSorted, sortedFinite } from './stats.ts'

/** Counts of one column. Bins, in this order: missing (not finite), below the first knot, then each knot and what lies above it. */
export interface Sketch {
  /** Distinct values, ascending, k of them. */
  readonly knots: readonly number[]
  /** (2k + 2): rows in bin 0 missing, 1 below knots[0], 2 + 2i equal to knots[i], 3 + 2i between knots[i] and the next. */
  readonly counts: readonly number[]
  /**
   * (k), with C the rows of a cluster that are missing or at most knots[i], and s its size: sums over the clusters of C^2 and of C s.
   * They tell how much rows of one cluster resemble each other.
   */
  readonly squares: readonly number[]
  readonly products: readonly number[]
  /** Clusters, and the sum of s^2. */
  readonly clusters: number
  readonly clusterSquares: number
  /** Of the finite values; null where there are none. */
  readonly low: number | null
  readonly high: number | null
}

/** Rows gathered into clusters that depend on each other: `order` names the rows, those of cluster c from `first[c]` to `first[c + 1]`. */
export interface Clusters {
  readonly order: Uint32Array
  readonly first: Uint32Array
}

/** Gathers rows by a label; clusters in the order in which they first come up. */
export function gatherClusters(labels: readonly string[]): Clusters {
  const numbers = new Map<string, number>()
  const of = Uint32Array.from(labels, label => {
    const number = numbers.get(label) ?? numbers.size
    numbers.set(label, number)
    return number
  })
  const first = new Uint32Array(numbers.size + 1)
  for (const cluster of of) first[cluster + 1]!++
  for (let c = 0; c < numbers.size; c++) first[c + 1]! += first[c]!
  const next = first.slice()
  const order = new Uint32Array(labels.length)
  of.forEach((cluster, row) => {
    order[next[cluster]!++] = row
  })
  return { order, first }
}

/** Every twentieth, and the upper tail, where scores are decided; the ends, so that quantiles can be read between them. */
const KNOT_SHARES = [...Array.from({ length: 20 }, (_, i) => i / 20), 0.975, 0.99, 0.995, 1]

/** Distinct quantiles of the finite values: the knots of every sketch that is to be compared with these values. */
export function knotsOf(values: ArrayLike<number>): number[] {
  const sorted = sortedFinite(values)
  if (sorted.length === 0) return []
  return [...new Set(KNOT_SHARES.map(share => quantileSorted(sorted, share)))]
}

export function emptySketch(knots: readonly number[]): Sketch {
  const zeros = (length: number) => new Array<number>(length).fill(0)
  return {
    knots,
    counts: zeros(2 * knots.length + 2),
    squares: zeros(knots.length),
    products: zeros(knots.length),
    clusters: 0,
    clusterSquares: 0,
    low: null,
    high: null,
  }
}

/** Sketches rows of a column: value r is `data[r * stride + offset]`. */
export function sketchColumn(
  knots: readonly number[],
  { data, stride, offset }: { data: ArrayLike<number>; stride: number; offset: number },
  { order, first }: Clusters,
): Sketch {
  const counts = new Float64Array(2 * knots.length + 2)
  // By how much each sum grows from one knot to the next: most clusters are far smaller than the list of knots.
  const squares = new Float64Array(knots.length + 1)
  const products = new Float64Array(knots.length + 1)
  const levels = new Uint32Array(largestCluster(first))
  let clusterSquares = 0
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let c = 0; c + 1 < first.length; c++) {
    const start = first[c]!
    const size = first[c + 1]! - start
    clusterSquares += size * size
    for (let i = 0; i < size; i++) {
      const value = data[order[start + i]! * stride + offset]!
      const bin = binOf(knots, value)
      counts[bin]! += 1
      insertSorted(levels, i, levelOf(bin))
      if (bin === 0) continue
      if (value < low) low = value
      if (value > high) high = value
    }
    for (let i = 0; i < size; i++) {
      squares[levels[i]!]! += 2 * i + 1
      products[levels[i]!]! += size
    }
  }
  const isEmpty = low > high
  return {
    knots,
    counts: [...counts],
    squares: runningSums(squares, knots.length),
    products: runningSums(products, knots.length),
    clusters: first.length - 1,
    clusterSquares,
    low: isEmpty ? null : low,
    high: isEmpty ? null : high,
  }
}

/** Number of the first knot that the rows of a bin are missing at or lie at most at; as many as there are knots where above all. */
function levelOf(bin: number): number {
  return bin === 0 ? 0 : (bin - 1) >> 1
}

/** Inserts a value into the first `count` ones, which ascend. */
function insertSorted(values: Uint32Array, count: number, value: number): void {
  let at = count
  while (at > 0 && values[at - 1]! > value) {
    values[at] = values[at - 1]!
    at--
  }
  values[at] = value
}

function largestCluster(first: Uint32Array): number {
  let largest = 0
  for (let c = 0; c + 1 < first.length; c++) largest = Math.max(largest, first[c + 1]! - first[c]!)
  return largest
}

function runningSums(steps: Float64Array, length: number): number[] {
  const sums = new Array<number>(length)
  let sum = 0
  for (let k = 0; k < length; k++) {
    sum += steps[k]!
    sums[k] = sum
  }
  return sums
}

function binOf(knots: readonly number[], value: number): number {
  if (!Number.isFinite(value)) return 0
  let low = 0
  let high = knots.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (knots[middle]! < value) low = middle + 1
    else high = middle
  }
  return low < knots.length && knots[low] === value ? 2 + 2 * low : 1 + 2 * low
}

/** The sketch of both sets of rows; no cluster may have rows in both. Throws RangeError for sketches on other knots. */
export function mergeSketches(a: Sketch, b: Sketch): Sketch {
  if (a.knots.length !== b.knots.length || a.knots.some((knot, i) => knot !== b.knots[i]))
    throw new RangeError('sketches on different knots cannot be merged')
  const lower = [a.low, b.low].filter(value => value !== null)
  const upper = [a.high, b.high].filter(value => value !== null)
  return {
    knots: a.knots,
    counts: a.counts.map((count, bin) => count + b.counts[bin]!),
    squares: a.squares.map((square, k) => square + b.squares[k]!),
    products: a.products.map((product, k) => product + b.products[k]!),
    clusters: a.clusters + b.clusters,
    clusterSquares: a.clusterSquares + b.clusterSquares,
    low: lower.length === 0 ? null : Math.min(...lower),
    high: upper.length === 0 ? null : Math.max(...upper),
  }
}

export function rowsOf({ counts }: Sketch): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Share of rows without a value, 0-1; NaN without rows. */
export function missingShare(sketch: Sketch): number {
  return sketch.counts[0]! / rowsOf(sketch)
}

/** Quantile of the finite values: exact where it falls on a knot, linear in between. NaN without values. */
export function sketchQuantile({ knots, counts, low, high }: Sketch, p: number): number {
  if (low === null || high === null) return Number.NaN
  let finite = 0
  for (let bin = 1; bin < counts.length; bin++) finite += counts[bin]!
  const wanted = p * finite
  let below = 0
  for (let bin = 1; bin < counts.length; bin++) {
    const count = counts[bin]!
    if (count > 0 && below + count >= wanted) {
      if (bin % 2 === 0) return knots[bin / 2 - 1]!
      const from = bin === 1 ? low : Math.max(low, knots[(bin - 3) / 2]!)
      const to = bin === counts.length - 1 ? high : Math.min(high, knots[(bin - 1) / 2]!)
      return from + (to - from) * ((wanted - below) / count)
    }
    below += count
  }
  return high
}

/** Number of the first knot that at least a share `p` of the rows lies at or below (missing ones below); the last knot if none, -1 without knots. */
export function knotAt(sketch: Sketch, p: number): number {
  const { knots, counts } = sketch
  const wanted = p * rowsOf(sketch)
  let upTo = counts[0]! + counts[1]!
  for (let k = 0; k < knots.length; k++) {
    upTo += counts[2 + 2 * k]!
    // Counts are whole: the slack only absorbs the rounding of p times rows.
    if (upTo >= wanted - 1e-6) return k
    upTo += counts[3 + 2 * k]!
  }
  return knots.length - 1
}

/** Share of the rows that lie above knot number `k`, 0-1; NaN without rows. */
export function shareAbove(sketch: Sketch, k: number): number {
  let above = 0
  for (let bin = 3 + 2 * k; bin < sketch.counts.length; bin++) above += sketch.counts[bin]!
  return above / rowsOf(sketch)
}

/**
 * How many times more the distribution function wavers than that of independent rows would: the design effect (Kish 1965) under
 * sampling of whole clusters, at least 1. Over the knots, sum_clusters (C - F s)^2 over sum n F (1 - F), F being the share at most
 * the knot, times K / (K - 1) for K clusters. Many clusters of m equal rows give m (few of them K / (K - 1) times that), those of
 * independent rows 1. That of single bins would be smaller, and let a stability index of clustered rows pass for drift twice as often
 * as it should.
 */
export function designEffect(sketch: Sketch): number {
  const { counts, squares, products, clusters, clusterSquares } = sketch
  const n = rowsOf(sketch)
  if (clusters < 2) return Math.max(1, n)
  let observed = 0
  let independent = 0
  let upTo = counts[0]! + counts[1]!
  squares.forEach((square, k) => {
    upTo += counts[2 + 2 * k]!
    const share = upTo / n
    observed += square - 2 * share * products[k]! + share * share * clusterSquares
    independent += n * share * (1 - share)
    upTo += counts[3 + 2 * k]!
  })
  // A column that never changes says nothing of its clusters: they may all be copies.
  if (!(independent > 0)) return Math.max(1, n / clusters)
  return Math.max(1, ((observed / independent) * clusters) / (clusters - 1))
}
