import type { EventSource } from '../score-events.ts'

/** Of more, reading the body as text would hold up other requests. */
const MOST_BYTES = 1_000_000

/** The records of a source as lines of JSON, as the reader of logs would see them; null where they are no such records, or too many. */
export function linesOf(source: EventSource): readonly string[] | null {
  if ('rows' in source) return source.rows.map(row => JSON.stringify(row))
  if (!('bytes' in source) || source.bytes.length > MOST_BYTES) return null
  const { bytes, format } = source
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  if (format === 'jsonl') return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  return format === 'json' ? recordsOf(text) : null
}

function recordsOf(text: string): readonly string[] | null {
  try {
    const value: unknown = JSON.parse(text)
    return (Array.isArray(value) ? value : [value]).map(record => JSON.stringify(record))
  } catch {
    return null
  }
}
