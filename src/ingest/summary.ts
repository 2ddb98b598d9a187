import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { KeyhoundError } from '../lib/errors.ts'
import type { Finding } from './checks.ts'

export interface IngestedFile {
  path: string
  source: string
  format: string
  /** Records read: accepted + duplicates + rejected. */
  rows: number
  accepted: number
  duplicates: number
  rejected: number
  /** Why the file could not be used, or so much of it was malformed that the run counts as failed. */
  error?: string
}

/** What a run read, kept and rejected; counts are rows of the logs. */
export interface IngestSummary {
  /** Name of the files this run wrote. */
  batch: string
  files: IngestedFile[]
  read: number
  added: number
  duplicates: number
  rejected: number
  rejectsByReason: Record<string, number>
  /** Added events older than the newest one already stored. */
  late: number
  /** Rows earlier than the row before them in their file. */
  outOfOrder: number
  /** Of the added events. */
  firstTime: Date | null
  lastTime: Date | null
  /** Of all usable events, known ones included; null when there are none. */
  span: { first: Date; last: Date } | null
  /** Distinct tokens among the added events. */
  tokens: number
  /** What was recognised, and what stays unknown. */
  notes: string[]
  /** What is odd about the events that came out, with counts. */
  findings: Finding[]
}

export function failedFile(path: string, error: string): IngestedFile {
  return {
    path,
    source: 'unknown',
    format: 'unknown',
    rows: 0,
    accepted: 0,
    duplicates: 0,
    rejected: 0,
    error,
  }
}

export function emptySummary(batch: string, files: IngestedFile[], notes: string[]): IngestSummary {
  return {
    batch,
    files,
    read: 0,
    added: 0,
    duplicates: 0,
    rejected: 0,
    rejectsByReason: {},
    late: 0,
    outOfOrder: 0,
    firstTime: null,
    lastTime: null,
    span: null,
    tokens: 0,
    notes,
    findings: [],
  }
}

/** The error for files that could not be used; says what became of the others. */
export function badInput(bad: readonly IngestedFile[], summary: IngestSummary): KeyhoundError {
  const kept =
    summary.added + summary.duplicates > 0
      ? ` What was good is kept: ${summary.added} events added.`
      : ' Nothing was added.'
  const lines = bad.map(file => file.error!)
  const message =
    lines.length === 1
      ? `${lines[0]}.${kept}`
      : `${lines.length} of ${summary.files.length} inputs could not be used.${kept}\n${lines.map(line => `  ${line}`).join('\n')}`
  return new KeyhoundError('bad-input', message, { where: bad[0]!.path })
}

/** Time of the run, and a hash of what it read: unique without a counter, and in order of time. */
export function batchName(now: Date, files: readonly IngestedFile[]): string {
  const hash = createHash('sha256')
  for (const file of files) {
    const size = existsSync(file.path) ? statSync(file.path).size : -1
    hash.update(`${file.path}\0${size}\0`)
  }
  return `${now.toISOString().replace(/[-:]/g, '').replace('.', '')}-${hash.digest('hex').slice(0, 8)}`
}
