/** What labels of either form may say of how an incident came to be. */
export interface IncidentMaking {
  /** How hard it is to see: loud, medium, quiet. Absent where the file does not say. */
  readonly intensity?: string
  /** Written into the log by `keyhound inject`: measured apart from what was observed. @default false */
  readonly injected?: boolean
}

/** What is known to be misuse. A labels file (CSV, Parquet or JSONL) names either events or intervals of a token. */
export interface EventLabel extends IncidentMaking {
  readonly eventId: string
  readonly incidentId: string
  readonly attackType: string
}

/** Misuse of a token from one moment to another. */
export interface IntervalLabel extends IncidentMaking {
  /** Hashed like the log's tokens when the file holds raw ones. */
  readonly tokenId: string
  /** UTC, inclusive. */
  readonly start: Date
  /** UTC, exclusive. */
  readonly end: Date
  readonly incidentId: string
  readonly attackType: string
}

/** Labels of either kind: single events, or intervals of tokens. */
export type Labels =
  | { readonly kind: 'event'; readonly rows: readonly EventLabel[] }
  | { readonly kind: 'interval'; readonly rows: readonly IntervalLabel[] }

/** An analyst's judgement of an alert. */
export const VERDICTS = ['true_positive', 'false_positive', 'benign_trigger', 'duplicate'] as const
/** One of {@link VERDICTS}. */
export type Verdict = (typeof VERDICTS)[number]

/** What a verdict does, and nothing else; `--help` prints the texts, training and scoring read the flags. */
export interface VerdictEffect {
  /** What the analyst says by it. */
  readonly meaning: string
  /** What the filter learns of alike alerts: 1 worth an analyst, 0 not, null nothing. */
  readonly filterLabel: 0 | 1 | null
  /** Whether the detectors may take the alerted token-hours for usual from the next training on. */
  readonly trainsBaselines: boolean
  /** Whether the token's own history may learn from the alerted day, from the day after the verdict on. */
  readonly clears: boolean
  /** What brings the closed alert back: more alerted activity, a cause that it did not have when it was judged, nothing. */
  readonly reopensOn: 'any_activity' | 'new_cause' | null
}

export const VERDICT_EFFECTS: Readonly<Record<Verdict, VerdictEffect>> = {
  true_positive: {
    meaning: 'misuse; the filter learns to keep alike alerts, baselines never learn from its hours',
    filterLabel: 1,
    trainsBaselines: false,
    clears: false,
    reopensOn: 'any_activity',
  },
  false_positive: {
    meaning:
      'nothing unusual happened; the filter learns to hold back alike alerts, baselines learn from its hours',
    filterLabel: 0,
    trainsBaselines: true,
    clears: true,
    reopensOn: 'new_cause',
  },
  benign_trigger: {
    meaning:
      'unusual indeed, and fine; the filter learns to hold back alike alerts, baselines do not learn from its hours',
    filterLabel: 0,
    trainsBaselines: false,
    clears: true,
    reopensOn: 'new_cause',
  },
  duplicate: {
    meaning: 'known from another alert, whatever it is; nobody learns from it, it only leaves the queue',
    filterLabel: null,
    trainsBaselines: true,
    clears: false,
    reopensOn: null,
  },
}

/** Who judged: a person, or a simulator that knows the truth. */
export const VERDICT_SOURCES = ['analyst', 'simulated'] as const
export type VerdictSource = (typeof VERDICT_SOURCES)[number]

/**
 * Why an alert was shown: queue, above the alert risk; sampled, held back by the filter and drawn at random to check it;
 * explored, below the alert risk and shown to learn from. `suppressed` ones are not shown.
 */
export const SHOWN = ['queue', 'sampled', 'explored', 'suppressed'] as const
export type Shown = (typeof SHOWN)[number]

/**
 * Which alerts to list. open: new or acknowledged, and not folded into another; new, acknowledged, closed: where they stand in their
 * life; judged: with a verdict, though opened again since; folded: repeat another of their incident; suppressed: held back.
 */
export const ALERT_STATUS_FILTERS = [
  'open',
  'new',
  'acknowledged',
  'closed',
  'judged',
  'folded',
  'suppressed',
  'all',
] as const
export type AlertStatusFilter = (typeof ALERT_STATUS_FILTERS)[number]

/** Where the label of a training row comes from: a labels file, or a verdict, by why the alert was shown and who judged. */
export const LABEL_ORIGINS = ['labels', 'queue', 'sampled', 'explored', 'suppressed', 'simulated'] as const
export type LabelOrigin = (typeof LABEL_ORIGINS)[number]
