/** Where in a source a batch ends, as plain JSON: only the source itself reads it. */
export type Offset = Readonly<Record<string, unknown>>

/** Events as they came, in whole lines. */
export interface Batch {
  /** Each line ended by a newline. */
  readonly content: Buffer
  readonly events: number
  /** First line of a CSV file, without newline; null for logs that have none. */
  readonly header: string | null
  /** What is read once this batch is worked off. */
  readonly offset: Offset
}

/** How much to read at most, and how long to wait for it. */
export interface Want {
  readonly events: number
  readonly bytes: number
  readonly waitMs: number
  /** Ends the waiting: what was read until then is answered. */
  readonly signal: AbortSignal
}

/**
 * Something that events come from. It is asked for more only while there is room for it: that is its back-pressure. What was read
 * and not committed comes again after a restart.
 */
export interface Source {
  /** What is watched, for messages: `nats api-logs`. */
  readonly name: string
  /** Null when nothing came within the wait. Throws `unavailable` when the source cannot be reached. */
  read(want: Want): Promise<Batch | null>
  /** The batch lies on disk: whoever waits for that can be told. */
  spooled?(batch: Batch): void
  /** All that a batch holds is scored and published: it need not come again. */
  commit(offset: Offset): Promise<void>
  close(): Promise<void>
}

/** Opens a source; `spooled` are the offsets of batches that lie in the spool, oldest first, and need not be read again. */
export type OpenSource = (spooled: readonly Offset[]) => Promise<Source>

/** One record, as a message carries it, on one line. Documents over several lines are printed anew; null when there is nothing. */
export function lineOf(message: string): string | null {
  const text = message.trim()
  if (text === '') return null
  if (!text.includes('\n')) return text
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    // Several records, one a line; or nothing that we know: each line is judged by ingest.
    return text
      .split('\n')
      .map(line => line.trim())
      .filter(line => line !== '')
      .join('\n')
  }
}

/** The number of lines in a text whose lines all end in a newline. */
export function countLines(content: Buffer): number {
  let lines = 0
  for (let at = content.indexOf(NEWLINE); at >= 0; at = content.indexOf(NEWLINE, at + 1)) lines++
  return lines
}

export const NEWLINE = 0x0a
