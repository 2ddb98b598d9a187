import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EventColumn } from '../schema/event.ts'
import type { OpenLog } from './log.ts'

/** Sources that are code; those that are files are {@link SOURCE_FILE_NAMES}. */
export const CODED_SOURCES = [
  'generic',
  'cloudtrail',
  'nginx',
  'combined',
  'w3c',
  'aws-api-gateway',
  'github-audit',
  'ocsf',
] as const
export type SourceName = string

/** Where the sources lie that are files. */
export const SOURCE_FOLDER = fileURLToPath(new URL('./sources/', import.meta.url))

/** Names of the sources that are files, in order. */
export const SOURCE_FILE_NAMES: readonly string[] = readdirSync(SOURCE_FOLDER)
  .filter(name => name.endsWith('.json'))
  .map(name => basename(name, '.json'))
  .sort()

/** Every name that `--source` takes. */
export const SOURCE_NAMES: readonly string[] = [...CODED_SOURCES, ...SOURCE_FILE_NAMES]

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
  /** Of a text log: is the line of the format? */
  takes?(line: string): boolean
  /** The log with what the format needs added: a line taken apart. */
  prepare?(log: OpenLog): OpenLog
  /** Where the log keeps what; throws `bad-input` when it lacks what an event needs. */
  fields(log: OpenLog): FoundFields
}

export interface FoundFields {
  readonly fields: Fields
  /** Which columns were recognised by name, in one line. */
  readonly recognised?: string
  /** Told to the user. */
  readonly notes: readonly string[]
  /** Where the tokens of this log are not what the source's are as a rule. */
  readonly tokens?: TokenKind
  /** SQL condition over the relation: records that are no events of their own, rejected with that reason. */
  readonly leftOut?: string
  /** What stands for the token, where it is not what stands for it in other logs of the source. */
  readonly identity?: string
}

/** Addresses of a network of one's own (RFC 1918, 6598, 3927, 4193): what a balancer has, and a client of an API has not. For RE2. */
export const INSIDE_NETWORK =
  '^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|127\\.|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.|169\\.254\\.|f[cd][0-9a-f]{2}:|fe80:|::1$|unix:)'

/** Does any of the first records satisfy the test? */
export function anyRecord(
  log: OpenLog,
  test: (record: Readonly<Record<string, unknown>>) => boolean,
): boolean {
  return (log.format === 'json' || log.format === 'jsonl' || log.isNested === true) && log.sample.some(test)
}

/** Null for the two commonest ways of writing nothing. No macro: macros inside macros multiply the expression. */
export function orNull(value: string): string {
  return `nullif(nullif(${value}, ''), '-')`
}

/** The first of some SQL texts that says something. */
export function firstOf(...values: string[]): string {
  return `coalesce(${values.map(orNull).join(', ')})`
}
