import { existsSync } from 'node:fs'
import { type ColumnVerdict, checkColumns, type TableColumn } from '../filter/leak-check.ts'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import { type Engine, quoteName, quoteText } from '../sql/duckdb.ts'

export interface CheckLabelsOptions {
  /** Table to check: Parquet, CSV or JSONL. */
  readonly path: string
  /** Column that holds the label. */
  readonly label: string
  /** Values of it that are positive. @default 1, true, yes, and what begins with "out", "anom", "attack", "malic", "misuse", "bot" */
  readonly positive?: readonly string[]
  /** Columns that are not looked at, ids for instance. */
  readonly ignore?: readonly string[]
  readonly seed?: number
}

export interface CheckLabelsReport {
  readonly path: string
  readonly label: string
  readonly rows: number
  readonly positives: number
  /** Best first. */
  readonly columns: readonly ColumnVerdict[]
}

const POSITIVE = /^(1(\.0+)?|true|t|yes|y|(out|anom|attack|malic|misuse|bot).*)$/i

/** Judges each column of a labelled table by itself: one that decides the label alone makes every figure on the table worthless. */
export async function checkLabels(engine: Engine, options: CheckLabelsOptions): Promise<CheckLabelsReport> {
  const { path, label, positive, ignore = [] } = options
  if (!existsSync(path)) throw new KeyhoundError('not-found', `${path} does not exist`, { where: path })
  const source = /\.parquet$/i.test(path)
    ? `read_parquet(${quoteText(path)})`
    : /\.(jsonl|ndjson|json)(\.gz|\.zst)?$/i.test(path)
      ? `read_json(${quoteText(path)})`
      : `read_csv(${quoteText(path)})`
  const described = await engine.describe(`SELECT * FROM ${source}`).catch(error => {
    throw new KeyhoundError('bad-input', `${path} cannot be read as a table: ${messageOf(error)}`, {
      where: path,
    })
  })
  const names = described.map(column => column.name)
  if (!names.includes(label))
    throw new KeyhoundError('bad-input', `column "${label}" missing in ${path}; found: ${names.join(', ')}`, {
      where: path,
    })
  const chosen = described.filter(column => column.name !== label && !ignore.includes(column.name))
  const isNumber = (type: string) => /INT|DOUBLE|FLOAT|DECIMAL|REAL|BOOLEAN/.test(type) && !/\[/.test(type)
  const list = chosen.map(
    ({ name, type }) => `${quoteName(name)}::${isNumber(type) ? 'DOUBLE' : 'VARCHAR'} AS ${quoteName(name)}`,
  )
  const rows = await engine.rows<Record<string, number | string | null>>(
    `SELECT ${[...list, `${quoteName(label)}::VARCHAR AS ${quoteName(label)}`].join(', ')} FROM ${source}`,
  )
  const isPositive = (value: string) =>
    positive === undefined ? POSITIVE.test(value) : positive.includes(value)
  const labels = rows.map(row => (isPositive(String(row[label] ?? '').trim()) ? 1 : 0))
  const positives = labels.filter(one => one === 1).length
  if (positives === 0 || positives === rows.length)
    throw new KeyhoundError(
      'bad-input',
      `${positives} of ${rows.length} rows of ${path} have a positive "${label}"; it holds ${[...new Set(rows.map(row => String(row[label])))].slice(0, 5).join(', ')}: name the positive values with --positive`,
      { where: path },
    )
  const columns = chosen.map(
    ({ name, type }): TableColumn => ({
      name,
      values: isNumber(type)
        ? Float64Array.from(rows, row => (row[name] === null ? Number.NaN : Number(row[name])))
        : rows.map(row => row[name] as string | null),
    }),
  )
  return {
    path,
    label,
    rows: rows.length,
    positives,
    columns: checkColumns(columns, labels, { seed: options.seed ?? 1 }),
  }
}
