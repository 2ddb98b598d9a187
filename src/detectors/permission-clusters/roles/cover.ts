import {
  type BitSet,
  emptySet,
  has,
  isEmpty,
  isSubset,
  keepShared,
  membersOf,
  removeShared,
  sharedCount,
  toBitSet,
} from './bit-set.ts'
import { type Biclique, type Holdings, heldByAll, holdersOf } from './holdings.ts'

/** Cells (row, column) that no chosen role explains yet, both ways round. */
interface Unexplained {
  readonly rows: BitSet[]
  readonly columns: BitSet[]
}

/**
 * Bicliques that explain every cell. A cell (r, c) allows only roles within the holders of c and the columns of r; where the
 * unexplained cells in there form one biclique, it explains all that any role with that cell could, so it is taken without
 * loss. When no cell is left that forces its role, the biclique that explains most is taken and the reductions go on.
 */
export function coverWithRoles(holdings: Holdings): { roles: Biclique[]; forced: number } {
  const left: Unexplained = {
    rows: holdings.rows.map(row => row.slice()),
    columns: holdings.columns.map(column => column.slice()),
  }
  const roles: Biclique[] = []
  const take = (columns: BitSet) => {
    const rows = holdersOf(holdings, columns)
    const role = { rows, columns: heldByAll(holdings, rows) }
    for (const r of membersOf(role.rows)) removeShared(left.rows[r]!, role.columns)
    for (const c of membersOf(role.columns)) removeShared(left.columns[c]!, role.rows)
    roles.push(role)
  }
  let chosen = 0
  for (;;) {
    takeForced(holdings, left, take)
    const widest = largestBiclique(holdings, left)
    if (widest === null) return { roles, forced: roles.length - chosen }
    take(widest)
    chosen++
  }
}

function takeForced(holdings: Holdings, left: Unexplained, take: (columns: BitSet) => void): void {
  for (let found = true; found; ) {
    found = false
    for (let r = 0; r < holdings.rows.length; r++) {
      for (const c of membersOf(left.rows[r]!)) {
        // A role taken for an earlier cell of the row may have explained this one.
        if (!has(left.rows[r]!, c)) continue
        const columns = forcedBy(holdings, left, r, c)
        if (columns === null) continue
        take(columns)
        found = true
      }
    }
  }
}

/** Columns of the one role worth choosing for a cell; null where roles compete. */
function forcedBy(holdings: Holdings, left: Unexplained, r: number, c: number): BitSet | null {
  const own = holdings.rows[r]!
  const columns = emptySet(holdings.columns.length)
  const involved: number[] = []
  for (const row of membersOf(holdings.columns[c]!)) {
    if (sharedCount(left.rows[row]!, own) === 0) continue
    for (let w = 0; w < columns.length; w++) columns[w]! |= left.rows[row]![w]! & own[w]!
    involved.push(row)
  }
  return involved.every(row => isSubset(columns, holdings.rows[row]!)) ? columns : null
}

/** Grown from each column by whichever column explains most more, until none does; columns of the best, null when all is explained. */
function largestBiclique(holdings: Holdings, left: Unexplained): BitSet | null {
  let best: BitSet | null = null
  let most = 0
  for (let start = 0; start < holdings.columns.length; start++) {
    if (isEmpty(left.columns[start]!)) continue
    const { columns, explained } = grow(holdings, left, start)
    if (explained <= most) continue
    most = explained
    best = columns
  }
  return best
}

function grow(holdings: Holdings, left: Unexplained, start: number) {
  let rows = holdings.columns[start]!
  let columns = heldByAll(holdings, rows)
  let explained = explainedBy(left, rows, columns)
  for (;;) {
    const candidates = toBitSet([], holdings.columns.length)
    for (const r of membersOf(rows))
      for (let w = 0; w < candidates.length; w++) candidates[w]! |= left.rows[r]![w]!
    removeShared(candidates, columns)
    let better: { rows: BitSet; columns: BitSet } | null = null
    for (const c of membersOf(candidates)) {
      const fewer = rows.slice()
      keepShared(fewer, holdings.columns[c]!)
      const more = heldByAll(holdings, fewer)
      const now = explainedBy(left, fewer, more)
      if (now <= explained) continue
      explained = now
      better = { rows: fewer, columns: more }
    }
    if (better === null) return { columns, explained }
    ;({ rows, columns } = better)
  }
}

function explainedBy(left: Unexplained, rows: BitSet, columns: BitSet): number {
  let cells = 0
  for (const r of membersOf(rows)) cells += sharedCount(left.rows[r]!, columns)
  return cells
}
