/** What labels of either form may say of how an incident came to be. */
export interface LabelOrigin {
  /** How hard it is to see: loud, medium, quiet. Absent where the file does not say. */
  readonly intensity?: string
  /** Written into the log by `keyhound inject`: measured apart from what was observed. @default false */
  readonly injected?: boolean
}

/** What is known to be misuse. A labels file (CSV, Parquet or JSONL) names either events or intervals of a token. */
export interface EventLabel extends LabelOrigin {
  readonly eventId: string
  readonly incidentId: string
  readonly attackType: string
}

export interface IntervalLabel extends LabelOrigin {
  /** Hashed like the log's tokens when the file holds raw ones. */
  readonly tokenId: string
  /** UTC, inclusive. */
  readonly start: Date
  /** UTC, exclusive. */
  readonly end: Date
  readonly incidentId: string
  readonly attackType: string
}

export type Labels =
  | { readonly kind: 'event'; readonly rows: readonly EventLabel[] }
  | { readonly kind: 'interval'; readonly rows: readonly IntervalLabel[] }

/** An analyst's judgement of an alert. */
export const VERDICTS = ['true_positive', 'false_positive', 'benign_trigger', 'duplicate'] as const
export type Verdict = (typeof VERDICTS)[number]
