import { wilsonInterval } from '../lib/metrics.ts'
import type { Estimate } from '../schema/evaluation.ts'

/** A share with Wilson's 95 % interval; unknown without trials. */
export function estimateOf(successes: number, trials: number): Estimate {
  if (trials === 0) return { value: null, low: null, high: null }
  return { value: successes / trials, ...wilsonInterval(successes, trials) }
}
