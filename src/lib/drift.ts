/** How far two sketched distributions lie apart, and how much of that chance alone would give. */
import { designEffect, knotAt, rowsOf, type Sketch } from './sketch.ts'
import { chiSquareTail, kolmogorovTail } from './tail-probability.ts'

/** One column's distance between a reference and a period. */
export interface Distance {
  /** Population stability index, >= 0. */
  readonly psi: number
  /** What the index would be on average without any drift: (bins - 1) (1/n + 1/m). */
  readonly psiByChance: number
  /** Probability of an index at least as large without drift, 0-1. */
  readonly p: number
  /** Largest gap of the distribution functions at the knots, 0-1, and its probability without drift. */
  readonly ks: number
  readonly ksP: number
  /** Bins compared. */
  readonly bins: number
  /** Independent rows that the samples are worth: rows over design effect. */
  readonly effectiveReference: number
  readonly effectivePeriod: number
}

/** Which bins an index is taken over. */
export interface Binning {
  /** Below this quantile of the reference all values are one bin. @default 0 */
  readonly above?: number
  /** Least share of the rows in a bin. @default a twentieth, as the knots lie */
  readonly leastShare?: number
}

/** Rows that the smaller sample should have in a bin for the chi-square to hold (Cochran 1954). */
const LEAST_EXPECTED = 5

/**
 * Compares a period with its reference on the same knots. Without drift PSI / (1/n + 1/m) is chi-square with bins - 1 degrees of
 * freedom (Yurdakul & Naranjo 2020), n and m being the numbers of independent rows: those of one cluster count as
 * what they are worth (`designEffect`, the reference's where the period's few clusters show less of it), so that samples of clustered
 * rows are called drifted at most as often as the p-value says. Null when a sample is empty.
 */
export function compareSketches(
  reference: Sketch,
  period: Sketch,
  { above = 0, leastShare = 0.05 }: Binning = {},
): Distance | null {
  const rows = [rowsOf(reference), rowsOf(period)] as const
  if (rows[0] === 0 || rows[1] === 0) return null
  const own = designEffect(reference)
  const n = rows[0] / own
  const m = rows[1] / Math.max(designEffect(period), Math.min(own, rows[1]))
  const least = Math.max(leastShare, LEAST_EXPECTED / Math.min(n, m))
  const firstBin = above > 0 ? 2 + 2 * knotAt(reference, above) : 0
  const pooled = poolBins(reference, period, { n, m, least, firstBin })
  const noise = 1 / n + 1 / m
  const psi = stabilityIndex(pooled, n, m)
  const df = pooled.length - 1
  const ks = largestGap(reference, period)
  return {
    psi,
    psiByChance: df * noise,
    p: chiSquareTail(psi / noise, df),
    ks,
    ksP: kolmogorovTail(ks, 1 / noise),
    bins: pooled.length,
    effectiveReference: n,
    effectivePeriod: m,
  }
}

interface Pair {
  reference: number
  period: number
}

/** Shares of both in neighbouring bins, put together up to `firstBin` and until each bin is large enough for both samples. */
function poolBins(
  reference: Sketch,
  period: Sketch,
  { n, m, least, firstBin }: { n: number; m: number; least: number; firstBin: number },
): Pair[] {
  const rows = [rowsOf(reference), rowsOf(period)] as const
  const together = ({ reference: a, period: b }: Pair) => (a * n + b * m) / (n + m)
  const pooled: Pair[] = []
  let open: Pair = { reference: 0, period: 0 }
  reference.counts.forEach((count, bin) => {
    open = {
      reference: open.reference + count / rows[0],
      period: open.period + period.counts[bin]! / rows[1],
    }
    if (bin < firstBin || together(open) < least) return
    pooled.push(open)
    open = { reference: 0, period: 0 }
  })
  // What remains is too small for a bin of its own.
  const last = pooled.pop() ?? { reference: 0, period: 0 }
  pooled.push({ reference: last.reference + open.reference, period: last.period + open.period })
  return pooled
}

/** Sum of (a - e) ln(a / e) over the bins; half a row is added to each, which keeps empty ones finite (Jeffreys's prior). */
function stabilityIndex(pooled: readonly Pair[], n: number, m: number): number {
  const bins = pooled.length
  let sum = 0
  for (const { reference, period } of pooled) {
    const e = (reference * n + 0.5) / (n + 0.5 * bins)
    const a = (period * m + 0.5) / (m + 0.5 * bins)
    sum += (a - e) * Math.log(a / e)
  }
  return sum
}

function largestGap(a: Sketch, b: Sketch): number {
  const finite = (counts: readonly number[]) => counts.slice(1).reduce((sum, count) => sum + count, 0)
  const total = [finite(a.counts), finite(b.counts)] as const
  if (total[0] === 0 || total[1] === 0) return 0
  let gap = 0
  let below = 0
  let belowToo = 0
  for (let bin = 1; bin < a.counts.length; bin++) {
    below += a.counts[bin]! / total[0]
    belowToo += b.counts[bin]! / total[1]
    gap = Math.max(gap, Math.abs(below - belowToo))
  }
  return Math.min(1, gap)
}

/**
 * P-values adjusted so that, of the columns whose adjusted value is at most q, a share q at most is expected to be there by chance
 * (Benjamini & Hochberg 1995).
 */
export function adjustForMany(p: readonly number[]): number[] {
  const order = [...p.keys()].sort((a, b) => p[b]! - p[a]!)
  const adjusted = new Array<number>(p.length)
  let least = 1
  order.forEach((index, i) => {
    least = Math.min(least, (p[index]! * p.length) / (p.length - i))
    adjusted[index] = least
  })
  return adjusted
}
