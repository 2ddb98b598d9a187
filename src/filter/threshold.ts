/** Below which probability an alert is suppressed, and what that is known to cost. */
export interface Threshold {
  readonly threshold: number
  /**
   * Whether the positives suffice to bound the recall lost on new alerts: with n of them, the chance that one more lies below the
   * k-th lowest is at most k / (n + 1) (exchangeability, as in split conformal prediction), so a loss of 2 % needs 49 of them.
   */
  readonly bounded: boolean
}

/**
 * The threshold on out-of-fold probabilities that loses at most `maxRecallLoss` of new positives: the k-th lowest positive, with
 * k = floor(maxRecallLoss x (n + 1)); rows below it are suppressed, itself is kept. When there are too few positives for k = 1, it
 * lies below the lowest of them by ln(1 / (maxRecallLoss x (n + 1))) logits: more the fewer there are (a lower tail that falls
 * off by a factor e each logit), and `bounded` is false.
 */
export function chooseThreshold(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  maxRecallLoss: number,
): Threshold {
  const positives = Float64Array.from(probabilities).filter((_, r) => labels[r] === 1)
  if (positives.length === 0 || maxRecallLoss <= 0) return { threshold: 0, bounded: false }
  positives.sort()
  const expected = maxRecallLoss * (positives.length + 1)
  const allowed = Math.floor(expected + 1e-9)
  if (allowed >= 1) return { threshold: positives[Math.min(allowed, positives.length) - 1]!, bounded: true }
  // p -> odds x expected: the logit moves by ln(expected) < 0.
  const odds = (positives[0]! / (1 - positives[0]!)) * expected
  return { threshold: odds / (1 + odds), bounded: false }
}
