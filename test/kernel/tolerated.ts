import type { ColumnCells, Columns } from '../oracle/columns.ts'

/** Differences from version 0.1 that are known and explained. */
export interface Tolerated {
  readonly columns: RegExp
  /** Rows that may differ in one of the columns. */
  readonly mostRows: number
  /** Largest difference relative to max(1, |expected|). */
  readonly bound: number
  readonly cause: string
}

/** A table in which differing cells of some columns are replaced by the expected ones, and what differed. */
export interface Forgiven {
  readonly actual: Columns
  /** Differing rows of the column with most of them. */
  readonly rows: number
  /** Relative to max(1, |expected|); Infinity where one side is null. */
  readonly largest: number
}

/** As in compare.ts: sums of floats in another order. */
const BOUND = 1e-5

/** Forgives what some columns say otherwise; rows are matched by tenant, token and hour. */
export function withTolerated(expected: Columns, actual: Columns, tolerated: RegExp): Forgiven {
  const rowOf = new Map(Array.from({ length: expected.rows }, (_, row) => [keyOf(expected, row), row]))
  const places = Array.from({ length: actual.rows }, (_, row) => rowOf.get(keyOf(actual, row)) ?? -1)
  let rows = 0
  let largest = 0
  const columns = new Map(actual.columns)
  for (const [name, cells] of actual.columns) {
    const before = expected.columns.get(name)
    if (!tolerated.test(name) || before === undefined) continue
    let different = 0
    columns.set(
      name,
      places.map((place, row) => {
        if (place < 0) return cells[row] as number | null
        const difference = relative(before[place], cells[row])
        if (difference > BOUND) different++
        if (difference > BOUND && difference > largest) largest = difference
        return before[place] as number | null
      }),
    )
    rows = Math.max(rows, different)
  }
  return { actual: { ...actual, columns }, rows, largest }
}

function relative(
  expected: ColumnCells[number] | undefined,
  actual: ColumnCells[number] | undefined,
): number {
  if (typeof expected !== 'number' || typeof actual !== 'number')
    return expected === actual ? 0 : Number.POSITIVE_INFINITY
  return Math.abs(expected - actual) / Math.max(1, Math.abs(expected))
}

function keyOf({ columns }: Columns, row: number): string {
  return ['tenant_id', 'token_id', 'window_start'].map(name => columns.get(name)![row]).join('\n')
}
