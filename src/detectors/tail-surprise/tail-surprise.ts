import { type DoubleMatrix, eachColumn, type Matrix } from '../../lib/matrix.ts'
import { lowerBound, quantileSorted, sortedFinite } from '../../lib/stats.ts'

/** Share of the training values above which the tail is extrapolated rather than counted. */
const TAIL_SHARE = 0.005

/** Largest surprise given, nats: e^-18 is one token-hour in seven thousand years of one token. */
export const SURPRISE_CAP = 18

/** Knots of the stored distribution: every half per cent, and finer in the upper tenth where the decisions are made. */
const KNOT_PROBABILITIES = Float64Array.from([
  ...Array.from({ length: 181 }, (_, i) => i / 200),
  ...Array.from({ length: 190 }, (_, i) => 0.9005 + i * 0.0005),
  ...Array.from({ length: 10 }, (_, i) => 0.9955 + i * 0.0005).slice(1),
]).filter(p => p <= 1)

/** The upper tail of one column's training values. */
export interface Tail {
  readonly name: string
  /** Distinct knot values, ascending. */
  readonly values: readonly number[]
  /** -ln P(X >= value) of each knot, nats, ascending. */
  readonly surprises: readonly number[]
  /** Nats gained per unit of the column beyond the last knot: an exponential tail fitted to the excesses. */
  readonly slope: number
}

export interface TailModel {
  readonly tails: readonly Tail[]
}

/** Nats gained at most per unit of a column that is itself in nats: what claims one nat more is not many times as rare. */
export const NATS_PER_NAT = 1

/**
 * Fits the empirical upper tail of each column of `table` (rows, cols); missing values are left out. A value x then has the
 * surprise -ln P(X >= x) in nats, counted up to the last half per cent and extrapolated exponentially beyond (a
 * generalised Pareto tail of shape 0: Pickands 1975; our features are already logarithms or nats).
 */
export function fitTails(table: Matrix, steepest: (name: string) => number = () => Infinity): TailModel {
  const tails: Tail[] = []
  eachColumn(table, (column, c) => {
    const name = table.names[c]!
    tails.push(fitTail(name, column, steepest(name)))
  })
  return { tails }
}

function fitTail(name: string, column: ArrayLike<number>, steepest: number): Tail {
  const sorted = sortedFinite(column)
  const n = sorted.length
  if (n === 0) return { name, values: [], surprises: [], slope: 0 }
  const values: number[] = []
  const surprises: number[] = []
  const last = quantileSorted(sorted, 1 - TAIL_SHARE)
  for (const p of KNOT_PROBABILITIES) {
    const value = quantileSorted(sorted, p)
    if (value > last) break
    if (values.length > 0 && value <= values[values.length - 1]!) continue
    values.push(value)
    surprises.push(-Math.log((n - lowerBound(sorted, value) + 0.5) / (n + 0.5)))
  }
  let excess = 0
  let beyond = 0
  for (let i = n - 1; i >= 0 && sorted[i]! > last; i--) {
    excess += sorted[i]! - last
    beyond++
  }
  // A column that is constant in training has one step that we know of: itself.
  const scale = beyond > 0 ? excess / beyond : Math.max(Math.abs(last), 1)
  const slope = Math.min(steepest, 1 / Math.max(scale, 1e-9))
  // Where most of a column lies on `last` itself, as on a count's zero, the rare thing is to leave it at all. Rows come in runs, so
  // that none of n left it is worth the square root of n looks.
  const next = beyond > 0 ? sorted[n - beyond]! : last + scale
  const leaving = -Math.log(beyond > 0 ? (beyond + 0.5) / (n + 0.5) : 1 / Math.sqrt(n + 1))
  if (leaving > surprises.at(-1)! + (next - last) * slope) {
    values.push(next)
    surprises.push(leaving)
  }
  return { name, values, surprises, slope }
}

/** Surprise of one value under a tail, 0 to SURPRISE_CAP nats; 0 for missing values and an empty tail. */
export function surpriseOf(tail: Tail, x: number): number {
  const { values, surprises, slope } = tail
  const n = values.length
  if (n === 0 || !(x > values[0]!)) return 0
  const last = values[n - 1]!
  if (x >= last) return Math.min(SURPRISE_CAP, surprises[n - 1]! + (x - last) * slope)
  let low = 0
  let high = n - 1
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (values[middle]! <= x) low = middle
    else high = middle
  }
  const share = (x - values[low]!) / (values[high]! - values[low]!)
  return surprises[low]! + share * (surprises[high]! - surprises[low]!)
}

/**
 * The smallest value whose surprise reaches `nats`, the inverse of {@link surpriseOf}: -Infinity for 0 nats or less, Infinity
 * for what no value reaches (more than SURPRISE_CAP, or an empty tail).
 */
export function valueAt(tail: Tail, nats: number): number {
  const { values, surprises, slope } = tail
  const n = values.length
  if (nats <= 0) return Number.NEGATIVE_INFINITY
  if (n === 0 || nats > SURPRISE_CAP) return Number.POSITIVE_INFINITY
  const last = n - 1
  if (nats >= surprises[last]!) return values[last]! + (nats - surprises[last]!) / slope
  const high = lowerBound(surprises, nats)
  if (high === 0) return values[0]!
  const share = (nats - surprises[high - 1]!) / (surprises[high]! - surprises[high - 1]!)
  return values[high - 1]! + share * (values[high]! - values[high - 1]!)
}

/** Rows looked at column by column before the next ones: their cells stay in the processor's cache. */
const BLOCK_ROWS = 256

/** Surprises of every cell: a matrix (rows, tails) in nats. Columns are found by name. */
export function scoreTails(model: TailModel, table: Matrix): DoubleMatrix {
  const names = model.tails.map(tail => tail.name)
  const from = Int32Array.from(names, name => table.names.indexOf(name))
  const cols = names.length
  const data = new Float64Array(table.rows * cols)
  for (let first = 0; first < table.rows; first += BLOCK_ROWS) {
    const end = Math.min(table.rows, first + BLOCK_ROWS)
    for (let c = 0; c < cols; c++) {
      const source = from[c]!
      if (source < 0) continue
      const tail = model.tails[c]!
      for (let r = first; r < end; r++)
        data[r * cols + c] = surpriseOf(tail, table.data[r * table.cols + source]!)
    }
  }
  return { data, rows: table.rows, cols, names }
}
