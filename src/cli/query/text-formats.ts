import type { Engine } from '../../sql/duckdb.ts'
import { isoTime, type Kind, type Projection, type ResultColumn } from './projection.ts'

/** Takes a piece of the result; resolves when there is room for more. */
export type Sink = (piece: string | Uint8Array) => Promise<void>

type Cell = string | number | bigint | boolean | null

/** CSV as in RFC 4180 with line feeds: a header line, unknown values empty, an empty text as "". */
export async function writeCsv(engine: Engine, { columns, sql }: Projection, sink: Sink): Promise<void> {
  await sink(`${columns.map(column => csvText(column.name)).join(',')}\n`)
  for await (const chunk of engine.stream(sql)) {
    const cells = chunk.columns as Cell[][]
    const rows = cells[0]?.length ?? 0
    let text = ''
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cells.length; c++)
        text += (c === 0 ? '' : ',') + csvCell(cells[c]![r]!, columns[c]!.kind)
      text += '\n'
    }
    await sink(text)
  }
}

function csvCell(value: Cell, kind: Kind): string {
  return typeof value === 'string' ? csvText(value) : cellText(value, kind)
}

function cellText(value: Cell, kind: Kind): string {
  if (value === null) return ''
  return kind === 'time' ? isoTime(value as number) : String(value)
}

function csvText(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** One JSON list of objects, a row a line. */
export async function writeJson(engine: Engine, { columns, sql }: Projection, sink: Sink): Promise<void> {
  const keys = columns.map(column => JSON.stringify(column.name))
  let isFirst = true
  await sink('[')
  for await (const chunk of engine.stream(sql)) {
    const cells = chunk.columns as Cell[][]
    const rows = cells[0]?.length ?? 0
    let text = ''
    for (let r = 0; r < rows; r++) {
      const fields = keys.map((key, c) => `${key}:${jsonCell(cells[c]![r]!, columns[c]!.kind)}`)
      text += `${isFirst ? '\n' : ',\n'}{${fields.join(',')}}`
      isFirst = false
    }
    await sink(text)
  }
  await sink('\n]\n')
}

/** Integers beyond 2^53 become texts: as JSON numbers most readers would round them. NaN and infinities are null. */
function jsonCell(value: Cell, kind: Kind): string {
  if (value === null) return 'null'
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`
  if (kind === 'json') return value as string
  if (kind === 'time') return `"${isoTime(value as number)}"`
  return JSON.stringify(value)
}

/** At most `limit` rows as texts for a table on the screen; `more` tells that rows were left out. */
export async function collectTexts(
  engine: Engine,
  { columns, sql }: Projection,
  limit: number,
): Promise<{ rows: string[][]; more: boolean }> {
  const rows: string[][] = []
  for await (const chunk of engine.stream(`SELECT * FROM (${sql}) LIMIT ${limit + 1}`)) {
    const cells = chunk.columns as Cell[][]
    for (let r = 0; r < (cells[0]?.length ?? 0); r++) {
      rows.push(cells.map((column, c) => cellText(column[r]!, columns[c]!.kind)))
    }
  }
  return { rows: rows.slice(0, limit), more: rows.length > limit }
}

export function isRightAligned(column: ResultColumn): boolean {
  return column.kind === 'number' || column.kind === 'integer'
}
