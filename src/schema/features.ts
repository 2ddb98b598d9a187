import type { Column } from './event.ts'

/** What features speak of: one group's facts count once in the evidence of the whole. */
export const FEATURE_GROUPS = [
  'volume',
  'time',
  'network',
  'client',
  'operations',
  'permissions',
  'objects',
  'responses',
  'data',
  'destructive',
  'dormancy',
  'sharing',
  'drift',
  'context',
  'maturity',
] as const
/** One of {@link FEATURE_GROUPS}. */
export type FeatureGroup = (typeof FEATURE_GROUPS)[number]

/** One number of a token-hour. Null means unknown; detectors treat it as missing, never as zero. */
export interface Feature {
  readonly name: string
  readonly group: FeatureGroup
  readonly unit: string
  readonly doc: string
  /**
   * `worse`: higher is more suspicious; `either`: both ends are; `context`: says nothing by itself, the filter and the
   * maturity use it.
   */
  readonly higherIs: 'worse' | 'either' | 'context'
  /** Own metric that it judges: its reasons quote the columns `<metric>_actual` and `<metric>_typical`. */
  readonly metric?: string
  /** How a reason tells the number, or that of its metric. Built-in features have words of their own in `risk/`. @default the name */
  readonly told?: FeatureWords
  /** What its surprise weighs in the score. @default what the prior says, nothing for names that it does not know */
  readonly weighs?: FeatureWeight
}

/** A number in words: `Back after` 31 hours `without use`. */
export interface FeatureWords {
  /** Words after the number. */
  readonly noun: string
  /** Words before the number. */
  readonly lead?: string
  /** Unit of the number. @default that of the feature */
  readonly unit?: string
}

/** Log-odds of misuse for each nat of surprise, and further for each beyond 4 nats. */
export interface FeatureWeight {
  readonly perNat: number
  readonly beyondKnee: number
}

/** A text or number beside the features that lets a reason say what was seen and what is usual. */
export interface Evidence {
  readonly name: string
  readonly type: 'VARCHAR' | 'DOUBLE'
  readonly doc: string
}

/** Columns of `data/features/date=*` before the features themselves. */
export const FEATURE_KEY = [
  { name: 'tenant_id', type: 'VARCHAR', doc: '' },
  { name: 'principal_id', type: 'VARCHAR', doc: '' },
  { name: 'token_id', type: 'VARCHAR', doc: '' },
  { name: 'window_start', type: 'TIMESTAMP_MS', doc: 'UTC, start of the hour' },
  { name: 'role', type: 'VARCHAR', doc: 'null where unknown' },
] as const satisfies readonly Column[]
