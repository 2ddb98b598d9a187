import type { Column } from './event.ts'

/** Whose behaviour the typical value is taken from. */
export type Frame = 'self' | 'peer' | 'tenant'

/** What is usual under one frame, measured on the days before. */
export interface FrameValue {
  readonly frame: Frame
  /** Of a number the median, of a value who has used it: `0 of 31 days`, `2 of 14 tokens`. */
  readonly typical: number | string
  /** Largest of a number; null for values. */
  readonly highest: number | null
}

/** One fact of a token-hour: what was seen beside what is usual. */
export interface ReasonFact {
  /** Stable, snake_case: `unusual_net`. */
  readonly code: string
  readonly feature: string
  /** In `unit`; never a logarithm. */
  readonly actual: number | string | null
  readonly typical: number | string | null
  /** bytes, ms, minutes, hours, days, km/h, share, deviations; null for counts and values. Absent in what earlier versions published. */
  readonly unit?: string | null
  readonly frame: Frame
  /** Share of the score that this fact made, 0-1. */
  readonly contribution: number
  /** One plain sentence for the analyst. */
  readonly text: string
  /** The same against the token's own history, its role and its tenant, where the history says; alerts and explanations have it. */
  readonly frames?: readonly FrameValue[]
}

/** One cause of a score, told by its strongest fact; `facts` has all that it rests on. */
export interface Reason extends ReasonFact {
  /** Stable, snake_case: the misuse it speaks for, `object_enumeration`. */
  readonly code: string
  readonly detector: string
  /** How rare the most surprised of its detectors finds the token-hour, nats: 6.9 is one in a thousand. Absent in earlier versions. */
  readonly surprise?: number
  /** Strongest first; absent in what earlier versions published. */
  readonly facts?: readonly ReasonFact[]
  /** Ids of a few events that show it, the most telling first; alerts and explanations have them. */
  readonly events?: readonly string[]
}

/** From the least to the worst; each is a band of risk. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const
/** One of {@link SEVERITIES}. */
export type Severity = (typeof SEVERITIES)[number]

/** Fixed columns of `data/scores/date=*`; one column `detector_<name>` (double, calibrated surprise in nats, >= 0) a detector follows. */
export const SCORE_COLUMNS = [
  { name: 'tenant_id', type: 'VARCHAR', doc: '' },
  { name: 'principal_id', type: 'VARCHAR', doc: '' },
  { name: 'token_id', type: 'VARCHAR', doc: '' },
  { name: 'window_start', type: 'TIMESTAMP_MS', doc: 'UTC, inclusive' },
  { name: 'window_end', type: 'TIMESTAMP_MS', doc: 'UTC, exclusive' },
  { name: 'score', type: 'DOUBLE', doc: 'higher = more anomalous, before the filter' },
  { name: 'risk', type: 'DOUBLE', doc: '0-100, calibrated, after the filter' },
  {
    name: 'filter_probability',
    type: 'DOUBLE',
    doc: 'probability that an alert here is worth an analyst, 0-1; null without a filter',
  },
  { name: 'severity', type: 'VARCHAR', doc: 'info, low, medium, high, critical' },
  { name: 'maturity', type: 'DOUBLE', doc: '0-1: how much history stands behind the baselines' },
  { name: 'model', type: 'VARCHAR', doc: 'name@version' },
  { name: 'reasons', type: 'VARCHAR', doc: 'JSON list of Reason, strongest first' },
] as const satisfies readonly Column[]

/** Columns of `data/alerts/date=*`: one row an alert, which is a token on a UTC day. */
export const ALERT_COLUMNS = [
  {
    name: 'alert_id',
    type: 'VARCHAR',
    doc: 'hash of tenant, token, date and model name: the same fact has the same id',
  },
  { name: 'incident_id', type: 'VARCHAR', doc: 'alerts of one campaign share it' },
  { name: 'tenant_id', type: 'VARCHAR', doc: '' },
  { name: 'principal_id', type: 'VARCHAR', doc: '' },
  { name: 'token_id', type: 'VARCHAR', doc: '' },
  { name: 'first_seen', type: 'TIMESTAMP_MS', doc: 'start of the first alerted window' },
  { name: 'last_seen', type: 'TIMESTAMP_MS', doc: 'end of the last alerted window' },
  { name: 'windows', type: 'INTEGER', doc: 'alerted token-hours' },
  { name: 'severity', type: 'VARCHAR', doc: '' },
  { name: 'risk', type: 'DOUBLE', doc: 'highest of its windows' },
  { name: 'score', type: 'DOUBLE', doc: 'highest of its windows' },
  { name: 'maturity', type: 'DOUBLE', doc: '' },
  { name: 'filter_probability', type: 'DOUBLE', doc: '' },
  { name: 'title', type: 'VARCHAR', doc: '' },
  { name: 'reasons', type: 'VARCHAR', doc: 'JSON list of Reason' },
  { name: 'evidence', type: 'VARCHAR', doc: 'JSON list of event_id, at most 20' },
  {
    name: 'techniques',
    type: 'VARCHAR',
    doc: 'JSON list of MITRE ATT&CK ids and OWASP API Security Top 10 2023 ids',
  },
  { name: 'places', type: 'VARCHAR', doc: 'JSON list of addresses and networks new to the token' },
  { name: 'status', type: 'VARCHAR', doc: 'new, suppressed' },
  {
    name: 'folded_into',
    type: 'VARCHAR',
    doc: 'alert_id of the open alert of the incident that this one repeats, under which the queue shows it; null for one that stands by itself',
  },
  {
    name: 'shown',
    type: 'VARCHAR',
    doc: 'queue, sampled (held back by the filter, drawn to check it), explored (below the line, to learn from), suppressed',
  },
  { name: 'suppressed_because', type: 'VARCHAR', doc: 'null unless suppressed' },
  { name: 'model', type: 'VARCHAR', doc: 'name@version' },
] as const satisfies readonly Column[]
