import type { ColumnCells, Columns } from './columns.ts'

/** Two sums of the same doubles in another order, stored as 32-bit floats, lie far within it. */
const BOUND = 1e-5

const KEY = ['tenant_id', 'token_id', 'window_start'] as const

/** What two tables say differently of one column. */
export interface Difference {
  /** `row` for rows that only one of the tables has. */
  readonly column: string
  /** Rows that both tables have. */
  readonly compared: number
  readonly different: number
  /** Differing rows in which two values are equally surprising: the tables named one each. */
  readonly tied: number
  /** The first row that differs and what the tables say of it, as text. */
  readonly first: string
  /** All of it in one line. */
  readonly report: string
}

/**
 * Columns in which the tables differ, each with its rows counted; empty where they are equal. Numbers may differ by {@link BOUND}
 * relative to max(1, |expected|); what is null has to be null. Which of several values an hour's worst is may differ in a tie alone: where
 * all else that the row says agrees. Rows are matched by tenant, token and hour; their order does not count.
 */
export function compareFeatures(expected: Columns, actual: Columns): Difference[] {
  return compareColumns(expected, actual).filter(({ different }) => different > 0)
}

/** Columns in which ties were told apart otherwise: no differences, but to be known. */
export function tiedColumns(expected: Columns, actual: Columns): Difference[] {
  return compareColumns(expected, actual).filter(({ tied }) => tied > 0)
}

function compareColumns(expected: Columns, actual: Columns): Difference[] {
  const { pairs, lone } = matchRows(expected, actual)
  // Rows that agree in all but the columns of ties.
  const isAgreed = new Uint8Array(expected.rows).fill(1)
  const names = [...expected.names, ...actual.names.filter(name => !expected.columns.has(name))]
  const plain = names
    .filter(name => !isOfTie(name))
    .map(name =>
      compareColumn(name, row => {
        isAgreed[row] = 0
        return false
      }),
    )
  const ofTies = names
    .filter(isOfTie)
    .map(name => compareColumn(name, (row, other) => isAgreed[row] === 1 && isOtherValue(name, row, other)))
  const rows = difference('row', pairs.length, lone.length, 0, lone[0] ?? '')
  return [rows, ...plain, ...ofTies]

  function compareColumn(name: string, isTie: (row: number, other: number) => boolean): Difference {
    const before = expected.columns.get(name)
    const after = actual.columns.get(name)
    if (before === undefined || after === undefined)
      return difference(
        name,
        0,
        pairs.length || 1,
        0,
        `only ${before === undefined ? 'the actual' : 'the expected'} table has it`,
      )
    let [different, tied, first] = [0, 0, '']
    for (const [row, other] of pairs) {
      if (isSame(before[row], after[other])) continue
      if (isTie(row, other)) tied++
      else different++
      if (first === '') first = `${keyOf(expected, row)}: ${text(before[row])} -> ${text(after[other])}`
    }
    return difference(name, pairs.length, different, tied, first)
  }

  /** Another value was named, not the same one with other peers. */
  function isOtherValue(name: string, row: number, other: number): boolean {
    const value = name.replace(/_peers$/, '')
    return !isSame(expected.columns.get(value)?.[row], actual.columns.get(value)?.[other])
  }
}

/** Whether a column says which of equally surprising values was named, or something of that value alone. */
function isOfTie(name: string): boolean {
  return name === 'foreign_object' || /_worst(_peers)?$/.test(name)
}

/** Rows of both tables, and those of one alone as text; a second row of a key counts as one of its own. */
function matchRows(expected: Columns, actual: Columns): { pairs: [number, number][]; lone: string[] } {
  const rowOf = new Map<string, number>()
  const lone: string[] = []
  for (let row = 0; row < actual.rows; row++) {
    const key = keyOf(actual, row)
    if (rowOf.has(key)) lone.push(`${key}: twice in the actual table`)
    else rowOf.set(key, row)
  }
  const pairs: [number, number][] = []
  for (let row = 0; row < expected.rows; row++) {
    const key = keyOf(expected, row)
    const other = rowOf.get(key)
    if (other === undefined) lone.push(`${key}: missing`)
    else pairs.push([row, other])
    rowOf.delete(key)
  }
  for (const key of rowOf.keys()) lone.push(`${key}: not expected`)
  return { pairs, lone }
}

function keyOf({ columns }: Columns, row: number): string {
  return KEY.map(name => text(columns.get(name)![row])).join(' ')
}

type Cell = ColumnCells[number] | undefined

function isUnknown(cell: Cell): boolean {
  return cell === null || cell === undefined || Number.isNaN(cell)
}

function isSame(expected: Cell, actual: Cell): boolean {
  if (isUnknown(expected) || isUnknown(actual)) return isUnknown(expected) && isUnknown(actual)
  if (typeof expected === 'number' && typeof actual === 'number')
    return expected === actual || Math.abs(expected - actual) <= BOUND * Math.max(1, Math.abs(expected))
  return expected === actual
}

function text(cell: Cell): string {
  return isUnknown(cell) ? 'null' : JSON.stringify(cell)
}

function difference(
  column: string,
  compared: number,
  different: number,
  tied: number,
  first: string,
): Difference {
  const ties = tied === 0 ? '' : `, ${tied} more in ties`
  const report = `${column}: ${different} of ${compared} rows differ${ties}${first === '' ? '' : `; first ${first}`}`
  return { column, compared, different, tied, first, report }
}
