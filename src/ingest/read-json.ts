import { isTooDeep, MOST_JSON_LEVELS } from '../lib/json-depth.ts'
import type { Engine } from '../sql/duckdb.ts'
import { readDecompressed } from './compression.ts'
import { unwrap, valuesOf } from './envelope.ts'
import { type BrokenRow, type OpenLog, SAMPLE_RECORDS } from './log.ts'
import { badFile, type Probe, RECORD_LISTS } from './probe.ts'
import { jsonLog, linesOf } from './read-lines.ts'

/** V8's longest string is 2^29 - 24 characters. */
const MAX_DOCUMENT_BYTES = 500_000_000

/** The records of one JSON document, and the places of those that are no objects. */
export interface JsonDocument {
  readonly path: string
  readonly records: readonly Record<string, unknown>[]
  /** Lines of text that stood in JSON envelopes, in place of records. */
  readonly isText: boolean
  /** Why the document holds no events although nothing is wrong with it; null where it may. */
  readonly leftOut: string | null
  /** 1-based places of the records in the document. */
  readonly places: readonly number[]
  readonly broken: readonly number[]
  readonly bytes: number
}

/** Reads a document: records, out of all envelopes (`{"Records": [...]}`), or several documents one after another. */
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
  const values = parse(probe.path, content.toString('utf8').replace(/^\uFEFF/, ''))
  const list = values.flatMap(value => unwrap(value))
  const texts = list.filter(value => typeof value === 'string').length
  const isText = texts > 0 && texts >= 0.5 * list.length
  const records: Record<string, unknown>[] = []
  const places: number[] = []
  const broken: number[] = []
  list.forEach((record, i) => {
    const taken = isText && typeof record === 'string' ? { line: record } : record
    if (typeof taken === 'object' && taken !== null && !Array.isArray(taken)) {
      records.push(taken as Record<string, unknown>)
      places.push(i + 1)
    } else broken.push(i + 1)
  })
  const leftOut = besideEvents(records) ?? emptyLists(values)
  return { path: probe.path, records, places, broken, isText, leftOut, bytes: content.length }
}

/** What AWS delivers beside the logs of CloudTrail, as a note says it; null where records may be events. */
export function besideEvents(records: readonly Readonly<Record<string, unknown>>[]): string | null {
  if (records.length === 0) return null
  if (records.every(record => 'digestStartTime' in record && 'logFiles' in record))
    return 'digests of CloudTrail, which hold no events'
  return records.every(record => record.eventType === 'AwsCloudTrailInsight')
    ? 'Insights of CloudTrail, which are no requests'
    : null
}

/** Envelopes in which no record lies. */
function emptyLists(values: readonly unknown[]): string | null {
  const isEmpty = (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    RECORD_LISTS.some(name => {
      const list = (value as Record<string, unknown>)[name]
      return Array.isArray(list) && list.length === 0
    })
  return values.length > 0 && values.every(isEmpty) ? 'lists without records' : null
}

function parse(path: string, text: string): unknown[] {
  const values = valuesOf(text)
  if (values !== null) return values
  // The parser's own message quotes the text around the fault.
  throw badFile(path, 'is not valid JSON: cut off, or damaged; fetch it again, or write one record a line')
}

/** Documents as one log: small files as cloud services deliver them are read by the hundred. */
export async function openDocuments(engine: Engine, documents: readonly JsonDocument[]): Promise<OpenLog> {
  const file = documents.flatMap((document, i) => document.records.map(() => i))
  const row = documents.flatMap(document => document.places)
  const line = documents.flatMap(document =>
    document.records.map(record => (document.isText ? String(record.line) : JSON.stringify(record))),
  )
  await engine.load('kh_documents', { file, row, line })
  const sample = documents
    .flatMap(document => document.records.slice(0, SAMPLE_RECORDS))
    .slice(0, SAMPLE_RECORDS)
  const relation = () =>
    'SELECT file::INTEGER AS kh_file, "row"::BIGINT AS kh_row, line FROM kh_documents ORDER BY rowid'
  const log = documents[0]!.isText ? linesOf(sample, relation) : jsonLog('json', sample, relation)
  return {
    ...log,
    files: documents.map(document => document.path),
    brokenRows: async () =>
      documents.flatMap((document, file) =>
        document.broken.map((place): BrokenRow => ({ file, row: place, reason: 'row: not a JSON object' })),
      ),
    close: () => engine.run('DROP TABLE IF EXISTS kh_documents'),
  }
}
