import type { Column } from './event.ts'

/** Whose behaviour the typical value is taken from. */
export type Frame = 'self' | 'peer' | 'tenant'

/** One reason of a score: what was seen beside what is usual. */
export interface Reason {
  /** Stable, snake_case: `new_network`. */
  readonly code: string
  readonly detector: string
  readonly feature: string
  readonly actual: number | string | null
  readonly typical: number | string | null
  readonly frame: Frame
  /** Share of the score that this reason made, 0-1. */
  readonly contribution: number
  /** One plain sentence for the analyst. */
  readonly text: string
}

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const
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
  { name: 'status', type: 'VARCHAR', doc: 'new, suppressed' },
  {
    name: 'shown',
    type: 'VARCHAR',
    doc: 'queue, sampled (held back by the filter, drawn to check it), explored (below the line, to learn from), suppressed',
  },
  { name: 'suppressed_because', type: 'VARCHAR', doc: 'null unless suppressed' },
  { name: 'model', type: 'VARCHAR', doc: 'name@version' },
] as const satisfies readonly Column[]
