import { KeyhoundError } from '../lib/errors.ts'
import type { Engine } from '../sql/duckdb.ts'
import { verifyCompressed } from './compression.ts'
import type { OpenLog } from './log.ts'
import { type Probe, probe } from './probe.ts'
import { openArrow } from './read-arrow.ts'
import { openCsv } from './read-csv.ts'
import { type JsonDocument, openDocuments, readDocument } from './read-json.ts'
import { openJsonLines, openLines } from './read-lines.ts'
import { openParquet } from './read-parquet.ts'

export type Opened = { readonly log: OpenLog } | { readonly path: string; readonly error: string }

/** JSON documents are gathered up to so many, so that a bucket of small files costs a few queries, not a few a file. */
const MAX_DOCUMENTS = 500
const MAX_GATHERED_BYTES = 64_000_000

/**
 * Opens files one after another; one that is no log is answered as its error. The caller closes each log before asking
 * for the next.
 */
export async function* openLogs(
  engine: Engine,
  files: readonly string[],
  scratch: string,
): AsyncGenerator<Opened> {
  let gathered: JsonDocument[] = []
  for (const path of files) {
    try {
      const found = probe(path)
      if (found.kind !== 'json') {
        yield { log: await openOne(engine, found, scratch) }
        continue
      }
      gathered.push(readDocument(found))
    } catch (error) {
      yield { path, error: fileError(path, error) }
    }
    const bytes = gathered.reduce((sum, document) => sum + document.bytes, 0)
    if (gathered.length >= MAX_DOCUMENTS || bytes >= MAX_GATHERED_BYTES) {
      yield* openGathered(engine, gathered)
      gathered = []
    }
  }
  yield* openGathered(engine, gathered)
}

/** Documents of one kind of record belong together: the members of the first record tell the kind. */
async function* openGathered(engine: Engine, documents: readonly JsonDocument[]): AsyncGenerator<Opened> {
  const groups = new Map<string, JsonDocument[]>()
  for (const document of documents) {
    const kind = kindOf(document.records[0] ?? {})
    groups.set(kind, [...(groups.get(kind) ?? []), document])
  }
  for (const group of groups.values()) yield { log: await openDocuments(engine, group) }
}

/** Members differ from event to event in CloudTrail and OCSF, which have one that all share. */
function kindOf(record: Readonly<Record<string, unknown>>): string {
  return ['eventSource', 'class_uid'].find(key => key in record) ?? Object.keys(record).sort().join()
}

async function openOne(engine: Engine, found: Probe, scratch: string): Promise<OpenLog> {
  if (found.kind === 'parquet') return openParquet(engine, found, scratch)
  if (found.kind === 'arrow') return openArrow(engine, found)
  await verifyCompressed(found)
  switch (found.kind) {
    case 'jsonl':
      return openJsonLines(engine, found)
    case 'lines':
      return openLines(engine, found)
    default:
      return openCsv(engine, found)
  }
}

/**
 * What to say of a file that failed. Our own errors are safe; the engine's quote rows, which hold tokens, so only their
 * kind is told.
 */
export function fileError(path: string, error: unknown): string {
  if (error instanceof KeyhoundError && error.code !== 'internal') return error.message
  const text = String((error as Error)?.message ?? '')
  if (/out of memory|Out of Memory/.test(text))
    return `${path}: does not fit into the engine's memory; split it`
  if (/No space left/i.test(text)) return `${path}: the disk is full`
  const kind = /^(\w+(?: \w+)?) Error:/.exec(text)?.[1]
  return `${path}: is damaged or cut off: reading it stopped half-way${kind === undefined ? '' : ` (${kind} error)`}; fetch or write it again`
}
