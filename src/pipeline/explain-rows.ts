import { attributeForest } from '../detectors/isolation-forest/attribute.ts'
import { contributionOf } from '../risk/combine.ts'
import { type Cause, findCauses, type ReasonSource, writeReasons } from '../risk/reasons.ts'
import type { Reason } from '../schema/scores.ts'
import {
  CLUSTER_DETECTOR,
  type Detectors,
  FOREST_DETECTOR,
  type Scored,
  SPECIALIST,
} from '../scoring/score-windows.ts'
import type { WindowBatch } from './batch.ts'
import type { Facts } from './facts.ts'
import {
  type PlannedFeature,
  type PlannedSignal,
  type PlannedSource,
  planReasons,
  type ReasonPlan,
} from './reason-plan.ts'

/** The reasons of a scored token-hour, strongest first, at most `limit` (all by default). */
export type Explain = (row: number, facts: Facts, limit?: number) => Reason[]

/** How to explain the rows of a scored batch. */
export function explainer(
  detectors: Detectors,
  batch: Pick<WindowBatch, 'features'>,
  scored: Scored,
): Explain {
  const { sourcesOf, surpriseOf } = evidenceOf(detectors, batch, scored)
  return (row, facts, limit = Number.POSITIVE_INFINITY) =>
    writeReasons(sourcesOf(row, facts), limit, surpriseOf(row))
}

/** The same causes without their sentences, for who counts them. */
export function causeFinder(
  detectors: Detectors,
  batch: Pick<WindowBatch, 'features'>,
  scored: Scored,
): (row: number, facts: Facts, limit: number) => Cause[] {
  const { sourcesOf, surpriseOf } = evidenceOf(detectors, batch, scored)
  return (row, facts, limit) => findCauses(sourcesOf(row, facts), limit, surpriseOf(row))
}

/** What the reasons of a row are made from: its sources, and how rare each detector finds it, in nats. */
function evidenceOf(detectors: Detectors, batch: Pick<WindowBatch, 'features'>, scored: Scored) {
  const plan = planReasons(detectors, batch, scored)
  const { names, cols, data } = scored.evidence
  const columns = new Map(names.map((name, column) => [name, column]))
  return {
    sourcesOf: (row: number, facts: Facts) => reasonSources(plan, detectors, batch, scored, row, facts),
    surpriseOf: (row: number) => (detector: string) => {
      const column = columns.get(detector)
      return column === undefined ? 0 : data[row * cols + column]!
    },
  }
}

/** What each fact adds to a token-hour's score, and under which detector it is told. */
function reasonSources(
  plan: ReasonPlan,
  { combination, forest }: Detectors,
  { features }: Pick<WindowBatch, 'features'>,
  scored: Scored,
  row: number,
  facts: Facts,
): ReasonSource[] {
  const { surprises, worstItem } = scored
  const signals = strongestSignals(plan, scored, row)
  return plan.sources.flatMap(({ name, column, isOwn, speaksFor }): ReasonSource[] => {
    const nats = surprises.data[row * surprises.cols + column]!
    const weight = contributionOf(combination, name, nats)
    if (!(weight > 0)) return []
    if (name === 'violation')
      return [
        { detector: CLUSTER_DETECTOR, feature: name, weight, facts: { ...facts, item: worstItem[row]! } },
      ]
    if (name === SPECIALIST) return specialistSources(signals[0]!, scored, row, weight, facts)
    if (name === 'forest_score') {
      const by = isolatedBy(plan, forest, features, scored, row)
      // What speaks of both ends belongs to no signal.
      const detector = by.surprise < 0 ? FOREST_DETECTOR : signalOf(by, signals)
      return [{ detector, feature: by.name, weight, facts, own: plan.own.get(by.name) }]
    }
    if (isOwn) return [{ detector: name, feature: name, weight, facts: { ...facts, [name]: nats } }]
    const detector = signalOf({ speaksFor }, signals)
    return [{ detector, feature: name, weight, facts, own: plan.own.get(name) }]
  })
}

/**
 * The signals by what they say of a token-hour, strongest first: those that reach the cap by the evidence they rest on, further
 * equals in the order of the catalogue.
 */
function strongestSignals({ signals }: ReasonPlan, scored: Scored, row: number): PlannedSignal[] {
  const { evidence } = scored
  const ranked = signals.map(signal => ({
    signal,
    nats: evidence.data[row * evidence.cols + signal.evidence]!,
    raw: partsOf(signal, scored, row).reduce((sum, part) => sum + part.evidence, 0),
  }))
  return ranked.sort((a, b) => b.nats - a.nats || b.raw - a.raw).map(({ signal }) => signal)
}

/** What a signal rests on in a token-hour: the largest feature of each of its terms, with its evidence in nats. */
function partsOf(
  { terms }: PlannedSignal,
  { surprises }: Scored,
  row: number,
): { feature: string; evidence: number }[] {
  return terms.map(({ features, columns, weight }) => {
    let largest = 0
    let most = Number.NEGATIVE_INFINITY
    for (let f = 0; f < columns.length; f++) {
      const nats = columns[f]! < 0 ? 0 : surprises.data[row * surprises.cols + columns[f]!]!
      if (nats > most) {
        most = nats
        largest = f
      }
    }
    return { feature: features[largest]!, evidence: weight * most }
  })
}

/** A signal's part, told by the facts that it rests on. */
function specialistSources(
  planned: PlannedSignal,
  scored: Scored,
  row: number,
  weight: number,
  facts: Facts,
): ReasonSource[] {
  const all = partsOf(planned, scored, row).filter(part => part.evidence > 0)
  const loud = all.filter(part => part.evidence >= LEAST_PART_NATS)
  const parts = loud.length > 0 ? loud : all
  const total = parts.reduce((sum, part) => sum + part.evidence, 0)
  return parts.map(part => ({
    detector: planned.signal.name,
    feature: part.feature,
    weight: (weight * part.evidence) / total,
    facts,
  }))
}

/** Evidence below which a part of a signal is no fact to tell beside louder ones: what three hours in five show. */
const LEAST_PART_NATS = 0.5

/** Surprise from which a feature that the forest isolates a token-hour by can be told as unusual, nats. */
const LEAST_TOLD_NATS = 1

/** The feature by which the forest isolates a token-hour most, among those that are unusual by themselves or by both ends. */
function isolatedBy(
  plan: ReasonPlan,
  forest: Detectors['forest'],
  features: WindowBatch['features'],
  { surprises }: Scored,
  row: number,
): PlannedFeature {
  const values = Float64Array.from(
    plan.forest,
    ({ feature }) => features.data[row * features.cols + feature]!,
  )
  const parts = attributeForest(forest, values)
  const isTold = ({ surprise }: PlannedFeature) =>
    surprise < 0 || surprises.data[row * surprises.cols + surprise]! >= LEAST_TOLD_NATS
  const tellable = parts.map((part, f) => (isTold(plan.forest[f]!) ? part : 0))
  return plan.forest[indexOfLargest(tellable)]!
}

/** The signal that a feature speaks for: of those that read it the one that says most, else the one of its group. */
function signalOf(
  { speaksFor }: Pick<PlannedSource, 'speaksFor'>,
  strongestFirst: readonly PlannedSignal[],
): string {
  const strongest = strongestFirst.find(({ signal }) => speaksFor.signals.has(signal))
  return strongest?.signal.name ?? speaksFor.otherwise
}

function indexOfLargest(values: ArrayLike<number>): number {
  let largest = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[largest]!) largest = i
  return largest
}
