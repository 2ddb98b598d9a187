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
  /** Throws `bad-input` when the log lacks what an event needs. `notes` are told to the user. */
  fields(log: OpenLog): { fields: Fields; notes: string[] }
}

/** The first of some SQL texts that says something. */
export function firstOf(...values: string[]): string {
  return `coalesce(${values.map(value => `kh_text(${value})`).join(', ')})`
}
