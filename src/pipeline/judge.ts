import { attributeForest } from '../detectors/isolation-forest/attribute.ts'
import { ownColumn } from '../detectors/own-onnx/own-detector.ts'
import { SIGNALS, type Signal } from '../detectors/signals/catalogue.ts'
import { FEATURES } from '../features/catalogue.ts'
import { applyFilter, type Filter } from '../filter/model.ts'
import { riskOf, severityOf } from '../risk/calibrate.ts'
import { contributionOf } from '../risk/combine.ts'
import { type ReasonSource, writeReasons } from '../risk/reasons.ts'
import type { FeatureGroup } from '../schema/features.ts'
import type { Reason, Severity } from '../schema/scores.ts'
import {
  CLUSTER_DETECTOR,
  type Detectors,
  FOREST_DETECTOR,
  FOREST_FEATURES,
  type Scored,
  SPECIALIST,
  TAIL_DETECTOR,
} from '../scoring/score-windows.ts'
import type { WindowBatch } from './batch.ts'
import type { Context } from './context.ts'
import { type Facts, readFacts } from './facts.ts'
import { type AlertHistory, filterTable } from './filter-table.ts'
import { likenessOf } from './likeness.ts'

/** What is said of a token-hour beyond its score. */
export interface Judgement {
  readonly risk: number
  readonly severity: Severity
  readonly maturity: number
  readonly filterProbability: number | null
  /** Strongest first; empty for token-hours that nobody would be shown. */
  readonly reasons: readonly Reason[]
  /** Addresses and networks that are new to the token: several stolen tokens may share one. */
  readonly places: readonly string[]
}

/** Reasons given for a token-hour at most. */
export const MOST_REASONS = 6

/** Token-hours get reasons, and the filter's judgement, from this risk on: a fifth of the budget's odds. */
export const EXPLAINED_RISK = 15

/** Risk, severity, maturity and reasons of every row of a scored batch. */
export async function judge(
  context: Context,
  days: readonly string[],
  batch: WindowBatch,
  scored: Scored,
  model: { detectors: Detectors; filter: Filter | null; budgetPerDay: number; history: AlertHistory },
): Promise<Judgement[]> {
  const { detectors, filter, budgetPerDay, history } = model
  const raw = scored.alertsPerDay.map(alerts => riskOf(alerts, budgetPerDay))
  const explained = [...raw.keys()].filter(row => raw[row]! >= EXPLAINED_RISK)
  const facts = await readFacts(context.engine, context.workspace, days, batch, explained)
  const reasons = explained.map((row, i) =>
    explainRow(detectors, batch, scored, row, facts[i]!, MOST_REASONS),
  )
  const says =
    filter &&
    applyFilter(
      filter,
      filterTable(scored, batch.keys, explained, facts, reasons.map(likenessOf), history),
      explained.map(row => Math.log(budgetPerDay / scored.alertsPerDay[row]!)),
    )
  const maturity = batch.features.names.indexOf('maturity')

  const judgements: Judgement[] = Array.from(raw, (risk, row) => ({
    risk,
    severity: severityOf(risk),
    maturity: batch.features.data[row * batch.features.cols + maturity]!,
    filterProbability: null,
    reasons: [],
    places: [],
  }))
  explained.forEach((row, i) => {
    const risk =
      filter === null || says === null
        ? raw[row]!
        : riskOf(scored.alertsPerDay[row]!, budgetPerDay, {
            logOdds: says.logOdds[i]!,
            threshold: filter.threshold,
          })
    judgements[row] = {
      ...judgements[row]!,
      risk,
      severity: severityOf(risk),
      filterProbability: says?.probability[i] ?? null,
      reasons: reasons[i]!,
      places: newPlaces(facts[i]!),
    }
  })
  return judgements
}

/** Surprise from which an address or network counts as new to the token, nats: one day in twenty. */
const NEW_PLACE_NATS = 3

/** Each token that appears on an address makes it less surprising for the next, so that a wave counts as new whatever the surprise. */
function newPlaces(facts: Facts): string[] {
  const isWave = Number(facts.new_sharers_actual ?? 0) >= 1
  return ['ip', 'net'].flatMap(facet => {
    const place = facts[`${facet}_worst`]
    const isNew = Number(facts[`${facet}_surprise`]) >= NEW_PLACE_NATS || (facet === 'ip' && isWave)
    return typeof place === 'string' && isNew ? [place] : []
  })
}

/** The reasons of a scored token-hour, strongest first, at most `limit`. */
export function explainRow(
  detectors: Detectors,
  batch: Pick<WindowBatch, 'features'>,
  scored: Scored,
  row: number,
  facts: Facts,
  limit = Number.POSITIVE_INFINITY,
): Reason[] {
  const { evidence } = scored
  return writeReasons(reasonSources(detectors, batch, scored, row, facts), limit, detector => {
    const column = evidence.names.indexOf(detector)
    return column < 0 ? 0 : evidence.data[row * evidence.cols + column]!
  })
}

/** What each fact adds to a token-hour's score, and under which detector it is told. */
export function reasonSources(
  { combination, forest, own = [] }: Detectors,
  { features }: Pick<WindowBatch, 'features'>,
  scored: Scored,
  row: number,
  facts: Facts,
): ReasonSource[] {
  const { surprises, worstItem } = scored
  const signals = strongestSignals(scored, row)
  return surprises.names.flatMap((source, column): ReasonSource[] => {
    const weight = contributionOf(combination, source, surprises.data[row * surprises.cols + column]!)
    if (!(weight > 0)) return []
    if (source === 'violation') {
      return [
        { detector: CLUSTER_DETECTOR, feature: source, weight, facts: { ...facts, item: worstItem[row]! } },
      ]
    }
    if (source === SPECIALIST) return specialistSources(signals[0]!, scored, row, weight, facts)
    if (source === 'forest_score') {
      const feature = isolatedBy(forest, features, scored, row)
      const detector = feature.isOwn ? FOREST_DETECTOR : signalOf(feature.name, signals)
      return [{ detector, feature: feature.name, weight, facts }]
    }
    if (own.some(one => ownColumn(one.spec) === source)) {
      const nats = surprises.data[row * surprises.cols + column]!
      return [{ detector: source, feature: source, weight, facts: { ...facts, [source]: nats } }]
    }
    return [{ detector: signalOf(source, signals), feature: source, weight, facts }]
  })
}

/**
 * The signals by what they say of a token-hour, strongest first: those that reach the cap by the evidence they rest on, further
 * equals in the order of the catalogue.
 */
function strongestSignals(scored: Scored, row: number): Signal[] {
  const { evidence } = scored
  const ranked = SIGNALS.map(signal => ({
    signal,
    nats: evidence.data[row * evidence.cols + evidence.names.indexOf(signal.name)]!,
    raw: partsOf(signal, scored, row).reduce((sum, part) => sum + part.evidence, 0),
  }))
  return ranked.sort((a, b) => b.nats - a.nats || b.raw - a.raw).map(({ signal }) => signal)
}

/** What a signal rests on in a token-hour: the largest feature of each of its terms, with its evidence in nats. */
function partsOf(
  signal: Signal,
  { surprises }: Scored,
  row: number,
): { feature: string; evidence: number }[] {
  return signal.terms.map(term => {
    const found = term.features.map(
      name => surprises.data[row * surprises.cols + surprises.names.indexOf(name)] ?? 0,
    )
    const largest = indexOfLargest(found)
    return { feature: term.features[largest]!, evidence: term.weight * found[largest]! }
  })
}

/** A signal's part, told by the facts that it rests on. */
function specialistSources(
  signal: Signal,
  scored: Scored,
  row: number,
  weight: number,
  facts: Facts,
): ReasonSource[] {
  const parts = partsOf(signal, scored, row)
  const total = parts.reduce((sum, part) => sum + part.evidence, 0)
  return parts
    .filter(part => part.evidence > 0)
    .map(part => ({
      detector: signal.name,
      feature: part.feature,
      weight: (weight * part.evidence) / total,
      facts,
    }))
}

/** Surprise from which a feature that the forest isolates a token-hour by can be told as unusual, nats. */
const LEAST_TOLD_NATS = 1

/**
 * The feature by which the forest isolates a token-hour most, among those that are unusual by themselves or by both ends; what
 * speaks of both ends belongs to no signal (`isOwn`).
 */
function isolatedBy(
  forest: Detectors['forest'],
  features: WindowBatch['features'],
  { surprises }: Scored,
  row: number,
): { name: string; isOwn: boolean } {
  const values = FOREST_FEATURES.map(
    name => features.data[row * features.cols + features.names.indexOf(name)]!,
  )
  const parts = attributeForest(forest, values)
  const isTold = (name: string) => {
    const column = surprises.names.indexOf(name)
    return column < 0 || surprises.data[row * surprises.cols + column]! >= LEAST_TOLD_NATS
  }
  const tellable = parts.map((part, i) => (isTold(FOREST_FEATURES[i]!) ? part : 0))
  const name = FOREST_FEATURES[indexOfLargest(tellable)]!
  return { name, isOwn: surprises.names.indexOf(name) < 0 }
}

/** The signal that a feature speaks for: of those that read it the one that says most, else the one of its group. */
function signalOf(feature: string, strongestFirst: readonly Signal[]): string {
  const claims = (signal: Signal) => signal.terms.some(term => term.features.includes(feature))
  const group = FEATURES.find(candidate => candidate.name === feature)?.group
  return strongestFirst.find(claims)?.name ?? (group && SIGNAL_OF_GROUP[group]) ?? TAIL_DETECTOR
}

const SIGNAL_OF_GROUP: Partial<Record<FeatureGroup, string>> = {
  volume: 'rate',
  time: 'off_hours',
  network: 'new_place',
  client: 'new_client',
  operations: 'new_operations',
  permissions: 'scope_violation',
  objects: 'object_enumeration',
  data: 'exfiltration',
  destructive: 'destructive_burst',
  dormancy: 'dormant_revival',
  sharing: 'shared_address',
  drift: 'slow_drift',
}

function indexOfLargest(values: ArrayLike<number>): number {
  let largest = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[largest]!) largest = i
  return largest
}
