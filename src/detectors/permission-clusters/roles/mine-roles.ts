import { membersOf } from './bit-set.ts'
import { coverWithRoles } from './cover.ts'
import { type Biclique, type Holdings, holdingsOf } from './holdings.ts'
import { widenRoles } from './widen.ts'

/** A role: items that are held together. */
export interface MinedRole {
  /** Sorted item indices. */
  readonly items: Uint32Array
  /** Sorted indices of the sets that hold all of them. */
  readonly holders: Uint32Array
}

export interface MinedRoles {
  /** In the order of their first items. */
  readonly roles: readonly MinedRole[]
  /** Roles taken without loss; where that is every role, no cover has fewer. */
  readonly forced: number
}

/**
 * Finds few roles such that each permission set is exactly the union of the roles it contains, roles overlapping at will:
 * the role mining problem (Vaidya, Atluri & Guo 2007), a minimum cover of a bipartite graph by bicliques. Lossless reductions
 * take the roles that a cell leaves no choice about, a greedy choice the rest (Ene et al. 2008); then each role is
 * widened to what its holders share. For exact grants: in noisy use every chance absence is explained by a role of its own.
 * Nothing is drawn at random, and equal sets and unheld items change nothing.
 *
 * @param sets sorted item indices, each below `items`.
 */
export function mineRoles(sets: readonly Uint32Array[], items: number): MinedRoles {
  const holdings = holdingsOf(sets, items)
  const { roles, forced } = coverWithRoles(holdings)
  const found = widenRoles(holdings, roles).map(role => expand(holdings, role))
  return { roles: found.sort(byItems), forced }
}

function expand({ itemsOf, setsOf }: Holdings, { columns, rows }: Biclique): MinedRole {
  return {
    items: Uint32Array.from(membersOf(columns).flatMap(column => itemsOf[column]!)).sort(),
    holders: Uint32Array.from(membersOf(rows).flatMap(row => setsOf[row]!)).sort(),
  }
}

function byItems(a: MinedRole, b: MinedRole): number {
  for (let i = 0; i < Math.min(a.items.length, b.items.length); i++)
    if (a.items[i] !== b.items[i]) return a.items[i]! - b.items[i]!
  return a.items.length - b.items.length
}
