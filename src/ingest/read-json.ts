import { isTooDeep, MOST_JSON_LEVELS } from '../lib/json-depth.ts'
import type { Engine } from '../sql/duckdb.ts'
import { readDecompressed } from './compression.ts'
import { type BrokenRow, type OpenLog, SAMPLE_RECORDS } from './log.ts'
import { badFile, type Probe, RECORD_LISTS } from './probe.ts'
import { jsonLog } from './read-lines.ts'

/** V8's longest string is 2^29 - 24 characters. */
const MAX_DOCUMENT_BYTES = 500_000_000

/** The records of one JSON document, and the places of those that are no objects. */
export interface JsonDocument {
  readonly path: string
  readonly records: readonly Record<string, unknown>[]
  /** 1-based places of the records in the document. */
  readonly places: readonly number[]
  readonly broken: readonly number[]
  readonly bytes: number
}

/** Reads a document: a list of records, an object that wraps one (`{"Records": [...]}`), or a single record. */
export function readDocument(probe: Probe): JsonDocument {
  const content = readDecompressed(probe)
  if (content.length > MAX_DOCUMENT_BYTES) {
    throw badFile(
      probe.path,
      'is one JSON document of more than 500 MB; convert it to JSON Lines (jq -c ".[]")',
    )
  }
  if (isTooDeep(content))
    throw badFile(probe.path, `nests more than ${MOST_JSON_LEVELS} deep, as no log does; write it flatter`)
  const list = listOf(parse(probe.path, content.toString('utf8').replace(/^\uFEFF/, '')))
  const records: Record<string, unknown>[] = []
  const places: number[] = []
  const broken: number[] = []
  list.forEach((record, i) => {
    if (typeof record === 'object' && record !== null && !Array.isArray(record)) {
      records.push(record as Record<string, unknown>)
      places.push(i + 1)
    } else broken.push(i + 1)
  })
  return { path: probe.path, records, places, broken, bytes: content.length }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text around the fault.
    throw badFile(
      path,
      'is not valid JSON: cut off, or several documents in one file; fetch it again, or write one record a line',
    )
  }
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value !== 'object' || value === null) return [value]
  for (const name of RECORD_LISTS) {
    const list = (value as Record<string, unknown>)[name]
    if (Array.isArray(list)) return list
  }
  return [value]
}

/** Documents as one log: small files as cloud services deliver them are read by the hundred. */
export async function openDocuments(engine: Engine, documents: readonly JsonDocument[]): Promise<OpenLog> {
  const file = documents.flatMap((document, i) => document.records.map(() => i))
  const row = documents.flatMap(document => document.places)
  const line = documents.flatMap(document => document.records.map(record => JSON.stringify(record)))
  await engine.load('kh_documents', { file, row, line })
  const sample = documents
    .flatMap(document => document.records.slice(0, SAMPLE_RECORDS))
    .slice(0, SAMPLE_RECORDS)
  return {
    ...jsonLog(
      'json',
      sample,
      () => 'SELECT file::INTEGER AS kh_file, "row"::BIGINT AS kh_row, line FROM kh_documents ORDER BY rowid',
    ),
    files: documents.map(document => document.path),
    brokenRows: async () =>
      documents.flatMap((document, file) =>
        document.broken.map((place): BrokenRow => ({ file, row: place, reason: 'row: not a JSON object' })),
      ),
    close: () => engine.run('DROP TABLE IF EXISTS kh_documents'),
  }
}
