import type { Random } from '../lib/random.ts'

/**
 * Fold of each row, 0 .. folds - 1: rows of one group always share a fold (an entity is never learned from and judged at once),
 * and positives are spread evenly (stratified group k-fold). Groups go, largest first, to the fold with the fewest positives, then
 * the fewest rows; equals in random order.
 */
export function groupedFolds(
  labels: ArrayLike<number>,
  groups: ArrayLike<number> | undefined,
  folds: number,
  random: Random,
): Uint8Array {
  const members = new Map<number, number[]>()
  for (let r = 0; r < labels.length; r++) {
    const group = groups ? groups[r]! : r
    const rows = members.get(group)
    if (rows) rows.push(r)
    else members.set(group, [r])
  }
  const tally = random
    .shuffle([...members.values()])
    .map(rows => ({ rows, positives: rows.reduce((sum, r) => sum + labels[r]!, 0) }))
    .sort((a, b) => b.positives - a.positives || b.rows.length - a.rows.length)
  const fold = new Uint8Array(labels.length)
  const load = Array.from({ length: folds }, () => ({ positives: 0, rows: 0 }))
  for (const { rows, positives } of tally) {
    const key = positives > 0 ? 'positives' : 'rows'
    let lightest = 0
    for (let f = 1; f < folds; f++) {
      const [a, b] = [load[f]!, load[lightest]!]
      if (a[key] < b[key] || (a[key] === b[key] && a.rows < b.rows)) lightest = f
    }
    load[lightest]!.positives += positives
    load[lightest]!.rows += rows.length
    for (const r of rows) fold[r] = lightest
  }
  return fold
}
