import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { countLines, NEWLINE } from './source.ts'

/** How far a file was read, and its beginning: an inode is used again, and a file may be cut and grow anew. */
export interface FilePosition {
  readonly path: string
  readonly byte: number
  /** SHA-256 of the first `headBytes` bytes. */
  readonly head: string
  readonly headBytes: number
}

/** An open file that is read as it grows. */
export interface FollowedFile {
  readonly id: string
  path: string
  /** `performance.now()` when it was first missed under its name. */
  goneAt: number | null
  /** First line of a CSV file, once it is there. */
  header(): string | null
  /** The next whole lines, up to so many; null when there are none. With `isOver`, a last line without newline counts as whole. */
  read(mostLines: number, isOver: boolean): { readonly content: Buffer; readonly events: number } | null
  position(): FilePosition
  close(): void
}

/** Read at once; a line that is longer is cut, and becomes a reject. */
const CHUNK_BYTES = 1024 * 1024
const HEAD_BYTES = 256

/** Device and inode; null when it is no file, or not there. */
export function idOf(path: string): string | null {
  try {
    const stats = statSync(path, { bigint: true })
    return stats.isFile() ? `${stats.dev}:${stats.ino}` : null
  } catch {
    return null
  }
}

/** Opens a file at a known position, at its end, or at its beginning. Null when it cannot be opened: it may be gone again. */
export function followFile(
  path: string,
  id: string,
  known: FilePosition | null,
  atEnd: boolean,
): FollowedFile | null {
  let handle: number
  try {
    handle = openSync(path, 'r')
  } catch {
    return null
  }
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  // A buffer of its own: what was read of the lines is still needed.
  const beginning = Buffer.allocUnsafe(HEAD_BYTES)
  const hashOf = (bytes: number) =>
    createHash('sha256')
      .update(readAt(handle, beginning, 0, bytes))
      .digest('hex')
  const isCsv = /\.[ct]sv(\.\d+)?$/i.test(path)
  let header: string | null = null
  let byte = 0
  let head = ''
  let headBytes = 0
  if (known !== null) {
    byte = known.byte
    head = known.head
    headBytes = known.headBytes
  } else if (atEnd) byte = endOfLines(handle, chunk)

  /** Back to the beginning when the file is not the one that was read. */
  const checkSame = () => {
    if (fstatSync(handle).size >= byte && (headBytes === 0 || hashOf(headBytes) === head)) return
    byte = 0
    headBytes = 0
    header = null
  }
  const readHeader = () => {
    if (!isCsv || header !== null) return
    const start = readAt(handle, chunk, 0, CHUNK_BYTES)
    const end = start.indexOf(NEWLINE)
    if (end < 0) return
    header = start
      .toString('utf8', 0, end)
      .replace(/\r$/, '')
      .replace(/^\uFEFF/, '')
    byte = Math.max(byte, end + 1)
  }
  readHeader()
  return {
    id,
    path,
    goneAt: null,
    header: () => header,
    read(mostLines, isOver) {
      const { size } = fstatSync(handle)
      if (size === byte) return null
      checkSame()
      readHeader()
      if (isCsv && header === null) return null
      const found = readAt(handle, chunk, byte, CHUNK_BYTES)
      const content = wholeLines(found, mostLines, isOver)
      if (content.length === 0) return null
      byte += content.length
      // The beginning is noted once, when it is long enough or all there is.
      if (headBytes < HEAD_BYTES) {
        headBytes = Math.min(HEAD_BYTES, byte)
        head = hashOf(headBytes)
      }
      const isEnded = content.at(-1) === NEWLINE
      const lines = isEnded ? Buffer.from(content) : Buffer.concat([content, Buffer.from('\n')])
      return { content: lines, events: countLines(lines) }
    },
    position() {
      return { path: this.path, byte, head, headBytes }
    },
    close: () => closeSync(handle),
  }
}

/** A part of what the handle holds, without copying: valid until the next call. */
function readAt(handle: number, chunk: Buffer, position: number, bytes: number): Buffer {
  return chunk.subarray(0, readSync(handle, chunk, 0, Math.min(bytes, chunk.length), position))
}

/** The first lines that end; all of it when it is the end of a file, or longer than any line may be. */
function wholeLines(found: Buffer, mostLines: number, isOver: boolean): Buffer {
  let end = 0
  for (let lines = 0; lines < mostLines; lines++) {
    const next = found.indexOf(NEWLINE, end)
    if (next < 0) break
    end = next + 1
  }
  if (end > 0) return found.subarray(0, end)
  return isOver || found.length === CHUNK_BYTES ? found : found.subarray(0, 0)
}

/** Where the last whole line of a file ends. */
function endOfLines(handle: number, chunk: Buffer): number {
  const { size } = fstatSync(handle)
  const from = Math.max(0, size - chunk.length)
  const last = readAt(handle, chunk, from, chunk.length).lastIndexOf(NEWLINE)
  return last < 0 ? from : from + last + 1
}
