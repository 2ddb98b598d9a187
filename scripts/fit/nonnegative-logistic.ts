import type { Matrix } from '../../src/lib/matrix.ts'

export interface LogisticOptions {
  /** Weight of half the sum of squared coefficients, > 0 (scikit-learn's 1 / C); the intercept goes free. */
  readonly ridge: number
  /** Weight of the sum of coefficients, >= 0. @default 0 */
  readonly lasso?: number
  /** Largest slope left at the optimum, as a share of the rows' total weight. @default 1e-8 */
  readonly tolerance?: number
  /** Newton steps at most. @default 100 */
  readonly maxSteps?: number
}

/** log-odds = intercept + coefficients . row */
export interface LogisticFit {
  readonly intercept: number
  /** (cols), each >= 0. */
  readonly coefficients: Float64Array
  /** Value of the penalised loss at the optimum. */
  readonly objective: number
  /** d objective / d coefficient, (cols): 0 where the coefficient is positive, >= 0 where it is 0. */
  readonly slopes: Float64Array
  readonly steps: number
  readonly converged: boolean
}

/** Where the search is: parameter 0 is the intercept, parameter j + 1 the coefficient of column j. */
interface Point {
  readonly parameters: Float64Array
  /** (rows) */
  readonly logOdds: Float64Array
  readonly objective: number
}

/** Rows flatter than this are left out of the Hessian: it only shapes the step, and thousands of calm rows weigh nothing in it. */
const FLAT = 1e-5
/** Share of the promised descent that a step must bring (Armijo; Nocedal & Wright 2006, eq. 3.4). */
const DESCENT = 1e-4
const MOST_HALVINGS = 40
const MOST_SWEEPS = 500

/**
 * Logistic regression with coefficients that cannot be negative, by projected Newton steps: each minimises the quadratic
 * model over the coefficients that are positive or would become so, by coordinate descent, then halves until the loss
 * falls (Lee, Sun & Saunders 2014, proximal Newton). `table` is (rows, cols); `isPositive` and `weights` are (rows).
 */
export function fitNonnegativeLogistic(
  table: Matrix,
  isPositive: ArrayLike<number>,
  weights: Float64Array,
  options: LogisticOptions,
): LogisticFit {
  const { ridge, lasso = 0, tolerance = 1e-8, maxSteps = 100 } = options
  const limit = tolerance * weights.reduce((sum, weight) => sum + weight, 0)
  const penalty = { ridge, lasso }
  let point = evaluate(table, isPositive, weights, penalty, startAt(table.cols, isPositive, weights))
  let steps = 0
  for (; ; steps++) {
    const { slopes, curvature } = derive(table, isPositive, weights, penalty, point)
    const active = activeParameters(point.parameters, slopes)
    const isOptimal = active.every(j => Math.abs(slopes[j]!) <= limit)
    const next =
      isOptimal || steps >= maxSteps
        ? null
        : descend(table, isPositive, weights, penalty, point, slopes, active, curvature)
    if (next === null) {
      return {
        intercept: point.parameters[0]!,
        coefficients: point.parameters.slice(1),
        objective: point.objective,
        slopes: slopes.slice(1),
        steps,
        converged: isOptimal,
      }
    }
    point = next
  }
}

type Penalty = Required<Pick<LogisticOptions, 'ridge' | 'lasso'>>

/** No coefficient, and the intercept that the base rate asks for. */
function startAt(cols: number, isPositive: ArrayLike<number>, weights: Float64Array): Float64Array {
  let positive = 0
  let negative = 0
  for (let r = 0; r < weights.length; r++) {
    if (isPositive[r]) positive += weights[r]!
    else negative += weights[r]!
  }
  if (!(positive > 0 && negative > 0)) throw new RangeError('rows of both classes are needed')
  const parameters = new Float64Array(cols + 1)
  parameters[0] = Math.log(positive / negative)
  return parameters
}

function evaluate(
  { data, rows, cols }: Matrix,
  isPositive: ArrayLike<number>,
  weights: Float64Array,
  { ridge, lasso }: Penalty,
  parameters: Float64Array,
): Point {
  const used: number[] = []
  let objective = 0
  for (let c = 0; c < cols; c++) {
    const b = parameters[c + 1]!
    if (b === 0) continue
    used.push(c)
    objective += (ridge / 2) * b * b + lasso * b
  }
  const logOdds = new Float64Array(rows)
  for (let r = 0; r < rows; r++) {
    let z = parameters[0]!
    for (let u = 0; u < used.length; u++) z += parameters[used[u]! + 1]! * data[r * cols + used[u]!]!
    logOdds[r] = z
    // log(1 + e^m), without overflow
    const m = isPositive[r] ? -z : z
    objective += weights[r]! * (Math.max(m, 0) + Math.log1p(Math.exp(-Math.abs(m))))
  }
  return { parameters, logOdds, objective }
}

/** Slope of the objective in each parameter, and the curvature w p (1 - p) of each row. */
function derive(
  { data, rows, cols }: Matrix,
  isPositive: ArrayLike<number>,
  weights: Float64Array,
  { ridge, lasso }: Penalty,
  { parameters, logOdds }: Point,
): { slopes: Float64Array; curvature: Float64Array } {
  const slopes = new Float64Array(cols + 1)
  const curvature = new Float64Array(rows)
  for (let r = 0; r < rows; r++) {
    const p = 1 / (1 + Math.exp(-logOdds[r]!))
    const residual = weights[r]! * (p - (isPositive[r] ? 1 : 0))
    curvature[r] = weights[r]! * p * (1 - p)
    slopes[0]! += residual
    for (let c = 0; c < cols; c++) slopes[c + 1]! += residual * data[r * cols + c]!
  }
  for (let c = 1; c <= cols; c++) slopes[c]! += ridge * parameters[c]! + lasso
  return { slopes, curvature }
}

/** The intercept, and the coefficients that are positive or would gain by becoming so. */
function activeParameters(parameters: Float64Array, slopes: Float64Array): number[] {
  const active = [0]
  for (let j = 1; j < parameters.length; j++) if (parameters[j]! > 0 || slopes[j]! < 0) active.push(j)
  return active
}

/** One step that lowers the objective; null when none does, which is as near as floating point comes. */
function descend(
  table: Matrix,
  isPositive: ArrayLike<number>,
  weights: Float64Array,
  penalty: Penalty,
  point: Point,
  slopes: Float64Array,
  active: readonly number[],
  curvature: Float64Array,
): Point | null {
  const hessian = hessianOf(table, curvature, active, penalty.ridge)
  const gradient = Float64Array.from(active, j => slopes[j]!)
  const floor = Float64Array.from(active, j => (j === 0 ? Number.NEGATIVE_INFINITY : -point.parameters[j]!))
  const step = minimiseQuadratic(hessian, gradient, floor)
  const promised = gradient.reduce((sum, slope, a) => sum + slope * step[a]!, 0)
  if (!(promised < 0)) return null
  for (let halvings = 0, size = 1; halvings < MOST_HALVINGS; halvings++, size /= 2) {
    const parameters = point.parameters.slice()
    // At full size a coefficient that hits its bound is exactly 0, not nearly.
    active.forEach((j, a) => {
      parameters[j] = size === 1 && step[a] === floor[a] ? 0 : parameters[j]! + size * step[a]!
    })
    const next = evaluate(table, isPositive, weights, penalty, parameters)
    if (next.objective <= point.objective + DESCENT * size * promised && next.objective < point.objective)
      return next
  }
  return null
}

/** (active, active), row-major: sum over rows of curvature x x', plus the ridge on the coefficients. */
function hessianOf(
  { data, rows, cols }: Matrix,
  curvature: Float64Array,
  active: readonly number[],
  ridge: number,
): Float64Array {
  const n = active.length
  const hessian = new Float64Array(n * n)
  const at = new Int32Array(n)
  const value = new Float64Array(n)
  for (let r = 0; r < rows; r++) {
    const h = curvature[r]!
    if (h < FLAT) continue
    let filled = 0
    for (let a = 0; a < n; a++) {
      const j = active[a]!
      const x = j === 0 ? 1 : data[r * cols + j - 1]!
      if (x === 0) continue
      at[filled] = a
      value[filled++] = x
    }
    for (let i = 0; i < filled; i++) {
      const scaled = h * value[i]!
      const row = at[i]! * n
      for (let k = i; k < filled; k++) hessian[row + at[k]!]! += scaled * value[k]!
    }
  }
  for (let a = 0; a < n; a++) {
    // Something to divide by also where every row is flat.
    hessian[a * n + a]! += active[a] === 0 ? FLAT : ridge
    for (let b = a + 1; b < n; b++) hessian[b * n + a] = hessian[a * n + b]!
  }
  return hessian
}

/** The step d >= floor that minimises gradient . d + d' hessian d / 2, by cyclic coordinate descent. */
function minimiseQuadratic(hessian: Float64Array, gradient: Float64Array, floor: Float64Array): Float64Array {
  const n = gradient.length
  const step = new Float64Array(n)
  const slope = gradient.slice()
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let gained = 0
    let largest = 0
    for (let a = 0; a < n; a++) {
      const diagonal = hessian[a * n + a]!
      const change = Math.max(step[a]! - slope[a]! / diagonal, floor[a]!) - step[a]!
      if (change === 0) continue
      step[a]! += change
      for (let b = 0; b < n; b++) slope[b]! += change * hessian[a * n + b]!
      gained = Math.max(gained, change * change * diagonal)
      largest = Math.max(largest, step[a]! * step[a]! * diagonal)
    }
    if (gained <= 1e-16 * largest) break
  }
  return step
}
