import { type BitSet, fullSet, keepShared, membersOf, toBitSet } from './bit-set.ts'

/** Who holds what, without repeats: equal permission sets are one row, items held by the same rows one column. */
export interface Holdings {
  /** Columns that each row holds. */
  readonly rows: readonly BitSet[]
  /** Rows that hold each column. */
  readonly columns: readonly BitSet[]
  /** Indices of the sets that are each row. */
  readonly setsOf: readonly (readonly number[])[]
  /** Items that are each column. */
  readonly itemsOf: readonly (readonly number[])[]
}

/** A role as a biclique: every row holds every column, and no further row does. */
export interface Biclique {
  readonly rows: BitSet
  readonly columns: BitSet
}

/** Gathers the sets (sorted item indices below `items`); an empty set is no row, an item that nobody holds no column. */
export function holdingsOf(sets: readonly Uint32Array[], items: number): Holdings {
  const setsOf = indicesByKey(sets)
  const rowsOfItem: number[][] = Array.from({ length: items }, () => [])
  setsOf.forEach(([first], row) => {
    for (const item of sets[first!]!) rowsOfItem[item]!.push(row)
  })
  const itemsOf = indicesByKey(rowsOfItem)
  const columns = itemsOf.map(([first]) => toBitSet(rowsOfItem[first!]!, setsOf.length))
  const columnsOfRow: number[][] = setsOf.map(() => [])
  columns.forEach((rows, column) => {
    for (const row of membersOf(rows)) columnsOfRow[row]!.push(column)
  })
  return { rows: columnsOfRow.map(of => toBitSet(of, columns.length)), columns, setsOf, itemsOf }
}

/** The rows that hold all of the given columns. */
export function holdersOf({ rows, columns }: Holdings, wanted: BitSet): BitSet {
  return sharedByAll(columns, wanted, rows.length)
}

/** The columns that all of the given rows hold. */
export function heldByAll({ rows, columns }: Holdings, holders: BitSet): BitSet {
  return sharedByAll(rows, holders, columns.length)
}

function sharedByAll(sets: readonly BitSet[], chosen: BitSet, size: number): BitSet {
  const shared = fullSet(size)
  for (const index of membersOf(chosen)) keepShared(shared, sets[index]!)
  return shared
}

/** Indices of equal non-empty lists together, by content: the order of the lists does not matter. */
function indicesByKey(lists: readonly ArrayLike<number>[]): number[][] {
  const byKey = new Map<string, number[]>()
  lists.forEach((list, index) => {
    if (list.length === 0) return
    const key = Array.prototype.join.call(list, ',')
    const same = byKey.get(key)
    if (same) same.push(index)
    else byKey.set(key, [index])
  })
  return [...byKey.keys()].sort().map(key => byKey.get(key)!)
}
