import { logistic } from '../lib/stats.ts'

/** p = 1 / (1 + exp(-(slope x logit + intercept))), slope >= 0: the order of alerts stays that of the net. */
export interface Calibration {
  readonly slope: number
  readonly intercept: number
}

/** Newton's method on a convex loss in two unknowns: converges in under 10 rounds, these are spare. */
const ROUNDS = 100
const CONVERGED = 1e-10
/** Keeps the Hessian invertible on separable logits; its pull on the slope is below 1e-3 from 30 rows on. */
const RIDGE = 1e-3

/**
 * Platt's scaling (Platt 1999, with his smoothed targets (n+ + 1) / (n+ + 2) and 1 / (n- + 2); Newton as Lin, Lin & Weng 2007) of
 * logits that were predicted for rows the net had not seen. A slope below 0 (a net worse than chance) becomes 0: the base rate.
 */
export function fitCalibration(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Calibration {
  let positives = 0
  let negatives = 0
  for (let r = 0; r < logits.length; r++) {
    const w = weights ? weights[r]! : 1
    if (labels[r]) positives += w
    else negatives += w
  }
  const high = (positives + 1) / (positives + 2)
  const low = 1 / (negatives + 2)
  let slope = 1
  let intercept = Math.log((positives + 1) / (negatives + 1))
  for (let round = 0; round < ROUNDS; round++) {
    const step = newtonStep(logits, labels, weights, { high, low, slope, intercept })
    slope += step.slope
    intercept += step.intercept
    if (Math.abs(step.slope) + Math.abs(step.intercept) < CONVERGED) break
  }
  if (Number.isFinite(slope) && Number.isFinite(intercept) && slope > 0) return { slope, intercept }
  return { slope: 0, intercept: Math.log((positives + 1) / (negatives + 1)) }
}

function newtonStep(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
  at: { high: number; low: number; slope: number; intercept: number },
): Calibration {
  let gradientSlope = RIDGE * (at.slope - 1)
  let gradientIntercept = 0
  let [ss, si, ii] = [RIDGE, 0, RIDGE]
  for (let r = 0; r < logits.length; r++) {
    const z = logits[r]!
    const w = weights ? weights[r]! : 1
    const p = logistic(at.slope * z + at.intercept)
    const error = w * (p - (labels[r] ? at.high : at.low))
    const curve = w * p * (1 - p)
    gradientSlope += error * z
    gradientIntercept += error
    ss += curve * z * z
    si += curve * z
    ii += curve
  }
  const determinant = ss * ii - si * si
  const slope = -(ii * gradientSlope - si * gradientIntercept) / determinant
  const intercept = -(ss * gradientIntercept - si * gradientSlope) / determinant
  // A full Newton step can overshoot where p is saturated; 5 logits a round still gets anywhere.
  const shrink = Math.min(1, 5 / Math.max(Math.abs(slope), Math.abs(intercept), 1e-300))
  return { slope: slope * shrink, intercept: intercept * shrink }
}

export function calibrate({ slope, intercept }: Calibration, logit: number): number {
  return logistic(slope * logit + intercept)
}
