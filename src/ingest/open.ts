import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { KeyhoundError } from '../lib/errors.ts'
import type { Engine } from '../sql/duckdb.ts'
import { verifyCompressed } from './compression.ts'
import type { OpenLog } from './log.ts'
import { type Probe, probe } from './probe.ts'
import { openArrow } from './read-arrow.ts'
import { type CsvShape, canShareQuery, csvShape, openCsv } from './read-csv.ts'
import { besideEvents, type JsonDocument, openDocuments, readDocument } from './read-json.ts'
import { openJsonLines, openLines } from './read-lines.ts'
import { openParquet } from './read-parquet.ts'
import { repairCsv } from './repair-csv.ts'
import { unknownText } from './sources.ts'
import { isTextLog } from './text-log.ts'

export type Opened =
  | { readonly log: OpenLog }
  | { readonly path: string; readonly error: string }
  /** Nothing is wrong with the file, and it holds no events. */
  | { readonly path: string; readonly leftOut: string }

/** JSON documents are gathered up to so many, so that a bucket of small files costs a few queries, not a few a file. */
const MAX_DOCUMENTS = 500
const MAX_GATHERED_BYTES = 64_000_000

/** CSV files read as one log, up to so many bytes, so that progress is seen. */
const MAX_SHARED_BYTES = 256_000_000

/** Files that wait to be opened together. */
interface Gathered {
  documents: JsonDocument[]
  csv: { shape: CsvShape; probes: Probe[]; bytes: number } | null
}

/**
 * Opens files one after another, CSV files of one shape that follow each other as one; one that is no log is answered as
 * its error. The caller closes each log before asking for the next.
 */
export async function* openLogs(
  engine: Engine,
  files: readonly string[],
  scratch: string,
  asLines = false,
): AsyncGenerator<Opened> {
  const gathered: Gathered = { documents: [], csv: null }
  for (const path of files) {
    try {
      const found = textProbe(probe(path), asLines)
      const shape = found.kind === 'csv' ? csvShape(found) : null
      if (shape === null || shape.key !== gathered.csv?.shape.key) yield* openShared(engine, gathered)
      if (shape !== null) {
        await verifyCompressed(found)
        gathered.csv ??= { shape, probes: [], bytes: 0 }
        gathered.csv.probes.push(found)
        gathered.csv.bytes += statSync(path).size
        if (!canShareQuery(shape) || gathered.csv.bytes >= MAX_SHARED_BYTES)
          yield* openShared(engine, gathered)
        continue
      }
      if (found.kind !== 'json') {
        yield await openKnown(engine, found, scratch)
        continue
      }
      const document = readDocument(found)
      if (document.leftOut !== null) yield { path, leftOut: `left out: ${document.leftOut}` }
      else gathered.documents.push(document)
    } catch (error) {
      yield* openShared(engine, gathered)
      yield { path, error: fileError(path, error) }
    }
    const bytes = gathered.documents.reduce((sum, document) => sum + document.bytes, 0)
    if (gathered.documents.length >= MAX_DOCUMENTS || bytes >= MAX_GATHERED_BYTES) {
      yield* openGathered(engine, gathered.documents)
      gathered.documents = []
    }
  }
  yield* openShared(engine, gathered)
  yield* openGathered(engine, gathered.documents)
}

/** A file of its own; one that only accompanies a log is left out. */
async function openKnown(engine: Engine, found: Probe, scratch: string): Promise<Opened> {
  const log = await openOne(engine, found, scratch)
  const beside = found.kind === 'jsonl' ? besideEvents(log.sample) : null
  if (beside === null) return { log }
  await log.close()
  return { path: found.path, leftOut: `left out: ${beside}` }
}

async function* openShared(engine: Engine, gathered: Gathered): AsyncGenerator<Opened> {
  if (gathered.csv === null) return
  const { shape, probes } = gathered.csv
  gathered.csv = null
  yield { log: await openCsv(engine, shape, probes) }
}

/** Documents of one kind of record belong together: the members of the first record tell the kind. */
async function* openGathered(engine: Engine, documents: readonly JsonDocument[]): AsyncGenerator<Opened> {
  const groups = new Map<string, JsonDocument[]>()
  for (const document of documents) {
    const kind = document.isText ? 'text' : kindOf(document.records[0] ?? {})
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
      return openCsv(engine, csvShape(found), [found])
  }
}

/** A probe of text that is no table: its lines are of a form we know, or the user says which they are of. */
function textProbe(found: Probe, asLines: boolean): Probe {
  if (found.kind !== 'csv') return found
  const isNamed = /\.(csv|tsv)(\.\w+)?$/i.test(found.path)
  if (asLines || (!isNamed && isTextLog(found.head))) return { ...found, kind: 'lines' }
  if (!isNamed && !isTable(found)) throw unknownText(found.path)
  return found
}

/** Has the text a line of names, and more than one of them? */
function isTable(found: Probe): boolean {
  try {
    const { names } = csvShape(found)
    return names.length > 1 || !/\s/.test(names[0]!)
  } catch {
    return false
  }
}

/** Opens a file by itself that failed, or was near one that failed, in a log of several. */
export async function openAlone(engine: Engine, path: string, scratch: string): Promise<OpenLog> {
  return openOne(engine, textProbe(probe(path), false), scratch)
}

/** Opens a CSV file that the engine cannot split, written anew below `scratch` for the time it is open. */
export async function openRepaired(engine: Engine, path: string, scratch: string): Promise<OpenLog> {
  const found = probe(path)
  const shape = csvShape(found)
  const copy = join(scratch, 'repaired.csv')
  const { broken } = await repairCsv(found, shape, copy)
  const log = await openCsv(engine, shape, [{ ...found, path: copy, compression: 'none' }])
  return {
    ...log,
    files: [path],
    mayLoseRows: false,
    brokenRows: async () => [...broken, ...(await log.brokenRows())],
    async close() {
      await log.close()
      rmSync(copy, { force: true })
    },
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
