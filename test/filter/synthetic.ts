import { fromColumns, type Matrix } from '../../src/lib/matrix.ts'
import { createRandom } from '../../src/lib/random.ts'
import { logistic } from '../../src/lib/stats.ts'

/** Made-up alerts whose true probability of being worth an analyst is known. */
export interface Alerts {
  readonly table: Matrix
  readonly labels: Float64Array
  readonly truth: Float64Array
}

/**
 * `sharpness` multiplies the true logit: 1 is noisy, 20 all but separable. Score and maturity speak for an attack, tenant_shift
 * against; `past` is unknown in a third of the rows, `noise` says nothing.
 */
export function alerts(rows: number, sharpness: number, seed: number): Alerts {
  const random = createRandom(seed)
  const columns = { score: [], tenant_shift: [], past: [], noise: [] } as Record<string, number[]>
  const labels = new Float64Array(rows)
  const truth = new Float64Array(rows)
  for (let r = 0; r < rows; r++) {
    const score = random.normal()
    const shift = random.next()
    const past = random.chance(1 / 3) ? Number.NaN : random.poisson(1)
    columns.score!.push(Math.exp(score))
    columns.tenant_shift!.push(shift)
    columns.past!.push(past)
    columns.noise!.push(random.normal())
    truth[r] = logistic(sharpness * (1.5 * score - 2 * (shift - 0.5) - (past > 0 ? 1 : 0)))
    labels[r] = random.chance(truth[r]!) ? 1 : 0
  }
  return { table: fromColumns(columns), labels, truth }
}
