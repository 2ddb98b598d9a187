import { emptySet, has, isEmpty, isEqual, membersOf, removeShared, toBitSet } from './bit-set.ts'
import { type Biclique, type Holdings, heldByAll, holdersOf } from './holdings.ts'

/** Rounds over all roles at most; the sets of role_mining_hp come to rest within five. */
const MOST_ROUNDS = 20

/**
 * Among covers with the same number of roles, one whose roles are wide: each role in turn keeps only the rows that have a
 * cell no other role explains, and becomes all that those rows share. A person with two permissions that always come
 * together then holds one role instead of two, which is the shorter description; a role that explains nothing alone is dropped.
 */
export function widenRoles(holdings: Holdings, cover: readonly Biclique[]): Biclique[] {
  const roles = [...cover]
  for (let round = 0, changed = true; changed && round < MOST_ROUNDS; round++) {
    changed = false
    for (let k = 0; k < roles.length; k++) {
      const needing = rowsThatNeed(holdings, roles, k)
      if (isEmpty(needing)) {
        roles.splice(k, 1)
        k--
        changed = true
        continue
      }
      const columns = heldByAll(holdings, needing)
      if (isEqual(columns, roles[k]!.columns)) continue
      roles[k] = { columns, rows: holdersOf(holdings, columns) }
      changed = true
    }
  }
  return roles
}

/** Rows with a cell that only the role of this number explains. */
function rowsThatNeed({ rows }: Holdings, roles: readonly Biclique[], number: number) {
  const role = roles[number]!
  const needing: number[] = []
  for (const row of membersOf(role.rows)) {
    const rest = role.columns.slice()
    for (let k = 0; k < roles.length; k++)
      if (k !== number && has(roles[k]!.rows, row)) removeShared(rest, roles[k]!.columns)
    if (!isEmpty(rest)) needing.push(row)
  }
  return needing.length === 0 ? emptySet(rows.length) : toBitSet(needing, rows.length)
}
