import { type Engine, quoteName, quoteText } from '../sql/duckdb.ts'
import type { BrokenRow, LogColumn, OpenLog } from './log.ts'
import { SAMPLE_RECORDS } from './log.ts'
import { holdsNul } from './nul-bytes.ts'
import { badFile, type Probe } from './probe.ts'

/** Bytes of the longest row taken; longer ones are rejected on their own. DuckDB's default, and 10,000 usual rows. */
const MAX_LINE_BYTES = 2_000_000

const DELIMITERS = [',', '\t', ';', '|']

/** What a CSV file's header says. Files of equal `key` are split alike, so that one query reads them all. */
export interface CsvShape {
  readonly key: string
  readonly delimiter: string
  readonly names: readonly string[]
  /** The text after the header, as far as it was probed. */
  readonly body: string
}

/** Reads the header line of a probed CSV file; throws `bad-input` when it is none. */
export function csvShape(probe: Probe): CsvShape {
  const end = probe.head.search(/\r?\n/)
  if (end < 0 && probe.head.length > MAX_LINE_BYTES / 10) {
    throw badFile(probe.path, 'its first line is too long for a header of columns; is it CSV?')
  }
  const header = end < 0 ? probe.head : probe.head.slice(0, end)
  const delimiter = DELIMITERS.reduce((a, b) => (count(header, b) > count(header, a) ? b : a))
  const names = uniqueNames(splitRow(header, delimiter))
  if (names.some(isValue)) {
    throw badFile(
      probe.path,
      'its first line holds values, not names of columns; add a header line (values are not repeated here)',
    )
  }
  const lineEnd = end < 0 ? '' : probe.head[end]
  return {
    key: JSON.stringify([probe.compression, lineEnd, delimiter, names]),
    delimiter,
    names,
    body: probe.head.slice(end + 1),
  }
}

/** The engine's own name for a file's place in a list; a log with a column of this name is read file by file. */
const FILE_INDEX = 'file_index'

export function canShareQuery({ names }: CsvShape): boolean {
  return names.every(name => name.toLowerCase() !== FILE_INDEX)
}

/** Opens CSV files of one shape, each with a header line, as one log; every column is text. */
export async function openCsv(
  engine: Engine,
  { delimiter, names, body }: CsvShape,
  probes: readonly Probe[],
): Promise<OpenLog> {
  const files = probes.map(probe => probe.path)
  const columns: LogColumn[] = names.map(name => ({ name, type: 'VARCHAR' }))
  const options = [
    `[${files.map(quoteText).join(', ')}]`,
    'auto_detect = false',
    'header = true',
    `delim = ${quoteText(delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    `columns = {${names.map(name => `${quoteText(apart(name))}: 'VARCHAR'`).join(', ')}}`,
    `max_line_size = ${MAX_LINE_BYTES}`,
    `compression = ${quoteText(probes[0]!.compression)}`,
    'ignore_errors = true',
    'hive_partitioning = false',
  ].join(', ')
  const file = files.length === 1 ? '0' : FILE_INDEX
  const mayHoldNul = probes.some(({ compression, path }) => compression !== 'none' || holdsNul(path))
  const hasNul = columns.map(column => `contains(${quoteName(apart(column.name))}, chr(0))`).join(' OR ')
  return {
    format: 'csv',
    files,
    columns,
    sample: sampleRows(body, names, delimiter),
    value: name => quoteName(apart(name)),
    relation: keepErrors =>
      `SELECT *, ${file}::INTEGER AS kh_file, NULL::BIGINT AS kh_row FROM read_csv(${options}${keepErrors ? KEEP_ERRORS : ''})`,
    record: recordSql(columns),
    blank: 'false',
    broken: mayHoldNul ? `CASE WHEN ${hasNul} THEN ${quoteText(HAS_NUL)} END` : 'NULL',
    brokenRows: () => csvErrors(engine, files, 1),
    mayLoseRows: true,
    forgetErrors: () => dropErrors(engine),
    close: () => dropErrors(engine),
  }
}

export const HAS_NUL = 'row: holds a NUL byte'

export const KEEP_ERRORS = `, store_rejects = true, rejects_table = 'kh_errors', rejects_scan = 'kh_scans', rejects_limit = 0`

const ERROR_REASONS: Record<string, string> = {
  'MISSING COLUMNS': 'row: fewer values than the header has columns',
  'TOO MANY COLUMNS': 'row: more values than the header has columns',
  'UNQUOTED VALUE': 'row: a quotation mark is not closed',
  'LINE SIZE OVER MAXIMUM': `row: longer than ${MAX_LINE_BYTES} bytes`,
  'INVALID ENCODING': 'row: not UTF-8',
  'INVALID STATE': 'row: quotation marks in the wrong place',
}

/** Is this the reason of a row whose quotation marks the reader could not pair? */
export function isOpenQuote(reason: string): boolean {
  return reason === ERROR_REASONS['UNQUOTED VALUE'] || reason === ERROR_REASONS['INVALID STATE']
}

/**
 * Rows the CSV reader gave up on, once each, with our reason instead of its text, which quotes the row. Of several errors of a row
 * the last by name counts: a quotation mark out of place is why its values are too many.
 */
export async function csvErrors(
  engine: Engine,
  files: readonly string[],
  headerLines: number,
): Promise<BrokenRow[]> {
  const rows = await engine
    .rows<{ path: string; line: number; error: string }>(
      `SELECT s.file_path AS path, e.line, max(e.error_type::VARCHAR) AS error
FROM kh_errors e JOIN kh_scans s ON s.scan_id = e.scan_id AND s.file_id = e.file_id GROUP BY ALL ORDER BY ALL`,
    )
    .catch(() => [])
  return rows.map(({ path, line, error }) => ({
    file: files.indexOf(path),
    row: Math.max(1, line - headerLines),
    reason: ERROR_REASONS[error] ?? 'row: cannot be split into columns',
  }))
}

export async function dropErrors(engine: Engine): Promise<void> {
  await engine.run('DROP TABLE IF EXISTS kh_errors; DROP TABLE IF EXISTS kh_scans')
}

/** The name of a log's column in statements: one that is named like a helper of ours gets another. */
export function apart(name: string): string {
  return /^(kh_|file_row_number$)/i.test(name) ? `own ${name}` : name
}

/** The whole record as one text; unit and record separators keep neighbours and nulls apart. */
export function recordSql(columns: readonly LogColumn[]): string {
  const parts = columns.map(column => `coalesce(${quoteName(apart(column.name))}::VARCHAR, chr(30))`)
  return `concat_ws(chr(31), ${parts.join(', ')})`
}

const count = (text: string, part: string) => text.split(part).length - 1

/** A cell of the first line that can only be a value: a number, a moment, an address, a long code. */
function isValue(name: string): boolean {
  return /^-?[\d.:]+$/.test(name) || /^\d{4}-\d{2}-\d{2}/.test(name) || name.length > 100
}

function uniqueNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return names.map((name, i) => {
    const base = name === '' ? `column${i + 1}` : name
    const times = seen.get(base.toLowerCase()) ?? 0
    seen.set(base.toLowerCase(), times + 1)
    return times === 0 ? base : `${base}_${times + 1}`
  })
}

/** One CSV row; quotes doubled inside quotes (RFC 4180). */
export function splitRow(line: string, delimiter: string): string[] {
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!
    if (quoted && c === '"' && line[i + 1] === '"') cell += line[++i]
    else if (c === '"') quoted = !quoted
    else if (!quoted && c === delimiter) {
      cells.push(cell.trim())
      cell = ''
    } else cell += c
  }
  cells.push(cell.trim())
  return cells
}

function sampleRows(text: string, names: readonly string[], delimiter: string): Record<string, unknown>[] {
  return text
    .split(/\r?\n/)
    .slice(0, SAMPLE_RECORDS)
    .map(line => splitRow(line, delimiter))
    .filter(cells => cells.length === names.length)
    .map(cells => Object.fromEntries(names.map((name, i) => [name, cells[i]])))
}
