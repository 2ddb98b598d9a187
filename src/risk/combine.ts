import type { Matrix } from '../lib/matrix.ts'

/** How the detectors' evidence becomes one score. */
export interface Combination {
  /** Weight of each detector, >= 0; a detector without one counts for nothing. */
  readonly weights: Readonly<Record<string, number>>
  /** Nats of evidence that a detector is allowed for nothing: chance alone gives each one nat on average. */
  readonly freeNats: number
}

/** One detector's evidence about one token-hour. */
export interface Evidence {
  readonly detector: string
  /** Calibrated surprise, nats, >= 0. */
  readonly nats: number
}

/**
 * Score of a set of evidence: sum over detectors d of w_d max(0, e_d - free), e_d being the largest evidence under the
 * detector's name. Monotone in every e_d; the order of the list and repeats of one detector change nothing.
 */
export function combineEvidence(combination: Combination, evidence: readonly Evidence[]): number {
  const largest = new Map<string, number>()
  for (const { detector, nats } of evidence) largest.set(detector, Math.max(largest.get(detector) ?? 0, nats))
  let score = 0
  for (const name of Object.keys(combination.weights)) {
    score += combination.weights[name]! * Math.max(0, (largest.get(name) ?? 0) - combination.freeNats)
  }
  return score
}

/** The same for every row of a table of evidence (rows, detectors). */
export function combineRows(combination: Combination, evidence: Matrix): Float64Array {
  const weights = Float64Array.from(evidence.names, name => combination.weights[name] ?? 0)
  const scores = new Float64Array(evidence.rows)
  for (let r = 0; r < evidence.rows; r++) {
    let score = 0
    for (let d = 0; d < evidence.cols; d++) {
      score += weights[d]! * Math.max(0, evidence.data[r * evidence.cols + d]! - combination.freeNats)
    }
    scores[r] = score
  }
  return scores
}
