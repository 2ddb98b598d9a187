import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline as pipe, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { readDecompressed } from './compression.ts'
import type { BrokenRow } from './log.ts'
import type { Probe } from './probe.ts'

/** Lines that one value in quotation marks may go over: longer ones are a mark that was never closed. */
const MOST_LINES = 100
/** The same in characters. */
const MOST_CHARACTERS = 1 << 20
/**
 * Characters that may be read ahead in vain: at first, and more for each one of the file. Without a limit, a file of open marks costs some
 * thousand times its size. Beyond the limit a row is one line.
 */
const FIRST_AHEAD = 16 << 20
const MORE_AHEAD = 20
/** Text gathered before it is written. */
const CHUNK_CHARACTERS = 1 << 20

export interface Repaired {
  /** Rows that cannot be split, by their place among the records of the file. */
  readonly broken: readonly BrokenRow[]
}

/** Why a row cannot be split. */
const NOT_CLOSED = 'row: quotation marks in the wrong place'
const TOO_FEW = 'row: fewer values than the header has columns'
const TOO_MANY = 'row: more values than the header has columns'

/**
 * Writes a CSV file anew for the engine, which stops at a file whose lines end in several ways and takes all that follows an open
 * quotation mark for one value: lines end in LF, rows that cannot be split are left out and told, quotation marks escaped by a
 * backslash are doubled. A row whose mark is not closed costs itself only.
 */
export async function repairCsv(
  probe: Probe,
  shape: { readonly delimiter: string; readonly names: readonly string[] },
  target: string,
): Promise<Repaired> {
  const { delimiter, names } = shape
  const broken: BrokenRow[] = []
  const rows = repairedRows(probe, delimiter, names, broken)
  await pipeline(Readable.from(rows), createWriteStream(target, { mode: 0o600 }))
  return { broken }
}

/** The rows of the file written anew, some at a time; those that cannot be split go to `broken`. */
async function* repairedRows(
  probe: Probe,
  delimiter: string,
  names: readonly string[],
  broken: BrokenRow[],
): AsyncGenerator<string> {
  const lines = createLines(linesOf(probe))
  await lines.take(1)
  let text = `${names.map(quoted).join(delimiter)}\n`
  let ahead = FIRST_AHEAD
  for (let row = 1; ; ) {
    await lines.fill(1)
    const first = lines.at(0)
    if (first === undefined) break
    ahead += MORE_AHEAD * (first.length + 1)
    if (first === '') {
      await lines.take(1)
      continue
    }
    const record = await recordAt(lines, delimiter, names.length, ahead > 0 ? MOST_LINES : 1)
    if ('reason' in record) {
      ahead -= record.read
      broken.push({ file: 0, row, reason: record.reason })
      await lines.take(1)
    } else {
      text += `${record.cells.map(quoted).join(delimiter)}\n`
      await lines.take(record.lines)
    }
    row++
    if (text.length < CHUNK_CHARACTERS) continue
    yield text
    text = ''
  }
  yield text
}

/** The record that begins at the line at hand, or why that line is none, and how many characters were looked at in vain. */
async function recordAt(
  lines: Lines,
  delimiter: string,
  columns: number,
  mostLines: number,
): Promise<{ cells: string[]; lines: number } | { reason: string; read: number }> {
  let text = ''
  let read = 0
  for (let n = 1; n <= mostLines; n++) {
    await lines.fill(n)
    const line = lines.at(n - 1)
    if (line === undefined || (n > 1 && text.length + line.length > MOST_CHARACTERS)) break
    text = n === 1 ? line : `${text}\n${line}`
    // What is open stays open.
    if (n > 1 && !line.includes('"')) continue
    read += text.length
    const doubled = cellsOf(text, delimiter, '"')
    const escaped = text.includes('\\"') ? cellsOf(text, delimiter, '\\') : null
    for (const cells of [doubled, escaped]) {
      if (Array.isArray(cells) && cells.length === columns) return { cells, lines: n }
    }
    if (doubled !== 'open' && escaped !== 'open') {
      if (n > 1) break
      if (!Array.isArray(doubled)) return { reason: NOT_CLOSED, read }
      return { reason: doubled.length < columns ? TOO_FEW : TOO_MANY, read }
    }
  }
  return { reason: NOT_CLOSED, read }
}

/** The values of one row; "open" where its last value is not closed, null where marks stand in the wrong place. */
export function cellsOf(text: string, delimiter: string, escapedBy: '"' | '\\'): string[] | 'open' | null {
  const cells: string[] = []
  let i = 0
  for (;;) {
    let cell = ''
    if (text[i] === '"') {
      i++
      for (;;) {
        const c = text[i]
        if (c === undefined) return 'open'
        if (escapedBy === '\\' && c === '\\' && (text[i + 1] === '"' || text[i + 1] === '\\')) {
          cell += text[i + 1]
          i += 2
        } else if (c === '"' && text[i + 1] === '"') {
          cell += '"'
          i += 2
        } else if (c === '"') {
          i++
          break
        } else {
          cell += c
          i++
        }
      }
      if (i < text.length && text[i] !== delimiter) return null
    } else {
      const end = text.indexOf(delimiter, i)
      const stop = end < 0 ? text.length : end
      cell = text.slice(i, stop)
      i = stop
    }
    cells.push(cell)
    if (i >= text.length) return cells
    i++
    if (i === text.length) {
      cells.push('')
      return cells
    }
  }
}

/** A value as the engine reads it back: an empty one stays what it was, unquoted. */
function quoted(cell: string): string {
  return /["\n\r]|^\s|\s$/.test(cell) || /[,;\t|]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** Lines that are looked at before they are taken. */
interface Lines {
  at(index: number): string | undefined
  fill(count: number): Promise<void>
  take(count: number): Promise<void>
}

function createLines(source: AsyncIterator<string>): Lines {
  let waiting: string[] = []
  let from = 0
  const fill = async (count: number) => {
    while (waiting.length - from < count) {
      const { value, done } = await source.next()
      if (done === true) return
      waiting.push(value)
    }
  }
  return {
    at: index => waiting[from + index],
    fill,
    async take(count) {
      await fill(count)
      from += count
      if (from < 4096) return
      waiting = waiting.slice(from)
      from = 0
    },
  }
}

/** The lines of a file, whatever they end in: LF, CR LF or CR alone. */
async function* linesOf(probe: Probe): AsyncGenerator<string> {
  // Pieces of a line that has not ended: joined once, since a file may be one line.
  let pieces: string[] = []
  let cr = ''
  for await (const chunk of textOf(probe)) {
    const text = cr + chunk
    // A CR at the end may be half of a CR LF.
    cr = text.endsWith('\r') ? '\r' : ''
    const parts = text.slice(0, text.length - cr.length).split(/\r\n|\n|\r/)
    const rest = parts.pop()!
    if (parts.length > 0) {
      yield pieces.join('') + parts[0]!
      yield* parts.slice(1)
      pieces = []
    }
    pieces.push(rest)
  }
  const last = pieces.join('')
  if (last !== '') yield last
}

/** The unzipped content; an error of reading ends it, too. */
function unzipped(path: string): Readable {
  return pipe(createReadStream(path), createGunzip({ chunkSize: 1 << 20 }), () => {})
}

async function* textOf(probe: Probe): AsyncGenerator<string> {
  const stream =
    probe.compression === 'none'
      ? createReadStream(probe.path, { highWaterMark: 1 << 20 })
      : probe.compression === 'gzip'
        ? unzipped(probe.path)
        : Readable.from([readDecompressed(probe)])
  const decoder = new TextDecoder('utf-8')
  for await (const chunk of stream) yield decoder.decode(chunk as Buffer, { stream: true })
  yield decoder.decode()
}
