/** Upper tails of the two null distributions that comparing samples needs. */

/** Relative error at which series and fractions stop: about that of the logarithm of the gamma function used here. */
const PRECISION = 1e-13
const MOST_TERMS = 10_000

/** P(X >= x) of a chi-square with `df` degrees of freedom, 0-1; 1 where df is 0. */
export function chiSquareTail(x: number, df: number): number {
  if (df <= 0 || x <= 0) return 1
  return upperGamma(df / 2, x / 2)
}

/** Regularised upper incomplete gamma Q(a, x): a series below a + 1, Lentz's continued fraction above (Press et al. 2007, 6.2). */
function upperGamma(a: number, x: number): number {
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < MOST_TERMS && term > PRECISION * sum; n++) {
      term *= x / (a + n)
      sum += term
    }
    return Math.max(0, 1 - front * sum)
  }
  const tiny = Number.MIN_VALUE / PRECISION
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < MOST_TERMS; n++) {
    const an = -n * (n - a)
    b += 2
    d = 1 / (an * d + b || tiny)
    c = b + an / c || tiny
    fraction *= d * c
    if (Math.abs(d * c - 1) < PRECISION) break
  }
  return Math.min(1, front * fraction)
}

/** Coefficients of Lanczos's approximation for g = 7, n = 9 (Godfrey 2001): 15 digits for positive arguments. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** ln Gamma(x), x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  let sum = LANCZOS[0]!
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i]! / (x - 1 + i)
  const t = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

/**
 * P(D >= d) of the two-sample Kolmogorov-Smirnov statistic with the effective size n m / (n + m), by Stephens's (1970)
 * approximation; above the truth where values tie. 0-1.
 */
export function kolmogorovTail(d: number, effectiveSize: number): number {
  const root = Math.sqrt(effectiveSize)
  const lambda = (root + 0.12 + 0.11 / root) * d
  // The series converges from about 0.3 on; below, the probability is 1 to ten digits.
  if (!(lambda > 0.3)) return 1
  let sum = 0
  for (let j = 1; j <= 100; j++) {
    const term = (j % 2 === 1 ? 2 : -2) * Math.exp(-2 * j * j * lambda * lambda)
    sum += term
    if (Math.abs(term) < PRECISION) break
  }
  return Math.min(1, Math.max(0, sum))
}
