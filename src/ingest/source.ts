import type { EventColumn } from '../schema/event.ts'
import type { OpenLog } from './log.ts'

export const SOURCE_NAMES = [
  'generic',
  'cloudtrail',
  'nginx',
  'combined',
  'aws-api-gateway',
  'github-audit',
  'ocsf',
] as const
export type SourceName = (typeof SOURCE_NAMES)[number]

/** Is the log's token a secret (to be hashed), or the name of one (kept)? */
export type TokenKind = 'secret' | 'identifier'

/** SQL over the log's relation, text-valued, for the event columns the log carries. Cleaning and casting come later. */
export type Fields = Partial<Record<EventColumn, string>>

/** A log format: how to recognise it, and where it keeps what. */
export interface Source {
  readonly name: SourceName
  /** What its tokens are, unless the user says otherwise. */
  readonly tokens: TokenKind
  /** Why this log is of this format, or null when it is not. Looks at columns and sample only. */
  recognise(log: OpenLog): string | null
  /** The log with what the format needs added: a line taken apart. */
  prepare?(log: OpenLog): OpenLog
  /** Where the log keeps what; throws `bad-input` when it lacks what an event needs. */
  fields(log: OpenLog): FoundFields
}

export interface FoundFields {
  readonly fields: Fields
  /** Told to the user. */
  readonly notes: readonly string[]
  /** Where the tokens of this log are not what the source's are as a rule. */
  readonly tokens?: TokenKind
}

/** Does any of the first records satisfy the test? */
export function anyRecord(
  log: OpenLog,
  test: (record: Readonly<Record<string, unknown>>) => boolean,
): boolean {
  return (log.format === 'json' || log.format === 'jsonl') && log.sample.some(test)
}

/** Null for the two commonest ways of writing nothing. No macro: macros inside macros multiply the expression. */
export function orNull(value: string): string {
  return `nullif(nullif(${value}, ''), '-')`
}

/** The first of some SQL texts that says something. */
export function firstOf(...values: string[]): string {
  return `coalesce(${values.map(orNull).join(', ')})`
}
