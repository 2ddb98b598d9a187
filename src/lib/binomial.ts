/**
 * Upper end of the one-sided interval of Clopper & Pearson (1934): the share p at which `successes` or fewer in `trials` draws are as
 * unlikely as 1 - confidence. Exact coverage for every p, in [0, 1]; 1 without trials or when all succeed.
 */
export function clopperPearsonUpper(successes: number, trials: number, confidence = 0.95): number {
  if (trials <= 0 || successes >= trials) return 1
  let low = successes / trials
  let high = 1
  // The distribution function falls as p rises; 60 halvings reach the last bit of a double.
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (binomialCdf(successes, trials, middle) > 1 - confidence) low = middle
    else high = middle
  }
  return high
}

/** P(X <= successes) for X binomial (trials, share), 0 < share < 1; terms by recurrence from the first, in logarithms. */
export function binomialCdf(successes: number, trials: number, share: number): number {
  const odds = Math.log(share) - Math.log1p(-share)
  let term = trials * Math.log1p(-share)
  let sum = Math.exp(term)
  for (let k = 1; k <= successes; k++) {
    term += Math.log((trials - k + 1) / k) + odds
    sum += Math.exp(term)
  }
  return Math.min(1, sum)
}
