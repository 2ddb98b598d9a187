/** Edits by which a misspelt name may differ from the meant one: a third of its letters, at least two. */
const allowance = (name: string) => Math.max(2, Math.floor(name.length / 3))

/**
 * The name that a misspelt one is most like (Levenshtein distance); undefined where none is close.
 *
 * @example nearestName('requests_tial', ['requests_tail', 'gap_tail']) // 'requests_tail'
 */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let least = allowance(name)
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) > least) continue
    const distance = distanceOf(name, candidate)
    if (distance > least || (distance === least && nearest !== undefined)) continue
    nearest = candidate
    least = distance
  }
  return nearest
}

/** `; did you mean requests_tail?`, or nothing. */
export function didYouMean(name: string, names: Iterable<string>): string {
  const nearest = nearestName(name, names)
  return nearest === undefined ? '' : `; did you mean ${nearest}?`
}

/** Letters to insert, delete or replace, row by row of Wagner & Fischer (1974). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])))
    row = next
  }
  return row[b.length]!
}
