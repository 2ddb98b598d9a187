import { createMatrix, type Matrix } from '../../src/lib/matrix.ts'
import { averagePrecision } from '../../src/lib/metrics.ts'
import { type Combination, combineRows, type EvidenceWeight } from '../../src/risk/combine.ts'
import { fitNonnegativeLogistic, type LogisticOptions } from './nonnegative-logistic.ts'
import type { World } from './worlds.ts'

export interface CombinationOptions extends LogisticOptions {
  readonly knee: number
  readonly cap: number
  /** An incident of k malicious token-hours weighs this times sqrt(k), each hour alike; a benign hour weighs 1. */
  readonly incidentWeight: number
  /** Weights below this are dropped: they change no ranking and lengthen every explanation. */
  readonly leastWeight: number
  /** Sources that are given no weight. @default none */
  readonly isLeftOut?: (source: string) => boolean
}

/** Fits the weights of the combination to worlds whose misuse is known. */
export function fitCombination(worlds: readonly World[], options: CombinationOptions): Combination {
  const { knee, cap, leastWeight, isLeftOut = () => false } = options
  const sources = worlds[0]!.surprises.names.filter(name => !isLeftOut(name))
  const table = hinges(worlds, sources, options)
  const isPositive = Uint8Array.from(worlds.flatMap(world => world.incident.map(i => (i === null ? 0 : 1))))
  const weights = Float64Array.from(worlds.flatMap(world => rowWeights(world, options.incidentWeight)))
  const fit = fitNonnegativeLogistic(table, isPositive, weights, options)
  if (!fit.converged) throw new Error(`the fit has not converged after ${fit.steps} steps`)
  const kept: [string, EvidenceWeight][] = []
  sources.forEach((source, s) => {
    const perNat = fit.coefficients[s]!
    const beyondKnee = fit.coefficients[sources.length + s]!
    if (perNat > leastWeight || beyondKnee > leastWeight)
      kept.push([source, { perNat: toThree(perNat), beyondKnee: toThree(beyondKnee) }])
  })
  kept.sort(([a], [b]) => (a < b ? -1 : 1))
  return { knee, cap, weights: Object.fromEntries(kept) }
}

/** Average precision over token-days, each at its highest hour. */
export function tokenDayPrecision(world: World, combination: Combination): number {
  const scores = combineRows(combination, world.surprises)
  const highest = new Map<string, number>()
  const misused = new Set<string>()
  world.tokenDay.forEach((day, row) => {
    highest.set(day, Math.max(highest.get(day) ?? 0, scores[row]!))
    if (world.incident[row] !== null) misused.add(day)
  })
  const days = [...highest.keys()]
  return averagePrecision(
    days.map(day => highest.get(day)!),
    days.map(day => misused.has(day)),
  )
}

/** (rows of all worlds, 2 x sources): min(S, cap), then what of it lies beyond the knee. */
function hinges(
  worlds: readonly World[],
  names: readonly string[],
  { knee, cap }: Pick<CombinationOptions, 'knee' | 'cap'>,
): Matrix {
  const cols = names.length
  const rows = worlds.reduce((sum, world) => sum + world.surprises.rows, 0)
  const table = createMatrix(rows, [...names, ...names.map(name => `${name} beyond the knee`)])
  let at = 0
  for (const { surprises } of worlds) {
    const from = names.map(name => surprises.names.indexOf(name))
    for (let r = 0; r < surprises.rows; r++, at++) {
      for (let c = 0; c < cols; c++) {
        const counted = Math.min(surprises.data[r * surprises.cols + from[c]!]!, cap)
        table.data[at * 2 * cols + c] = counted
        table.data[at * 2 * cols + cols + c] = Math.max(0, counted - knee)
      }
    }
  }
  return table
}

/** Long incidents count for more than short ones, but not in proportion to their hours. */
function rowWeights({ incident }: World, incidentWeight: number): number[] {
  const hours = new Map<string, number>()
  for (const id of incident) if (id !== null) hours.set(id, (hours.get(id) ?? 0) + 1)
  return incident.map(id => (id === null ? 1 : incidentWeight / Math.sqrt(hours.get(id)!)))
}

function toThree(weight: number): number {
  return Number(weight.toFixed(3))
}
