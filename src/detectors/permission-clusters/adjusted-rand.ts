/**
 * Agreement of two partitions of the same things, corrected for chance (Hubert & Arabie 1985, eq. 5): 1 equal, 0 as chance.
 * Weighted: thing i counts as `weight[i]` things. Two partitions that are both trivial (all in one, or equal) give 1.
 */
export function adjustedRandIndex(a: Int32Array, b: Int32Array, weight?: ArrayLike<number>): number {
  const cells = new Map<string, number>()
  const left = new Map<number, number>()
  const right = new Map<number, number>()
  let n = 0
  for (let i = 0; i < a.length; i++) {
    const w = weight ? weight[i]! : 1
    n += w
    const cell = `${a[i]},${b[i]}`
    cells.set(cell, (cells.get(cell) ?? 0) + w)
    left.set(a[i]!, (left.get(a[i]!) ?? 0) + w)
    right.set(b[i]!, (right.get(b[i]!) ?? 0) + w)
  }
  const together = pairs(cells.values())
  const byLeft = pairs(left.values())
  const byRight = pairs(right.values())
  const all = (n * (n - 1)) / 2
  const expected = all === 0 ? 0 : (byLeft * byRight) / all
  const highest = (byLeft + byRight) / 2
  return highest === expected ? 1 : (together - expected) / (highest - expected)
}

function pairs(counts: Iterable<number>): number {
  let sum = 0
  for (const count of counts) sum += (count * (count - 1)) / 2
  return sum
}
