import { type Binning, compareSketches } from '../../lib/drift.ts'
import type { Matrix } from '../../lib/matrix.ts'
import { knotsOf, mergeSketches, type Sketch, sketchColumn } from '../../lib/sketch.ts'
import { quantile } from '../../lib/stats.ts'
import { type Combination, contributionOf } from '../../risk/combine.ts'
import type { DriftKind, DriftReference } from '../../schema/drift.ts'
import type { WindowBatch } from '../batch.ts'
import { eachSource, isModelSource, SCORE_COLUMN, tokenDaysByDay } from './columns.ts'
import { UPPER_TENTH } from './measure.ts'

/** Share of the training token-hours, the highest, that says what makes a high score. */
const HIGH_SHARE = 0.01

/** Of the single days' indices: one day in ten of a steady log may swing further. */
const USUAL_QUANTILE = 0.9

/** Sketches what a model was fitted on, with what each column weighs and how far single days swing. */
export function fitDriftReference(
  fit: WindowBatch,
  surprises: Matrix,
  score: Float64Array,
  combination: Combination,
): DriftReference {
  const days = [...tokenDaysByDay(fit).values()]
  const weights = weightsOf(surprises, score, combination)
  const columns: DriftReference['columns'][number][] = []
  eachSource(fit, { surprises, score }, (name, data) => {
    const knots = knotsOf(data)
    const single = days.map(clusters => sketchColumn(knots, { data, stride: 1, offset: 0 }, clusters))
    const sketch = single.reduce(mergeSketches)
    columns.push({
      name,
      kind: kindOf(name),
      weight: weights.get(name) ?? 0,
      usual: usualSwing(sketch, single),
      usualUpper: usualSwing(sketch, single, UPPER_TENTH),
      sketch,
    })
  })
  return { formatVersion: 1, columns }
}

function kindOf(name: string): DriftKind {
  if (name === SCORE_COLUMN) return 'score'
  return isModelSource(name) ? 'model' : 'feature'
}

function usualSwing(whole: Sketch, days: readonly Sketch[], binning: Binning = {}): number {
  const swings = days.map(day => {
    const distance = compareSketches(whole, day, binning)
    return distance === null ? 0 : Math.max(0, distance.psi - distance.psiByChance)
  })
  return quantile(swings, USUAL_QUANTILE)
}

/** Share of each source in the sum of the highest scores. */
function weightsOf(surprises: Matrix, score: Float64Array, combination: Combination): Map<string, number> {
  const least = quantile(score, 1 - HIGH_SHARE)
  const sums = new Float64Array(surprises.cols)
  for (let r = 0; r < surprises.rows; r++) {
    if (score[r]! < least) continue
    surprises.names.forEach((name, c) => {
      sums[c]! += contributionOf(combination, name, surprises.data[r * surprises.cols + c]!)
    })
  }
  const total = sums.reduce((sum, one) => sum + one, 0)
  return new Map(surprises.names.map((name, c) => [name, total > 0 ? sums[c]! / total : 0]))
}
