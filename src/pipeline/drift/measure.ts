import { adjustForMany, compareSketches, type Distance } from '../../lib/drift.ts'
import { missingShare, rowsOf, type Sketch, shareAbove, sketchQuantile } from '../../lib/sketch.ts'
import type { ColumnDrift, DriftLevel, PeriodDrift, ReferenceColumn } from '../../schema/drift.ts'

/** Customary bounds of the stability index (Siddiqi 2006). */
export const MODERATE_PSI = 0.1
export const STRONG_PSI = 0.25

/** Share of the columns called drifted that may be so by chance. */
const FALSE_DISCOVERIES = 0.01

/** Days from which on a period holds every weekday, so that swings between days average out. */
const WEEK_DAYS = 7

/** Quantile of training above which a value is in the tail. */
const TAIL = 0.99

/** Compares the sketches of a period, column by column, with those of training. Columns without rows on either side are left out. */
export function measureDrift(
  columns: readonly ReferenceColumn[],
  period: readonly Sketch[],
  days: number,
): PeriodDrift {
  const compared = columns.flatMap((column, c) => {
    const distance = compareSketches(column.sketch, period[c]!)
    return distance === null ? [] : [{ column, sketch: period[c]!, distance }]
  })
  const adjusted = adjustForMany(compared.map(({ distance }) => distance.p))
  const found = compared
    .map(({ column, sketch, distance }, i) => columnDrift(column, sketch, distance, adjusted[i]!, days))
    .sort((a, b) => b.excess - a.excess || b.ks - a.ks || (a.name < b.name ? -1 : 1))
  return {
    trainingRows: columns.length === 0 ? 0 : rowsOf(columns[0]!.sketch),
    periodRows: period.length === 0 ? 0 : rowsOf(period[0]!),
    days,
    columns: found,
    weighted: found.reduce((sum, one) => sum + (one.level === 'stable' ? 0 : one.weight * one.excess), 0),
    score: found.find(one => one.kind === 'score') ?? null,
  }
}

function columnDrift(
  { name, kind, weight, usual, sketch: training }: ReferenceColumn,
  period: Sketch,
  { psi, psiByChance, ks, ksP, effectivePeriod }: Distance,
  p: number,
  days: number,
): ColumnDrift {
  // Fewer days than a week may all be of one kind; over weeks the swings average out like any mean.
  const swing = days < WEEK_DAYS ? usual : usual / days
  const excess = Math.max(0, psi - psiByChance - swing)
  const edge = sketchQuantile(training, TAIL)
  return {
    name,
    kind,
    weight,
    psi,
    psiByChance,
    usual: swing,
    excess,
    p,
    ks,
    ksP,
    level: levelOf(excess, p),
    trainingMedian: finite(sketchQuantile(training, 0.5)),
    periodMedian: finite(sketchQuantile(period, 0.5)),
    trainingTail: finite(shareAbove(training, edge)),
    periodTail: finite(shareAbove(period, edge)),
    trainingMissing: missingShare(training),
    periodMissing: missingShare(period),
    effectiveRows: effectivePeriod,
  }
}

function levelOf(excess: number, p: number): DriftLevel {
  if (p > FALSE_DISCOVERIES || excess < MODERATE_PSI) return 'stable'
  return excess < STRONG_PSI ? 'moderate' : 'strong'
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
