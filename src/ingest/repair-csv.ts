import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { readDecompressed } from './compression.ts'
import type { BrokenRow } from './log.ts'
import type { Probe } from './probe.ts'

/** Lines that one value in quotation marks may go over: longer ones are a mark that was never closed. */
const MOST_LINES = 100
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
  const out = createWriteStream(target, { mode: 0o600 })
  const broken: BrokenRow[] = []
  let text = ''
  const write = async (row: string, enough = CHUNK_CHARACTERS) => {
    text += row
    if (text.length < enough) return
    if (!out.write(text)) await once(out, 'drain')
    text = ''
  }
  const lines = createLines(linesOf(probe))
  await lines.take(1)
  await write(`${names.map(quoted).join(delimiter)}\n`)
  for (let row = 1; ; ) {
    await lines.fill(1)
    const first = lines.at(0)
    if (first === undefined) break
    if (first === '') {
      await lines.take(1)
      continue
    }
    const record = await recordAt(lines, delimiter, names.length)
    if (typeof record === 'string') {
      broken.push({ file: 0, row, reason: record })
      await lines.take(1)
    } else {
      await write(`${record.cells.map(quoted).join(delimiter)}\n`)
      await lines.take(record.lines)
    }
    row++
  }
  await write('', 0)
  out.end()
  await once(out, 'close')
  return { broken }
}

/** The record that begins at the line at hand, or why that line is none. */
async function recordAt(
  lines: Lines,
  delimiter: string,
  columns: number,
): Promise<{ cells: string[]; lines: number } | string> {
  let text = ''
  for (let n = 1; n <= MOST_LINES; n++) {
    await lines.fill(n)
    const line = lines.at(n - 1)
    if (line === undefined) break
    text = n === 1 ? line : `${text}\n${line}`
    const doubled = cellsOf(text, delimiter, '"')
    const escaped = text.includes('\\"') ? cellsOf(text, delimiter, '\\') : null
    for (const cells of [doubled, escaped]) {
      if (Array.isArray(cells) && cells.length === columns) return { cells, lines: n }
    }
    if (doubled !== 'open' && escaped !== 'open') {
      if (n > 1) break
      if (!Array.isArray(doubled)) return NOT_CLOSED
      return doubled.length < columns ? TOO_FEW : TOO_MANY
    }
  }
  return NOT_CLOSED
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
  let rest = ''
  for await (const chunk of textOf(probe)) {
    // A CR at the end may be half of a CR LF.
    const parts = (rest + chunk).split(/\r\n|\n|\r(?!$)/)
    rest = parts.pop()!
    yield* parts
  }
  rest = rest.replace(/\r$/, '')
  if (rest !== '') yield rest
}

async function* textOf(probe: Probe): AsyncGenerator<string> {
  const stream =
    probe.compression === 'none'
      ? createReadStream(probe.path, { highWaterMark: 1 << 20 })
      : probe.compression === 'gzip'
        ? createReadStream(probe.path).pipe(createGunzip({ chunkSize: 1 << 20 }))
        : Readable.from([readDecompressed(probe)])
  const decoder = new TextDecoder('utf-8')
  for await (const chunk of stream) yield decoder.decode(chunk as Buffer, { stream: true })
  yield decoder.decode()
}
