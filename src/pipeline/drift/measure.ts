import { adjustForMany, type Binning, compareSketches, type Distance } from '../../lib/drift.ts'
import { knotAt, missingShare, rowsOf, type Sketch, shareAbove, sketchQuantile } from '../../lib/sketch.ts'
import {
  type ColumnDrift,
  type DriftLevel,
  MODERATE_PSI,
  type PeriodDrift,
  type ReferenceColumn,
  STRONG_PSI,
} from '../../schema/drift.ts'

/** Share of the columns called drifted that may be so by chance. */
const FALSE_DISCOVERIES = 0.01

/** Days from which on a period holds every weekday, so that swings between days average out. */
const WEEK_DAYS = 7

/** Quantile of training above which a value is in the tail. */
const TAIL = 0.99

/**
 * Where values add to the score. Surprise grows from 0 to 2.3 nats over the lower nine tenths; and there novelty wanes as
 * histories grow, in every healthy log, without moving a score.
 */
export const UPPER_TENTH: Binning = { above: 0.9, leastShare: 0.01 }

/** Compares the sketches of a period, column by column, with those of training. Columns without rows on either side are left out. */
export function measureDrift(
  columns: readonly ReferenceColumn[],
  period: readonly Sketch[],
  days: number,
): PeriodDrift {
  const compared = columns.flatMap((column, c) => {
    const sketch = period[c]!
    const whole = compareSketches(column.sketch, sketch)
    const upper = compareSketches(column.sketch, sketch, UPPER_TENTH)
    return whole === null || upper === null ? [] : [{ column, sketch, whole, upper }]
  })
  const p = adjustForMany(compared.map(({ whole }) => whole.p))
  const upperP = adjustForMany(compared.map(({ upper }) => upper.p))
  const found = compared
    .map((one, i) => columnDrift(one, { p: p[i]!, upperP: upperP[i]! }, days))
    .sort(
      (a, b) =>
        weightedDrift(b) - weightedDrift(a) ||
        b.excess - a.excess ||
        b.ks - a.ks ||
        (a.name < b.name ? -1 : 1),
    )
  return {
    trainingRows: columns.length === 0 ? 0 : rowsOf(columns[0]!.sketch),
    periodRows: period.length === 0 ? 0 : rowsOf(period[0]!),
    days,
    columns: found,
    weighted: found.reduce((sum, one) => sum + weightedDrift(one), 0),
    score: found.find(one => one.kind === 'score') ?? null,
  }
}

/** What a column's drift means to the score. */
export function weightedDrift({ weight, upperExcess, upperLevel }: ColumnDrift): number {
  return upperLevel === 'stable' ? 0 : weight * upperExcess
}

interface Compared {
  readonly column: ReferenceColumn
  readonly sketch: Sketch
  readonly whole: Distance
  readonly upper: Distance
}

function columnDrift(
  { column, sketch, whole, upper }: Compared,
  { p, upperP }: { p: number; upperP: number },
  days: number,
): ColumnDrift {
  const { name, kind, weight, sketch: training } = column
  // Fewer days than a week may all be of one kind; over weeks the swings average out like any mean.
  const share = days < WEEK_DAYS ? 1 : 1 / days
  const beyond = (distance: Distance, usual: number) =>
    Math.max(0, distance.psi - distance.psiByChance - share * usual)
  const excess = beyond(whole, column.usual)
  const upperExcess = beyond(upper, column.usualUpper)
  const tail = knotAt(training, TAIL)
  return {
    name,
    kind,
    weight,
    psi: whole.psi,
    psiByChance: whole.psiByChance,
    usual: share * column.usual,
    excess,
    p,
    upperExcess,
    upperP,
    ks: whole.ks,
    ksP: whole.ksP,
    level: levelOf(excess, p),
    upperLevel: levelOf(upperExcess, upperP),
    trainingMedian: finite(sketchQuantile(training, 0.5)),
    periodMedian: finite(sketchQuantile(sketch, 0.5)),
    trainingTail: finite(shareAbove(training, tail)),
    periodTail: finite(shareAbove(sketch, tail)),
    trainingMissing: missingShare(training),
    periodMissing: missingShare(sketch),
    effectiveRows: whole.effectivePeriod,
  }
}

function levelOf(excess: number, p: number): DriftLevel {
  if (p > FALSE_DISCOVERIES || excess < MODERATE_PSI) return 'stable'
  return excess < STRONG_PSI ? 'moderate' : 'strong'
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
