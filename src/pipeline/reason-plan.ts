import { ownColumn } from '../detectors/own-onnx/own-detector.ts'
import { SIGNALS, type Signal } from '../detectors/signals/catalogue.ts'
import { FEATURES } from '../features/catalogue.ts'
import type { Feature, FeatureGroup } from '../schema/features.ts'
import { type Detectors, readFeatures, type Scored, TAIL_DETECTOR } from '../scoring/score-windows.ts'
import type { WindowBatch } from './batch.ts'

/** Where everything lies that the reasons of a token-hour are made of, looked up once for all rows; columns are -1 where absent. */
export interface ReasonPlan {
  /** Columns of the surprises that add to the score. */
  readonly sources: readonly PlannedSource[]
  /** In the order of the catalogue. */
  readonly signals: readonly PlannedSignal[]
  /** In the order of the forest's columns. */
  readonly forest: readonly PlannedFeature[]
  /** Own features by name, which tell themselves. */
  readonly own: ReadonlyMap<string, Feature>
}

export interface PlannedSource {
  readonly name: string
  readonly column: number
  readonly isOwn: boolean
  readonly speaksFor: Claims
}

export interface PlannedSignal {
  readonly signal: Signal
  /** Column of the evidence. */
  readonly evidence: number
  /** One a term, with the column of the surprises of each of its features. */
  readonly terms: readonly {
    readonly weight: number
    readonly features: readonly string[]
    readonly columns: readonly number[]
  }[]
}

export interface PlannedFeature {
  readonly name: string
  /** Columns of the features and of the surprises. */
  readonly feature: number
  readonly surprise: number
  readonly speaksFor: Claims
}

/** The signals that read a feature, or the one of its group where none does. */
interface Claims {
  readonly signals: ReadonlySet<Signal>
  readonly otherwise: string
}

export function planReasons(
  { combination, own = [], ownFeatures = [] }: Pick<Detectors, 'combination' | 'own' | 'ownFeatures'>,
  { features }: Pick<WindowBatch, 'features'>,
  { surprises, evidence }: Pick<Scored, 'surprises' | 'evidence'>,
): ReasonPlan {
  const surpriseOf = columnFinder(surprises.names)
  const featureOf = columnFinder(features.names)
  const evidenceOf = columnFinder(evidence.names)
  const claimsOf = claimsFinder(ownFeatures)
  const ownColumns = new Set(own.map(one => ownColumn(one.spec)))
  return {
    sources: surprises.names.flatMap((name, column) =>
      name in combination.weights
        ? [{ name, column, isOwn: ownColumns.has(name), speaksFor: claimsOf(name) }]
        : [],
    ),
    signals: SIGNALS.map(signal => ({
      signal,
      evidence: evidenceOf(signal.name),
      terms: signal.terms.map(term => ({ ...term, columns: term.features.map(surpriseOf) })),
    })),
    forest: readFeatures({ ownFeatures }).forest.map(name => ({
      name,
      feature: featureOf(name),
      surprise: surpriseOf(name),
      speaksFor: claimsOf(name),
    })),
    own: new Map(ownFeatures.map(feature => [feature.name, feature])),
  }
}

function columnFinder(names: readonly string[]): (name: string) => number {
  const columns = new Map(names.map((name, column) => [name, column]))
  return name => columns.get(name) ?? -1
}

function claimsFinder(ownFeatures: readonly Feature[]): (feature: string) => Claims {
  const groups = new Map([...FEATURES, ...ownFeatures].map(({ name, group }) => [name, group]))
  return feature => claimsOf(feature, groups.get(feature))
}

function claimsOf(feature: string, group: FeatureGroup | undefined): Claims {
  const signals = SIGNALS.filter(signal => signal.terms.some(term => term.features.includes(feature)))
  return { signals: new Set(signals), otherwise: (group && SIGNAL_OF_GROUP[group]) ?? TAIL_DETECTOR }
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
