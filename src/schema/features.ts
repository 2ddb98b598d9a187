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
