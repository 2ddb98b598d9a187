import { decodeForest, encodeForest } from '../../src/detectors/isolation-forest/artefact.ts'
import { fitForest } from '../../src/detectors/isolation-forest/fit.ts'
import type { Forest } from '../../src/detectors/isolation-forest/forest.ts'
import { scoreForest } from '../../src/detectors/isolation-forest/score.ts'
import {
  decodePermissionClusters,
  encodePermissionClusters,
} from '../../src/detectors/permission-clusters/codec.ts'
import {
  fitPermissionClusters,
  type PermissionClusters,
} from '../../src/detectors/permission-clusters/model.ts'
import type { UseTable } from '../../src/detectors/permission-clusters/use-table.ts'
import { scoreViolations } from '../../src/detectors/permission-clusters/violations.ts'
import { SIGNALS, type Signal } from '../../src/detectors/signals/catalogue.ts'
import { scoreSignals, signalFeatures } from '../../src/detectors/signals/signals.ts'
import { fitTails, scoreTails, type TailModel } from '../../src/detectors/tail-surprise/tail-surprise.ts'
import { type Matrix, selectColumns } from '../../src/lib/matrix.ts'
import {
  type Detectors,
  FOREST_DETECTOR,
  FOREST_FEATURES,
  fitSignalTails,
  modelOutputs,
  SPECIALIST,
  scoreWindows,
  type Windows,
  WORSE_FEATURES,
} from '../../src/scoring.ts'

/** A detector as the contract sees it: what all of them must be able to do. */
export interface DetectorUnderTest<Model = unknown> {
  readonly name: string
  /** Whether the seed can change anything. */
  readonly isRandom: boolean
  /** Features that it reads, where it reads few. @default the whole catalogue */
  readonly reads?: readonly string[]
  /** Whether raising a feature that is worse when high never lowers a column of the scores. */
  isMonotone(column: string): boolean
  fit(batch: Windows, seed: number): Model
  /** (rows, scores), higher = more anomalous. */
  score(model: Model, batch: Windows): Matrix
  save(model: Model): Uint8Array
  load(bytes: Uint8Array): Model
}

const asJson = {
  save: (model: unknown) => new TextEncoder().encode(JSON.stringify(model)),
  load: (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)),
}

function oneColumn(data: Float64Array, name: string): Matrix {
  return { data, rows: data.length, cols: 1, names: [name] }
}

const tailSurprise: DetectorUnderTest<TailModel> = {
  name: 'tail surprise',
  isRandom: false,
  isMonotone: () => true,
  fit: ({ features }) => fitTails(selectColumns(features, WORSE_FEATURES)),
  score: (model, { features }) => scoreTails(model, features),
  ...asJson,
}

const signals: DetectorUnderTest<TailModel> = {
  ...tailSurprise,
  name: 'signals',
  score: (model, { features }) => scoreSignals(SIGNALS, scoreTails(model, features)),
}

/** One specialist by itself, on the features that it reads. */
function specialist(signal: Signal): DetectorUnderTest<TailModel> {
  const reads = signalFeatures([signal])
  return {
    ...tailSurprise,
    name: `signal ${signal.name}`,
    reads,
    fit: ({ features }) => fitTails(selectColumns(features, reads)),
    score: (model, { features }) => scoreSignals([signal], scoreTails(model, features)),
  }
}

const isolationForest: DetectorUnderTest<Forest> = {
  name: 'isolation forest',
  isRandom: true,
  isMonotone: () => false,
  fit: ({ features }, seed) =>
    fitForest(selectColumns(features, FOREST_FEATURES), { seed, trees: 40, subsample: 128 }),
  score: (model, { features }) => oneColumn(scoreForest(model, features), 'isolation_forest'),
  save: encodeForest,
  load: decodeForest,
}

const permissionClusters: DetectorUnderTest<PermissionClusters> = {
  name: 'permission clusters',
  isRandom: true,
  isMonotone: () => false,
  fit: (batch, seed) => fitPermissionClusters(useTableOf(batch), { seed }),
  score: (model, { use }) => oneColumn(scoreViolations(model, use).surprise, 'permission_clusters'),
  save: encodePermissionClusters,
  load: decodePermissionClusters,
}

/** All of them together, as the scoring module combines them: score first, then the evidence of each. */
const scoring: DetectorUnderTest<Detectors> = {
  name: 'scoring module',
  isRandom: true,
  // A forest isolates by both ends, and the score counts it.
  isMonotone: column => column !== 'score' && column !== FOREST_DETECTOR,
  fit(batch, seed) {
    const forest = isolationForest.fit(batch, seed)
    const clusters = permissionClusters.fit(batch, seed)
    const { table } = modelOutputs({ forest, clusters }, batch)
    const tails = fitTails(table)
    const signalTails = fitSignalTails(scoreTails(tails, table))
    const sources = [...table.names, SPECIALIST]
    const weights = Object.fromEntries(sources.map(name => [name, { perNat: 0.2, beyondKnee: 0.1 }]))
    const partial = { forest, clusters, tails, signalTails, combination: { knee: 4, cap: 8, weights } }
    const [scoreTail] = fitTails(oneColumn(Float64Array.of(0, 1, 2, 4, 8), 'score')).tails
    return { ...partial, scoreTail: scoreTail!, tokenDaysPerDay: 10 }
  },
  score(model, batch) {
    const { score, evidence } = scoreWindows(model, batch)
    const cols = 1 + evidence.cols
    const data = new Float64Array(evidence.rows * cols)
    for (let r = 0; r < evidence.rows; r++) {
      data[r * cols] = score[r]!
      data.set(evidence.data.subarray(r * evidence.cols, (r + 1) * evidence.cols), r * cols + 1)
    }
    return { data, rows: evidence.rows, cols, names: ['score', ...evidence.names] }
  },
  save({ forest, clusters, ...rest }) {
    const parts = {
      forest: base64(encodeForest(forest)),
      clusters: base64(encodePermissionClusters(clusters)),
    }
    return asJson.save({ ...rest, ...parts })
  },
  load(bytes) {
    const { forest, clusters, ...rest } = asJson.load(bytes)
    return {
      ...rest,
      forest: decodeForest(Buffer.from(forest, 'base64')),
      clusters: decodePermissionClusters(Buffer.from(clusters, 'base64')),
    }
  },
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** On how many token-hours each token used each item, as training reads it. */
function useTableOf({ use }: Windows): UseTable {
  const tokens = [...new Set(use.token)]
  const counts = tokens.map(() => new Map<number, number>())
  const groups = tokens.map(token => use.group[use.token.indexOf(token)]!)
  use.token.forEach((token, row) => {
    const of = counts[tokens.indexOf(token)]!
    for (let e = use.offsets[row]!; e < use.offsets[row + 1]!; e++)
      of.set(use.item[e]!, (of.get(use.item[e]!) ?? 0) + 1)
  })
  const offsets = new Uint32Array(tokens.length + 1)
  counts.forEach((of, t) => {
    offsets[t + 1] = offsets[t]! + of.size
  })
  return {
    tokens,
    items: use.items,
    offsets,
    item: Uint32Array.from(counts.flatMap(of => [...of.keys()])),
    weight: Float32Array.from(counts.flatMap(of => [...of.values()])),
    days: Float32Array.from(tokens, token => use.token.filter(name => name === token).length),
    groups,
  }
}

export const DETECTORS_UNDER_TEST = [
  tailSurprise,
  signals,
  ...SIGNALS.map(specialist),
  isolationForest,
  permissionClusters,
  scoring,
] as unknown as readonly DetectorUnderTest[]
