import { fitForest } from '../../src/detectors/isolation-forest/fit.ts'
import { fitPermissionClusters } from '../../src/detectors/permission-clusters/model.ts'
import type { UseTable } from '../../src/detectors/permission-clusters/use-table.ts'
import { SIGNALS } from '../../src/detectors/signals/catalogue.ts'
import type { Tail } from '../../src/detectors/tail-surprise/tail-surprise.ts'
import { FEATURES } from '../../src/features/catalogue.ts'
import { type Matrix, selectColumns } from '../../src/lib/matrix.ts'
import { withFloor } from '../../src/risk/floor.ts'
import { PRIOR_COMBINATION } from '../../src/risk/prior.ts'
import { type Detectors, FOREST_FEATURES, TAIL_DETECTOR } from '../../src/scoring.ts'

/** Nats a unit of a feature is worth, and where it begins. */
const NATS_PER_UNIT: Readonly<Record<string, readonly [from: number, nats: number]>> = {
  nats: [0, 1],
  'nats x log events': [0, 0.4],
  octaves: [0, 1.5],
  share: [0, 8],
  'log events': [0, 2.5],
  'log tokens': [0, 2],
  tenants: [1, 2],
  'km/h': [600, 0.005],
  'robust deviations': [0, 0.7],
  'standard deviations': [0, 0.7],
}

/** What hardly any hour has at all is unusual from the first one on: one hour in 150. */
const RARE_UNITS: Readonly<Record<string, number>> = { 'log events': 5 }

/** Raw evidence of a signal adds several facts, and some unusual one there always is. */
const USUAL_EVIDENCE = 3

/** Within which a leap is made: less than one event of any unit. */
const LEAP_WIDTH = 0.5

/**
 * Detectors for the stage. Two weeks of five steady tokens cannot teach how far nats and counts usually run, so the tails are as
 * the features state them: a nat is a nat.
 */
export function stateDetectors(features: Matrix, use: UseTable): Detectors {
  const line = (name: string, from: number, nats: number, leap = 0): Tail => ({
    name,
    values: [from, from + LEAP_WIDTH],
    surprises: [0, leap + nats * LEAP_WIDTH],
    slope: nats,
  })
  const tails = FEATURES.filter(feature => feature.higherIs === 'worse').map(({ name, unit }) => {
    const [from, nats] = NATS_PER_UNIT[unit]!
    // A sum over many values is no surprise of one.
    return line(name, from, /_surplus$|^day_.*_surprise$/.test(name) ? nats / 3 : nats, RARE_UNITS[unit])
  })
  const signals = [...SIGNALS.map(signal => signal.name), TAIL_DETECTOR]
  return {
    forest: fitForest(selectColumns(features, FOREST_FEATURES), { trees: 10, subsample: 64, seed: 1 }),
    clusters: fitPermissionClusters(use, { seed: 1 }),
    tails: { tails: [...tails, line('forest_score', 0.5, 0), line('violation', 0, 1)] },
    signalTails: { tails: signals.map(name => line(name, USUAL_EVIDENCE, 1)) },
    combination: withFloor(PRIOR_COMBINATION),
    scoreTail: line('score', 0, 1),
    tokenDaysPerDay: 10,
  }
}
