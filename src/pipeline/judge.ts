import { attributeForest } from '../detectors/isolation-forest/attribute.ts'
import { SIGNALS } from '../detectors/signals/catalogue.ts'
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
} from '../scoring.ts'
import type { WindowBatch } from './batch.ts'
import type { Context } from './context.ts'
import { type Facts, readFacts } from './facts.ts'
import { type AlertHistory, filterTable } from './filter-table.ts'

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
const MOST_REASONS = 6

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
    writeReasons(reasonSources(detectors, batch, scored, row, facts[i]!), MOST_REASONS),
  )
  const codes = reasons.map(list => list[0]?.code ?? null)
  const probabilities =
    filter && applyFilter(filter, filterTable(scored, batch.keys, explained, facts, codes, history))
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
    const probability = probabilities?.[i] ?? null
    const risk =
      filter === null || probability === null
        ? raw[row]!
        : riskOf(scored.alertsPerDay[row]!, budgetPerDay, { probability, threshold: filter.threshold })
    judgements[row] = {
      ...judgements[row]!,
      risk,
      severity: severityOf(risk),
      filterProbability: probability,
      reasons: reasons[i]!,
      places: newPlaces(facts[i]!),
    }
  })
  return judgements
}

/** Surprise from which an address or network counts as new to the token, nats: one day in twenty. */
const NEW_PLACE_NATS = 3

function newPlaces(facts: Facts): string[] {
  return ['ip', 'net'].flatMap(facet => {
    const place = facts[`${facet}_worst`]
    return typeof place === 'string' && Number(facts[`${facet}_surprise`]) >= NEW_PLACE_NATS ? [place] : []
  })
}

/** What each fact adds to a token-hour's score, and under which detector it is told. */
export function reasonSources(
  { combination, forest }: Detectors,
  { features }: WindowBatch,
  scored: Scored,
  row: number,
  facts: Facts,
): ReasonSource[] {
  const { surprises, worstItem } = scored
  return surprises.names.flatMap((source, column): ReasonSource[] => {
    const weight = contributionOf(combination, source, surprises.data[row * surprises.cols + column]!)
    if (!(weight > 0)) return []
    if (source === 'violation') {
      return [
        { detector: CLUSTER_DETECTOR, feature: source, weight, facts: { ...facts, item: worstItem[row]! } },
      ]
    }
    if (source === SPECIALIST) return specialistSources(scored, row, weight, facts)
    if (source === 'forest_score') {
      const values = FOREST_FEATURES.map(
        name => features.data[row * features.cols + features.names.indexOf(name)]!,
      )
      const parts = attributeForest(forest, values)
      return [{ detector: FOREST_DETECTOR, feature: FOREST_FEATURES[indexOfLargest(parts)]!, weight, facts }]
    }
    return [{ detector: signalOf(source), feature: source, weight, facts }]
  })
}

/** The strongest signal's part, told by the facts that it rests on: the largest of each of its terms. */
function specialistSources(
  { evidence, surprises }: Scored,
  row: number,
  weight: number,
  facts: Facts,
): ReasonSource[] {
  const nats = SIGNALS.map(
    signal => evidence.data[row * evidence.cols + evidence.names.indexOf(signal.name)]!,
  )
  const signal = SIGNALS[indexOfLargest(nats)]!
  const parts = signal.terms.map(term => {
    const found = term.features.map(
      name => surprises.data[row * surprises.cols + surprises.names.indexOf(name)] ?? 0,
    )
    const largest = indexOfLargest(found)
    return { feature: term.features[largest]!, evidence: term.weight * found[largest]! }
  })
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

/** The signal that a feature speaks for: the first that reads it, else the one of its group. */
function signalOf(feature: string): string {
  const claims = (signal: (typeof SIGNALS)[number]) =>
    signal.terms.some(term => term.features.includes(feature))
  const group = FEATURES.find(candidate => candidate.name === feature)?.group
  return SIGNALS.find(claims)?.name ?? (group && SIGNAL_OF_GROUP[group]) ?? TAIL_DETECTOR
}

const SIGNAL_OF_GROUP: Partial<Record<FeatureGroup, string>> = {
  volume: 'rate',
  time: 'off_hours',
  network: 'new_place',
  client: 'new_client',
  operations: 'new_operations',
  permissions: 'scope_violation',
  objects: 'object_enumeration',
  responses: 'privilege_probing',
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
