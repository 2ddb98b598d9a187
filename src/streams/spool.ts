import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { KeyhoundError } from '../lib/errors.ts'
import { type Batch, NEWLINE, type Offset } from './source.ts'

/** A batch on disk. */
export interface SpoolEntry {
  readonly file: string
  readonly events: number
  /** Of the file. */
  readonly bytes: number
  readonly offset: Offset
  readonly header: string | null
  /** When it was written. */
  readonly at: Date
}

/**
 * Batches that wait to be worked off, each a file of the workspace, first in first out. What {@link write} has answered survives a
 * kill and a power cut. The files hold events as they came, raw tokens included: they are readable by their owner only, and
 * removed as soon as their events are published.
 */
export interface Spool {
  /** Waiting, oldest first. */
  readonly entries: readonly SpoolEntry[]
  readonly bytes: number
  write(batch: Batch, at: Date): SpoolEntry
  /** The content of some entries of one header as one log file; the next call writes over it. Answers its path. */
  merge(entries: readonly SpoolEntry[]): string
  /** Removes a merged log. */
  discard(merged: string): void
  /** Puts a merged log that nothing can be read from aside, for a human to look at. Answers where. */
  refuse(merged: string): string
  remove(entries: readonly SpoolEntry[]): void
}

/** First line of a spool file. */
interface Head {
  readonly v: 1
  readonly events: number
  readonly header: string | null
  readonly offset: Offset
  readonly at: string
}

const ENTRY = /^\d{12}\.batch$/

/** Opens the spool of a folder, made where there is none; what lies there from before comes first. */
export function openSpool(folder: string): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(folder)) {
    // Left by a kill in the middle of writing; the source has the events still.
    if (name.endsWith('.tmp') || name.startsWith('work.')) rmSync(join(folder, name), { force: true })
  }
  const entries = readdirSync(folder)
    .filter(name => ENTRY.test(name))
    .sort()
    .map(name => readEntry(join(folder, name)))
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
  let next = 1 + Math.max(0, ...entries.map(entry => Number.parseInt(entry.file.slice(-18), 10)))
  return {
    entries,
    get bytes() {
      return bytes
    },
    write(batch, at) {
      const file = join(folder, `${String(next++).padStart(12, '0')}.batch`)
      const { events, header, offset } = batch
      const head: Head = { v: 1, events, header, offset, at: at.toISOString() }
      const line = Buffer.from(`${JSON.stringify(head)}\n`)
      writeDurably(folder, file, [line, batch.content])
      const entry = { file, events, header, offset, at, bytes: line.length + batch.content.length }
      entries.push(entry)
      bytes += entry.bytes
      return entry
    },
    merge(some) {
      const contents = some.map(({ file }) => contentOf(readFileSync(file)))
      const header = some[0]!.header
      const path = join(folder, `work.${endingOf(header, contents)}`)
      const handle = openSync(path, 'w', 0o600)
      try {
        if (header !== null) writeSync(handle, `${header}\n`)
        for (const content of contents) writeFully(handle, content)
      } finally {
        closeSync(handle)
      }
      return path
    },
    discard: merged => rmSync(merged, { force: true }),
    refuse(merged) {
      const aside = join(folder, 'refused')
      mkdirSync(aside, { recursive: true, mode: 0o700 })
      let n = 1
      const ending = merged.slice(merged.lastIndexOf('.'))
      while (existsSync(join(aside, `${n}${ending}`))) n++
      const target = join(aside, `${n}${ending}`)
      renameSync(merged, target)
      return target
    },
    remove(some) {
      for (const entry of some) {
        rmSync(entry.file, { force: true })
        const at = entries.indexOf(entry)
        if (at < 0) continue
        entries.splice(at, 1)
        bytes -= entry.bytes
      }
    },
  }
}

function readEntry(file: string): SpoolEntry {
  const content = readFileSync(file)
  const end = content.indexOf(NEWLINE)
  try {
    const { v, events, header, offset, at } = JSON.parse(content.toString('utf8', 0, end)) as Head
    if (v !== 1) throw new Error(`version ${v}`)
    return { file, events, header, offset, at: new Date(at), bytes: content.length }
  } catch (cause) {
    throw new KeyhoundError(
      'corrupt-artefact',
      `${file}: is no spool file of this version; move it away, and the events come from their source again`,
      { where: file, cause },
    )
  }
}

function contentOf(file: Buffer): Buffer {
  return file.subarray(file.indexOf(NEWLINE) + 1)
}

/** How the log is to be read: lines of a CSV file know their header, JSON begins with a brace. */
function endingOf(header: string | null, contents: readonly Buffer[]): string {
  if (header !== null) return header.includes('\t') ? 'tsv' : 'csv'
  const first = contents.map(content => content.toString('utf8', 0, 64).trimStart()[0]).find(Boolean)
  return first === '{' ? 'jsonl' : 'log'
}

/** Writes a file so that it is there whole or not at all, also after a power cut. */
function writeDurably(folder: string, file: string, pieces: readonly Buffer[]): void {
  const temporary = `${file}.tmp`
  const handle = openSync(temporary, 'w', 0o600)
  try {
    for (const piece of pieces) writeFully(handle, piece)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(temporary, file)
  const entry = openSync(folder, 'r')
  try {
    fsyncSync(entry)
  } finally {
    closeSync(entry)
  }
}

function writeFully(handle: number, piece: Buffer): void {
  for (let at = 0; at < piece.length; ) at += writeSync(handle, piece, at)
}
