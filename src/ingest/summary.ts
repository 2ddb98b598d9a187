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
  /** Distinct tokens among the added events. */
  tokens: number
  /** What was recognised, and what stays unknown. */
  notes: string[]
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
